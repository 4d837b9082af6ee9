// The order in which V's columns are stored is internal to DataMatrix: what has a row or an entry for each column
// is put into that order here, and back.
#include <algorithm>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf::detail {

// cycle by cycle
template <class U>
void gather_rows(std::span<const ColumnIndex> order, MatrixView<U> x) {
  std::vector<bool> is_done(order.size());
  std::vector<U> first(static_cast<std::size_t>(x.columns()));
  for (std::size_t begin = 0; begin < order.size(); ++begin) {
    if (is_done[begin]) continue;
    std::copy_n(x.row(static_cast<Index>(begin)), x.columns(), first.begin());
    std::size_t j = begin;
    for (auto from = static_cast<std::size_t>(order[j]); from != begin;
         from = static_cast<std::size_t>(order[j])) {
      std::copy_n(x.row(static_cast<Index>(from)), x.columns(), x.row(static_cast<Index>(j)));
      is_done[j] = true;
      j = from;
    }
    std::copy(first.begin(), first.end(), x.row(static_cast<Index>(j)));
    is_done[j] = true;
  }
}

template <class U>
void scatter_rows(std::span<const ColumnIndex> order, MatrixView<U> x) {
  std::vector<bool> is_done(order.size());
  std::vector<U> carried(static_cast<std::size_t>(x.columns()));
  for (std::size_t begin = 0; begin < order.size(); ++begin) {
    if (is_done[begin]) continue;
    std::copy_n(x.row(static_cast<Index>(begin)), x.columns(), carried.begin());
    std::size_t j = begin;
    do {
      j = static_cast<std::size_t>(order[j]);
      std::swap_ranges(carried.begin(), carried.end(), x.row(static_cast<Index>(j)));
      is_done[j] = true;
    } while (j != begin);
  }
}

template <class U>
ConstMatrixView<U> gathered_rows(std::span<const ColumnIndex> order, ConstMatrixView<U> x, Matrix<U>& own) {
  own = Matrix<U>::padded(x.rows(), x.columns());
  for (Index j = 0; j < x.rows(); ++j) {
    std::copy_n(x.row(order[static_cast<std::size_t>(j)]), x.columns(), own.row(j));
  }
  return std::as_const(own).view();
}

void rename_and_sort(std::span<const ColumnIndex> order, std::span<std::pair<Index, double>> entries) {
  if (order.empty()) return;
  for (auto& [column, value] : entries) column = order[static_cast<std::size_t>(column)];
  std::sort(entries.begin(), entries.end());
}

template void gather_rows(std::span<const ColumnIndex>, MatrixView<float>);
template void gather_rows(std::span<const ColumnIndex>, MatrixView<double>);
template void scatter_rows(std::span<const ColumnIndex>, MatrixView<float>);
template void scatter_rows(std::span<const ColumnIndex>, MatrixView<double>);
template ConstMatrixView<float> gathered_rows(std::span<const ColumnIndex>, ConstMatrixView<float>,
                                              Matrix<float>&);
template ConstMatrixView<double> gathered_rows(std::span<const ColumnIndex>, ConstMatrixView<double>,
                                               Matrix<double>&);

}  // namespace mpinmf::detail
