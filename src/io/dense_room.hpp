// Dense rows in the making, wherever and however they will lie.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "csr_builder.hpp"
#include "data/placed_rows.hpp"
#include "entry_check.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf::io {

/// Some consecutive rows, zeros at first.
template <class T>
class DenseRoom {
 public:
  DenseRoom() = default;
  /// `first`: the number in V of the first of them.
  DenseRoom(const LoadOptions& options, Index first, Index rows, Index columns)
      : first_(first), rows_(rows), columns_(columns), missing_(options.missing) {
    const RowPlace place = row_place(options);
    if (place.is_default<T>()) {
      plain_ = Matrix<T>(rows, columns);
      view_ = plain_.view();
      return;
    }
    placed_ = PlacedRows<T>::dense(place, rows, columns);
    view_ = placed_->matrix();
    if (placed_->narrow) narrow_ = &*placed_->narrow;
  }

  Index rows() const { return rows_; }
  Index columns() const { return columns_; }
  T value(Index i, Index j) const { return narrow_ == nullptr ? view_(i, j) : (*narrow_)[i * columns_ + j]; }
  void set(Index i, Index j, T value, const EntryCheck<T>& check) const {
    if (narrow_ == nullptr) {
      view_(i, j) = value;
    } else if (!narrow_->set(i * columns_ + j, value)) {
      check.refuse_to_hold(value, first_ + i, j);
    }
  }
  /// A row to write to; null where values are held in fewer bits.
  T* row(Index i) const { return narrow_ == nullptr ? view_.row(i) : nullptr; }
  /// So many entries from the `begin`th on, row by row, from rows that lie and are held in the same way.
  void read(Index begin, Index count, T* out) const {
    narrow_ == nullptr ? static_cast<void>(std::copy_n(view_.data() + begin, count, out))
                       : narrow_->read(begin, count, out);
    if (placed_) placed_->let_go_entries(begin, begin + count);
  }
  void write(Index begin, std::span<const T> values) const {
    const auto end = begin + static_cast<Index>(values.size());
    for (Index q = begin; q < end && narrow_ != nullptr; ++q)
      narrow_->set(q, values[static_cast<std::size_t>(q - begin)]);
    if (narrow_ == nullptr) std::copy(values.begin(), values.end(), view_.data() + begin);
    if (placed_) placed_->let_go_entries(begin, end);
  }
  /// These rows are done with for now.
  void let_go(Index first, Index count) const {
    if (placed_) placed_->let_go(first, count);
  }
  DataMatrix<T> to_data(const Comm& comm, const Partition& partition, const std::string& name) {
    if (placed_) return DataMatrix<T>::from_partition(comm, partition, std::move(placed_), name, missing_);
    return DataMatrix<T>::from_partition(comm, partition, std::move(plain_), name, missing_);
  }

 private:
  Index first_ = 0, rows_ = 0, columns_ = 0;
  Missing missing_ = Missing::none;
  Matrix<T> plain_;
  std::shared_ptr<PlacedRows<T>> placed_;  // or
  MatrixView<T> view_;
  NarrowValues<T>* narrow_ = nullptr;
};

}  // namespace mpinmf::io
