// Puts entries that come in any order into compressed rows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/placed_rows.hpp"
#include "entry_check.hpp"
#include "mpinmf/data_matrix.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// Some consecutive rows of a sparse matrix in the making.
template <class T>
class CsrBuilder {
 public:
  /// Row first_row + i will be given lengths[i] entries. `name` stands for the matrix in messages. @pre nothing is
  /// added to the entries
  CsrBuilder(const std::string& name, Index first_row, Index columns, std::vector<Index> lengths,
             const LoadOptions& options = {});
  /// Takes the entries that lie in its rows. Throws BadData for a bad one, and when a row is given more than was
  /// said.
  void add(std::span<const Entry> entries);
  /// From now on it takes those of some of its rows only, counted from its first.
  void take_rows(Index begin, Index end) {
    taken_begin_ = begin;
    taken_end_ = end;
  }
  double entry_bytes() const {
    return DataMatrix<T>::entry_bytes(static_cast<double>(offsets_.back()), true, value_bytes_);
  }
  /// Columns ascending in each row, duplicates summed, zeros dropped unless they are to be kept. They lie where
  /// the options say. Throws BadData when a row was given fewer entries than was said.
  CsrMemory<T> finish();
  /// How many of its entries were set to 0, being negative by no more than is allowed.
  Index clipped() const { return check_.clipped(); }
  /// How many finish has added to another in the same place.
  Index summed() const { return summed_; }

 private:
  [[noreturn]] void refuse_changed(Index row) const;
  Index tidy(Index row, Index from, Index to);
  Index tidy_unchecked(Index row, Index from, Index to);
  Index tidy_values(const T* values, Index from, Index count, Index to, T* to_values);
  void let_go(Index begin, Index end);

  std::string name_;
  bool transposed_;
  EntryCheck<T> check_;
  EntryCheck<T> known_;  // of sums, where that defers
  Index first_row_;
  std::vector<Index> next_;     // where the next entry of each row goes
  std::vector<Index> offsets_;  // where rows begin
  Index value_bytes_;
  CsrMemory<T> memory_;           // the offsets follow at the end
  std::optional<OwnCsr<T>> own_;  // that
  std::vector<T> values_of_row_;  // where they are narrow
  std::vector<std::pair<ColumnIndex, T>> scratch_;
  Index taken_begin_ = 0, taken_end_;  // rows
  std::size_t taken_ = 0;              // entries since what lies on disk was let go
  Index summed_ = 0;
};

/// Where the options put rows, once options.storage_type is decided.
RowPlace row_place(const LoadOptions& options);

/// Room for so many entries there.
template <class T>
CsrMemory<T> room_for(const LoadOptions& options, Index columns, Index stored);

extern template class CsrBuilder<float>;
extern template class CsrBuilder<double>;

struct TidyRow {
  Index kept = 0;    ///< entries that are left
  Index summed = 0;  ///< numbers, none of them 0, that were added to another in the same place
};

/// Sorts `count` entries of one row by column, sums duplicates and drops zeros, unless it keeps them, and puts the
/// result at to_columns and to_values, which may be the same place or lie before. `scratch` is reused.
template <class T>
TidyRow tidy_row(const ColumnIndex* columns, const T* values, Index count, ColumnIndex* to_columns, T* to_values,
                 std::vector<std::pair<ColumnIndex, T>>& scratch, bool keeps_zeros = false);

}  // namespace mpinmf::io
