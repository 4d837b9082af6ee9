// minimise_in_both_orders on a V that is spread over ranks.
#pragma once

#include <functional>

#include "mpinmf/nmf.hpp"

namespace mpinmf::bench {

/// V and the factors of `start` are brought together on the root, which runs alone while the others wait;
/// `goes_on` is called there, as minimise_in_both_orders says. Collective. Throws SystemError where the root's
/// memory does not hold them.
void run_reference(const DataMatrix<double>& v, const Nmf<double>& start,
                   const std::function<bool(double loss)>& goes_on);

}  // namespace mpinmf::bench
