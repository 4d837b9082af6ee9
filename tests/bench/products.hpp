// What other codes do in an iteration: two products over all of V, V H' and W'V.
#pragma once

#include <memory>
#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf::bench {

/// Copies of what a rank owns, so that nothing of the library's own storage helps. V H' is rows_local x k, W'V is
/// n x k (transposed). The rows are dealt out to the threads; each gathers its own W'V, and these are added up.
template <class T>
class TwoProducts {
 public:
  virtual ~TwoProducts() = default;
  /// Both products. No communication.
  virtual void run() = 0;
  /// |<W, V H'> - <W'V, H>| / <W, V H'> of the last run: what differs by more than rounding is a wrong product.
  virtual double disagreement() const = 0;
};

/// Dense V: two calls of BLAS over all rows. Sparse V: compressed rows with 64-bit columns and offsets and plain
/// loops, as a general library for sparse matrices has them.
/// @pre w is rows_local x k, ht is n x k
template <class T>
std::unique_ptr<TwoProducts<T>> make_two_products(const DataMatrix<T>& v, ConstMatrixView<T> w,
                                                  ConstMatrixView<T> ht, int threads);

}  // namespace mpinmf::bench
