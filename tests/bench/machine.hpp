// What the machine can do, measured in the same run: matrix products and memory.
#pragma once

#include "timing.hpp"
#include "work_count.hpp"

namespace mpinmf::bench {

/// A second, of all ranks and their threads at once. The limits take the best run: what the machine can do.
/// Medians tell how quiet it was.
struct Reached {
  double best = 0, median = 0;
};

struct Bandwidth {
  Reached sum;            ///< bytes of s += a_i: reads only, as a sweep does nearly; taken as the limit
  Reached triad;          ///< bytes of a_i = b_i + s c_i, three arrays counted (STREAM)
  Index array_bytes = 0;  ///< of one array of one thread
};

struct Machine {
  Reached double_product, float_product;  ///< flops of DGEMM and SGEMM, square
  Bandwidth bandwidth;

  Rates rates(Index element_bytes) const {
    return {element_bytes == 8 ? double_product.best : float_product.best, bandwidth.sum.best};
  }
};

/// Measures with so many threads in each rank, at most `seconds` for each figure. Collective.
Machine measure_machine(const Comm& comm, int threads, double seconds);

}  // namespace mpinmf::bench
