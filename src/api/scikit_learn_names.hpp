// Options whose values have names of scikit-learn's, too.
#pragma once

#include "option_table.hpp"

namespace mpinmf {

/// cd is hals.
OptionAccess rule_access();
/// custom is files.
OptionAccess start_access();

}  // namespace mpinmf
