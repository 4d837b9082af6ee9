// A block of consecutive rows of V, dense or sparse: the unit of everything.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <variant>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

using ColumnIndex = std::int32_t;

/// Rows x columns numbers, row-major: the columns first_column, first_column + 1, ... of V. Does not own: good as
/// long as the DataMatrix (or whatever else) that it was made from.
template <class T>
struct DensePanel {
  ConstMatrixView<T> values;
  Index first_column = 0;
  const T* weights = nullptr;  ///< of the entries, which lie as the values do; null: all are 1

  Index rows() const { return values.rows(); }
  Index columns() const { return values.columns(); }
  Index stored() const { return rows() * columns(); }
  template <class F>
  void for_stored(Index i, F&& f) const {
    for (Index j = 0; j < columns(); ++j) f(first_column + j, values(i, j));
  }
  template <class F>
  void for_weights(Index i, F&& f) const {
    for (Index j = 0; weights != nullptr && j < columns(); ++j)
      f(first_column + j, weights[i * values.stride() + j]);
  }
};

/// Rows in compressed form. Row i has the entries begins[i] .. ends[i] - 1 of `indices` and `values`; they lie in
/// the columns first_column, first_column + 1, ... of V, ascending in a row. Does not own, as above.
template <class T>
struct SparsePanel {
  Index row_count, column_count;
  const Index *begins, *ends;  // row_count each
  const ColumnIndex* indices;
  const T* values;
  Index first_column = 0;
  const T* weights = nullptr;  ///< of the entries, beside their values; null: all are 1

  Index rows() const { return row_count; }
  Index columns() const { return column_count; }
  Index stored() const {
    Index sum = 0;
    for (Index i = 0; i < row_count; ++i) sum += ends[i] - begins[i];
    return sum;
  }
  template <class F>
  void for_stored(Index i, F&& f) const {
    for (Index q = begins[i]; q < ends[i]; ++q) f(Index{indices[q]}, values[q]);
  }
  template <class F>
  void for_weights(Index i, F&& f) const {
    for (Index q = begins[i]; weights != nullptr && q < ends[i]; ++q) f(Index{indices[q]}, weights[q]);
  }
};

/// All rows of a rank whose entries are counts, in tiles of rows, block of columns by block. A line is what one
/// row has in one block. Tile t, of the rows t tile_rows, t tile_rows + 1, ..., has its lines in `line_ends` from
/// tile_ends(t) on, all of its rows for the first block, then all for the second, and so on: line l has the
/// entries line_ends[l] .. line_ends[l + 1] - 1 of those of the tile, which begin at offsets[t tile_rows]. An
/// entry is one word: its column, counted from the first of the block, and its value.
///
/// The entries of the first `columns_again` columns, a whole number of blocks, are there once more, column by
/// column: column j of tile t has the words column_ends[j] .. column_ends[j + 1] - 1 (counted from those of the
/// tile, as above), and the lower bits of such a word are a row of the tile. They lie in the memory of the values,
/// which words hold as well. Does not own, as above.
template <class T>
struct BlockedRows {
  static constexpr int column_bits = 16;  ///< the lower ones of a word; the value has the others
  Index rows, columns, tile_rows;
  std::span<const Index> offsets;              ///< rows + 1
  std::span<const ColumnIndex> first_columns;  ///< of each block, and `columns` at the end
  const std::uint32_t* line_ends;
  const std::uint32_t* words;
  Index columns_again;
  const std::uint32_t* column_ends;
  const T* memory_of_values;
  const T* values;  ///< that of each count, which is the count itself

  Index blocks() const { return static_cast<Index>(first_columns.size()) - 1; }
  Index rows_of_tile(Index t) const { return std::min(tile_rows, rows - t * tile_rows); }
  const std::uint32_t* tile_ends(Index t) const { return line_ends + t * (tile_rows * blocks() + 1); }
  const std::uint32_t* tile_words(Index t) const {
    return words + offsets[static_cast<std::size_t>(t * tile_rows)];
  }
  const std::uint32_t* tile_column_ends(Index t) const { return column_ends + t * (columns_again + 1); }
  const std::uint32_t* tile_column_words(Index t) const {
    return reinterpret_cast<const std::uint32_t*>(memory_of_values +
                                                  offsets[static_cast<std::size_t>(t * tile_rows)]);
  }
  Index first_column(Index block) const { return first_columns[static_cast<std::size_t>(block)]; }
};

/// Some of these rows.
template <class T>
struct BlockedPanel {
  BlockedRows<T> all;
  Index first, row_count;

  Index rows() const { return row_count; }
  Index columns() const { return all.columns; }
  Index stored() const {
    const Index* offsets = all.offsets.data() + first;
    return offsets[row_count] - offsets[0];
  }
  template <class F>
  void for_stored(Index i, F&& f) const {
    const Index row = first + i, t = row / all.tile_rows;
    const std::uint32_t *ends = all.tile_ends(t) + row % all.tile_rows, *words = all.tile_words(t);
    for (Index block = 0; block < all.blocks(); ++block, ends += all.rows_of_tile(t)) {
      for (std::uint32_t q = ends[0]; q < ends[1]; ++q) {
        const std::uint32_t column = words[q] % (1U << all.column_bits), count = words[q] >> all.column_bits;
        f(all.first_column(block) + column, all.values[count]);
      }
    }
  }
};

/// One of them. Only src/kernels asks which.
template <class T>
class RowPanel {
 public:
  RowPanel(const DensePanel<T>& panel) : panel_(panel) {}
  RowPanel(const SparsePanel<T>& panel) : panel_(panel) {}
  RowPanel(const BlockedPanel<T>& panel) : panel_(panel) {}
  /// The same for rows that lie in `memory`, made for this panel.
  template <class Panel>
  RowPanel(const Panel& panel, std::shared_ptr<const void> memory) : panel_(panel), memory_(std::move(memory)) {}

  Index rows() const {
    return visit([](const auto& p) { return p.rows(); });
  }
  Index columns() const {
    return visit([](const auto& p) { return p.columns(); });
  }
  /// Number of stored entries (dense: all).
  Index stored() const {
    return visit([](const auto& p) { return p.stored(); });
  }
  /// Calls f(column, value) for the stored entries of row i, ascending.
  template <class F>
  void for_stored(Index i, F&& f) const {
    visit([&](const auto& panel) { panel.for_stored(i, f); });
  }
  /// Calls f(column, weight) for the stored entries of row i, where they have weights. @pre as in some_columns
  template <class F>
  void for_weights(Index i, F&& f) const {
    visit_whole_rows([&](const auto& panel) { panel.for_weights(i, f); });
  }
  /// The same rows with some of their columns only. Sparse rows need room for two places a row in `places`, which
  /// must last as long as the result. @pre they do not lie in blocks
  RowPanel some_columns(Index first, Index count, std::span<Index> places) const {
    if (const auto* dense = std::get_if<DensePanel<T>>(&panel_)) {
      const Index before = first - dense->first_column;
      const T* const weights = dense->weights == nullptr ? nullptr : dense->weights + before;
      return {DensePanel<T>{
                  {dense->values.data() + before, dense->rows(), count, dense->values.stride()}, first, weights},
              memory_};
    }
    const auto& sparse = std::get<SparsePanel<T>>(panel_);
    const std::span<Index> begins = places.first(places.size() / 2), ends = places.last(places.size() / 2);
    for (std::size_t i = 0; i < static_cast<std::size_t>(sparse.row_count); ++i) {
      const ColumnIndex* last = sparse.indices + sparse.ends[i];
      const ColumnIndex* begin = std::lower_bound(sparse.indices + sparse.begins[i], last, first);
      begins[i] = begin - sparse.indices;
      ends[i] = std::lower_bound(begin, last, first + count) - sparse.indices;
    }
    return {SparsePanel<T>{sparse.row_count, count, begins.data(), ends.data(), sparse.indices, sparse.values,
                           first, sparse.weights},
            memory_};
  }
  template <class F>
  decltype(auto) visit(F&& f) const {
    return std::visit(f, panel_);
  }
  /// The same for rows that do not lie in blocks.
  template <class F>
  decltype(auto) visit_whole_rows(F&& f) const {
    if (const auto* dense = std::get_if<DensePanel<T>>(&panel_)) return f(*dense);
    return f(std::get<SparsePanel<T>>(panel_));
  }

 private:
  std::variant<DensePanel<T>, SparsePanel<T>, BlockedPanel<T>> panel_;
  std::shared_ptr<const void> memory_;
};

}  // namespace mpinmf
