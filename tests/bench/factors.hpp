// Factors of a fitted model, for work below the front door.
#pragma once

#include <algorithm>

#include "mpinmf/nmf.hpp"
#include "solver/shared_h.hpp"

namespace mpinmf::bench {

/// With options.threads threads. @pre they are not 0
template <class T>
ResolvedOptions resolved_for(const DataMatrix<T>& v, const Options& options) {
  ThreadPlan threads;
  threads.threads = options.threads;
  return resolve(options, v.rows_global(), v.columns(), threads);
}

/// This rank's rows of W (rows_local x k, padded), and H.
template <class T>
struct Factors {
  Matrix<T> w;
  SharedH<T> h;

  /// Those of a model that was fitted to v.
  Factors(const DataMatrix<T>& v, const Nmf<T>& model, int threads)
      : w(Matrix<T>::padded(v.rows_local(), model.w().columns())), h(v.columns(), model.w().columns(), threads) {
    for (Index j = 0; j < v.columns(); ++j) std::copy_n(model.ht().row(j), w.columns(), h.ht().row(j));
    v.take_in(h.ht());
    for (Index i = 0; i < w.rows(); ++i) std::copy_n(model.w().row(i), w.columns(), w.row(i));
    h.refresh();
  }
};

}  // namespace mpinmf::bench
