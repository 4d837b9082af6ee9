// The order in which V's columns are stored is internal to DataMatrix: what has a row or an entry for each column
// is put into that order here, and back.
#include <algorithm>
#include <numeric>
#include <tuple>

#include "mpinmf/data_matrix.hpp"
#include "placed_rows.hpp"
#include "sort_by_column.hpp"

namespace mpinmf {
namespace {

std::vector<ColumnIndex> by_falling_count(std::span<const Index> counts) {
  std::vector<ColumnIndex> order(counts.size());
  std::iota(order.begin(), order.end(), ColumnIndex{0});
  std::stable_sort(order.begin(), order.end(), [&](ColumnIndex a, ColumnIndex b) {
    return counts[static_cast<std::size_t>(a)] > counts[static_cast<std::size_t>(b)];
  });
  return order;
}

/// Makes column order[j] column j in some rows; columns ascend in a row again.
template <class T>
class ColumnRenamer {
 public:
  explicit ColumnRenamer(std::span<const ColumnIndex> order) : place_(order.size()) {
    for (std::size_t j = 0; j < order.size(); ++j) {
      place_[static_cast<std::size_t>(order[j])] = static_cast<ColumnIndex>(j);
    }
  }
  void rename(const OwnCsr<T>& rows, std::size_t i) {
    const auto begin = static_cast<std::size_t>(rows.offsets[i]),
               end = static_cast<std::size_t>(rows.offsets[i + 1]);
    row_.clear();
    for (std::size_t q = begin; q < end; ++q) {
      row_.emplace_back(place_[static_cast<std::size_t>(rows.indices[q])], rows.value(q));
    }
    detail::sort_by_column(row_);
    for (std::size_t q = begin; q < end; ++q) {
      rows.indices[q] = row_[q - begin].first;
      rows.set_value(q, row_[q - begin].second);
    }
  }

 private:
  std::vector<ColumnIndex> place_;
  std::vector<std::pair<ColumnIndex, T>> row_;
};

}  // namespace

template <class T>
void DataMatrix<T>::order_columns() {
  const std::optional<OwnCsr<T>> sparse = rows_.own_csr();
  if (!sparse || columns_ < least_ordered_columns || summary_.has_weights) return;
  std::vector<Index> entries;
  comm_.meet([&] { entries = entries_of_columns(); });
  comm_.sum(std::span<Index>(entries));
  comm_.meet([&] {
    column_order_ = by_falling_count(entries);
    ColumnRenamer<T> renamer(column_order_);
    for_pieces([&](Index first, Index count) {
      for (Index i = first; i < first + count; ++i) renamer.rename(*sparse, static_cast<std::size_t>(i));
    });
  });
}

template void DataMatrix<float>::order_columns();
template void DataMatrix<double>::order_columns();

}  // namespace mpinmf

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
