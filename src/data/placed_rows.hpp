// The rows of a rank where or how they do not lie by default: in files of a scratch folder, with values in fewer
// bytes than they are computed with, or both.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "narrow_values.hpp"
#include "placed_array.hpp"

namespace mpinmf {

/// Where rows lie, and how their values do.
struct RowPlace {
  std::optional<machine::ScratchFolder> folder = {};  ///< none: in memory
  StorageType type = StorageType::automatic;

  template <class T>
  bool is_default() const {
    return !folder && !is_narrow<T>(type);
  }
};

/// Dense rows, or compressed ones, whose offsets stay in memory.
template <class T>
struct PlacedRows {
  Index rows = 0, columns = 0;
  std::vector<Index> offsets;  ///< rows + 1 where they are compressed, else empty
  PlacedArray<ColumnIndex> indices;
  PlacedArray<T> values;  ///< or
  std::optional<NarrowValues<T>> narrow;

  static std::shared_ptr<PlacedRows> dense(const RowPlace& place, Index rows, Index columns);
  static std::shared_ptr<PlacedRows> sparse(const RowPlace& place, Index columns, std::vector<Index> offsets);

  bool is_sparse() const { return !offsets.empty(); }
  /// Without values where these are narrow, likewise `matrix`.
  CsrView<T> csr() const {
    const auto stored = static_cast<std::size_t>(offsets.back());
    return {columns, offsets, indices.all().first(stored), narrow ? std::span<T>() : values.all().first(stored)};
  }
  MatrixView<T> matrix() const { return {values.data(), rows, columns, columns}; }
  /// Some of these rows, with their values widened in memory that the thread uses again once the panel is gone.
  /// @pre they are narrow
  RowPanel<T> widened(Index first_row, Index count) const;
  /// Once it is known where rows begin. @pre they are compressed; there are as many entries as was said, or fewer
  void take_offsets(std::vector<Index> known) {
    rows = static_cast<Index>(known.size()) - 1;
    offsets = std::move(known);
  }
  /// See ScratchFile.
  void let_go(Index first_row, Index count) const {
    let_go_entries(entries_before(first_row), entries_before(first_row + count));
  }
  void let_go_entries(Index begin, Index end) const;
  void move_window(Index first_row, Index count) const;
  /// Of a rank with so many threads.
  static constexpr double window_bytes(int threads, bool is_sparse) {
    return static_cast<double>(machine::ScratchFile::window_bytes) * threads * (is_sparse ? 2 : 1);
  }

 private:
  void make_values(const RowPlace& place, Index count);
  Index entries_before(Index row) const {
    return is_sparse() ? offsets[static_cast<std::size_t>(row)] : row * columns;
  }
};

/// Compressed rows of our own, wherever they lie, to be written to.
template <class T>
struct OwnCsr {
  Index columns = 0;
  std::span<const Index> offsets;
  std::span<ColumnIndex> indices;
  std::span<T> values;  ///< or
  NarrowValues<T>* narrow = nullptr;
  const PlacedRows<T>* placed = nullptr;  ///< where they lie there

  explicit OwnCsr(CsrRows<T>& rows)
      : columns(rows.columns), offsets(rows.offsets), indices(rows.indices), values(rows.values) {}
  explicit OwnCsr(PlacedRows<T>& rows)
      : columns(rows.columns),
        offsets(rows.offsets),
        indices(rows.indices.all()),
        values(rows.values.all()),
        narrow(rows.narrow ? &*rows.narrow : nullptr),
        placed(&rows) {}
  Index rows() const { return static_cast<Index>(offsets.size()) - 1; }
  T value(std::size_t q) const { return narrow == nullptr ? values[q] : (*narrow)[static_cast<Index>(q)]; }
  /// Returns whether such a value can be held there.
  bool set_value(std::size_t q, T value) const {
    if (narrow != nullptr) return narrow->set(static_cast<Index>(q), value);
    values[q] = value;
    return true;
  }
  void let_go(Index first_row, Index count) const {
    if (placed != nullptr) placed->let_go(first_row, count);
  }
};

/// Compressed rows, placed or not.
template <class T>
struct CsrMemory {
  CsrRows<T> plain;
  std::shared_ptr<PlacedRows<T>> placed;  ///< null: not

  OwnCsr<T> own() { return placed ? OwnCsr<T>(*placed) : OwnCsr<T>(plain); }
};

}  // namespace mpinmf
