// One workload in one precision with one loss: everything that is measured of it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "machine.hpp"
#include "workloads.hpp"

namespace mpinmf::bench {

struct CaseResult {
  std::string name, loss, precision;
  std::string origin;  ///< a file, or "generated"
  Shape shape;
  Spread sweep, iteration;            ///< seconds on the slowest rank
  std::optional<Spread> products;     ///< of the two products over all of V; Frobenius only
  std::optional<double> first_sweep;  ///< seconds of the one over factors fresh from decay
  double flops = 0, padded_flops = 0, bytes = 0;
  Limit limit;
};

/// Measures all that `arguments` ask for and hands each result to `take`, on every rank. Collective; throws what
/// loading and fitting throw.
void run_cases(const Comm& comm, const Arguments& arguments, const Machine& machine, int threads,
               const std::function<void(const CaseResult&)>& take);

}  // namespace mpinmf::bench
