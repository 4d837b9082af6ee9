#include "dead_components.hpp"

#include <algorithm>
#include <vector>

namespace mpinmf {
namespace {

constexpr double adds_nothing = 1e-30;

template <class T>
std::vector<double> largest_of_columns(ConstMatrixView<T> x) {
  std::vector<double> largest(static_cast<std::size_t>(x.columns()));
  for (Index i = 0; i < x.rows(); ++i) {
    for (std::size_t c = 0; c < largest.size(); ++c) {
      largest[c] = std::max(largest[c], static_cast<double>(x.row(i)[c]));
    }
  }
  return largest;
}

}  // namespace

template <class T>
Index dead_components(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht) {
  std::vector<double> of_w = largest_of_columns(w);
  v.comm().max(of_w);
  const std::vector<double> of_h = largest_of_columns(ht);
  const double entries = static_cast<double>(v.rows_global()) * static_cast<double>(v.columns()),
               least = adds_nothing * (v.summary().sum / entries);
  Index dead = 0;
  for (std::size_t c = 0; c < of_w.size(); ++c) dead += of_w[c] * of_h[c] <= least ? 1 : 0;
  return dead;
}

template Index dead_components(const DataMatrix<float>&, ConstMatrixView<float>, ConstMatrixView<float>);
template Index dead_components(const DataMatrix<double>&, ConstMatrixView<double>, ConstMatrixView<double>);

}  // namespace mpinmf
