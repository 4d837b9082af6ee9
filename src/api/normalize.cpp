#include "normalize.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace mpinmf {
namespace {

/// Calls work(c, x_ic) for all entries, row by row.
template <class T, class F>
void for_each_entry(MatrixView<T> x, F&& work) {
  for (Index i = 0; i < x.rows(); ++i) {
    T* row = x.row(i);
    for (std::size_t c = 0; c < static_cast<std::size_t>(x.columns()); ++c) work(c, row[c]);
  }
}

}  // namespace

template <class T>
std::vector<double> column_norms(const Comm& comm, ConstMatrixView<T> rows_local, Norm norm) {
  const auto k = static_cast<std::size_t>(rows_local.columns());
  std::vector<double> largest(k, 0.0), sums(k, 0.0);
  if (norm == Norm::none) return std::vector<double>(k, 1.0);
  for_each_entry(rows_local,
                 [&](std::size_t c, T x) { largest[c] = std::max(largest[c], static_cast<double>(x)); });
  comm.max(largest);
  for (double& scale : largest) scale = scale > 0 ? scale : 1;
  if (norm == Norm::max) return largest;
  // relative to the largest entry, because the square of 1e-292 would be 0
  for_each_entry(rows_local, [&](std::size_t c, T x) {
    const double share = static_cast<double>(x) / largest[c];
    sums[c] += norm == Norm::l2 ? share * share : share;
  });
  comm.sum(sums);
  comm.broadcast(std::span(sums));  // MPI does not promise the same bits everywhere
  for (std::size_t c = 0; c < k; ++c) {
    if (sums[c] > 0) largest[c] *= norm == Norm::l2 ? std::sqrt(sums[c]) : sums[c];
  }
  return largest;
}

template <class T>
void divide_columns(MatrixView<T> x, std::span<const double> scales) {
  assert(static_cast<Index>(scales.size()) == x.columns());
  for_each_entry(x,
                 [&](std::size_t c, T& entry) { entry = static_cast<T>(static_cast<double>(entry) / scales[c]); });
}

template <class T>
void multiply_columns(MatrixView<T> x, std::span<const double> scales) {
  assert(static_cast<Index>(scales.size()) == x.columns());
  for_each_entry(x,
                 [&](std::size_t c, T& entry) { entry = static_cast<T>(static_cast<double>(entry) * scales[c]); });
}

template std::vector<double> column_norms(const Comm&, ConstMatrixView<float>, Norm);
template std::vector<double> column_norms(const Comm&, ConstMatrixView<double>, Norm);
template void divide_columns(MatrixView<float>, std::span<const double>);
template void divide_columns(MatrixView<double>, std::span<const double>);
template void multiply_columns(MatrixView<float>, std::span<const double>);
template void multiply_columns(MatrixView<double>, std::span<const double>);

}  // namespace mpinmf
