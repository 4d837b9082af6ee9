// What one sweep has to do at least: arithmetic and bytes, and the time that the machine needs for the larger.
#pragma once

#include <algorithm>

#include "losses/sweep_flops.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::bench {

/// What the counts depend on.
struct Shape {
  Index rows = 0, columns = 0, components = 0;
  Index stored = 0;  ///< entries held (dense: all)
  bool sparse = false;
  Index element_bytes = 8;
};

/// Multiplications and additions when k counts as whole vectors, which is what the processor does.
inline double flops_with_padding(const Shape& s, const Loss& loss) {
  const Index per_vector = vector_bytes / s.element_bytes;
  const Index padded = (s.components + per_vector - 1) / per_vector * per_vector;
  return flops_of_a_sweep({s.rows, s.columns, s.stored}, padded, loss);
}

/// V once (sparse: a value and a 32-bit column an entry, a 64-bit offset a row), W read and written, H and its
/// sums once in each rank.
inline double bytes_of_a_sweep(const Shape& s, int ranks) {
  const Index entry_bytes = s.element_bytes + (s.sparse ? 4 : 0);
  const Index v = s.stored * entry_bytes + (s.sparse ? (s.rows + 1) * 8 : 0);
  const Index w = 2 * s.rows * s.components * s.element_bytes;
  const Index h = 2 * s.columns * s.components * s.element_bytes * ranks;
  return static_cast<double>(v + w + h);
}

/// What all ranks together reach.
struct Rates {
  double flops = 0;  ///< a second, in the precision at hand
  double bytes = 0;  ///< a second
};

struct Limit {
  double seconds = 0;
  bool by_flops = true;  ///< else by bytes
};

/// No sweep can be faster than max(flops / peak, bytes / bandwidth).
inline Limit limit_of(double flops, double bytes, const Rates& rates) {
  const double arithmetic = flops / rates.flops, memory = bytes / rates.bytes;
  return {std::max(arithmetic, memory), arithmetic >= memory};
}

}  // namespace mpinmf::bench
