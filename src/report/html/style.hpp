// What makes the page look and act as it does.
#pragma once

#include <string_view>

namespace mpinmf::report::html {

extern const std::string_view style;
/// Headers of sortable tables become buttons. Without scripts all is there, as it stands.
extern const std::string_view script;

}  // namespace mpinmf::report::html
