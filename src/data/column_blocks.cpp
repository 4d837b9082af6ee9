#include "column_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "machine/team.hpp"
#include "placed_rows.hpp"

namespace mpinmf {
namespace {

/// So many rows of H, or of its sums, stay in the second-level cache with a tile of W (k = 20).
constexpr Index block_width = 4096;
/// A block is wider where its lines would hold fewer entries: finding a line takes as long as some entries.
constexpr Index least_line_entries = 4;
/// A block's columns lie in memory once more where they have so many entries in each tile: what a column's sums
/// take to load and store must be less than what each entry takes to find them.
constexpr Index least_column_entries = 8;

/// A word in memory that has held other types.
using StoredWord [[gnu::may_alias]] = std::uint32_t;

constexpr int column_bits = BlockedRows<float>::column_bits;
constexpr Index most_columns = Index{1} << column_bits;

/// The tiles of v, and words of one tile for each thread.
template <class T>
class Tiles {
 public:
  Tiles(const OwnCsr<T>& v, ColumnBlocks<T>& blocks, Index tile_rows, int threads)
      : v_(v), blocks_(blocks), tile_rows_(tile_rows), words_(static_cast<std::size_t>(threads)) {
    Index most = 0;
    for (Index t = 0; t < tiles(); ++t) most = std::max(most, offset(first_row(t + 1)) - offset(first_row(t)));
    for (auto& words : words_) words.resize(static_cast<std::size_t>(most));
  }
  Index tiles() const { return (v_.rows() + tile_rows_ - 1) / tile_rows_; }
  Index blocks() const { return static_cast<Index>(blocks_.first_columns.size()) - 1; }

  /// convert(tile, words) for each tile; then its words take the place of its indices.
  template <class F>
  void convert(F&& convert) {
    Team team(static_cast<int>(words_.size()));
    team.each([&](int part) {
      std::vector<std::uint32_t>& words = words_[static_cast<std::size_t>(part)];
      for (Index t = part; t < tiles(); t += team.parts()) {
        convert(t, words.data());
        const Index begin = offset(first_row(t)), count = offset(first_row(t + 1)) - begin;
        std::copy_n(words.data(), count, v_.indices.data() + begin);
        v_.let_go(first_row(t), rows(t));
      }
    });
  }
  /// The words of the columns that lie in memory once more take the place of a tile's values.
  void fill_columns(Index t, const std::uint32_t* words) {
    const Index columns = blocks_.columns_again;
    if (columns == 0) return;
    std::uint32_t* const ends = blocks_.column_ends.data() + t * (columns + 1);
    auto* const to = reinterpret_cast<StoredWord*>(v_.values.data() + begin(t));
    std::fill_n(ends, columns + 1, 0);
    for_words_again(t, words, [&](Index, Index j, std::uint32_t) { ++ends[j + 1]; });
    for (Index j = 0; j < columns; ++j) ends[j + 1] += ends[j];
    for_words_again(t, words, [&](Index r, Index j, std::uint32_t word) {
      to[ends[j]++] = static_cast<std::uint32_t>(r) | word >> column_bits << column_bits;
    });
    // each is now the end of its column, where the next one begins
    std::copy_backward(ends, ends + columns, ends + columns + 1);
    ends[0] = 0;
  }
  /// f(r, begin, end) for the rows of a tile, with the entries of each.
  template <class F>
  void for_rows(Index t, F&& f) const {
    for (Index i = first_row(t); i < first_row(t + 1); ++i) f(i - first_row(t), offset(i), offset(i + 1));
  }
  Index rows(Index t) const { return first_row(t + 1) - first_row(t); }
  Index begin(Index t) const { return offset(first_row(t)); }
  std::uint32_t* line_ends(Index t) const { return blocks_.line_ends.data() + t * (tile_rows_ * blocks() + 1); }

 private:
  /// f(row of the tile, column, word) for the words of columns that lie in memory once more, row by row in each
  /// block.
  template <class F>
  void for_words_again(Index t, const std::uint32_t* words, F&& f) const {
    const std::uint32_t* ends = line_ends(t);
    for (std::size_t block = 0; blocks_.first_columns[block] < blocks_.columns_again; ++block) {
      for (Index r = 0; r < rows(t); ++r, ++ends) {
        for (std::uint32_t q = ends[0]; q < ends[1]; ++q) {
          f(r, blocks_.first_columns[block] + static_cast<Index>(words[q] % most_columns), words[q]);
        }
      }
    }
  }
  Index first_row(Index t) const { return std::min(t * tile_rows_, v_.rows()); }
  Index offset(Index row) const { return v_.offsets[static_cast<std::size_t>(row)]; }

  OwnCsr<T> v_;
  ColumnBlocks<T>& blocks_;
  Index tile_rows_;
  std::vector<std::vector<std::uint32_t>> words_;
};

/// The column of each entry becomes a word of column and count, and the entries of a tile are put in the order of
/// its lines; then v.values become words, too.
template <class T>
void to_blocks(const OwnCsr<T>& v, ColumnBlocks<T>& blocks, Index tile_rows, int threads) {
  Tiles<T> tiles(v, blocks, tile_rows, threads);
  blocks.line_ends.resize(static_cast<std::size_t>(v.rows() * tiles.blocks() + tiles.tiles()));
  blocks.column_ends.resize(static_cast<std::size_t>(tiles.tiles() * (blocks.columns_again + 1)));
  const auto& first_columns = blocks.first_columns;
  const auto end_in_block = [&](Index q, Index end, std::size_t block) {
    while (q < end && v.indices[static_cast<std::size_t>(q)] < first_columns[block + 1]) ++q;
    return q;
  };
  tiles.convert([&](Index t, std::uint32_t* words) {
    std::uint32_t* const ends = tiles.line_ends(t);
    const Index rows = tiles.rows(t), lines = rows * tiles.blocks();
    ends[0] = 0;
    tiles.for_rows(t, [&](Index r, Index q, Index end) {
      for (Index block = 0; block < tiles.blocks(); ++block) {
        const Index next = end_in_block(q, end, static_cast<std::size_t>(block));
        ends[block * rows + r + 1] = static_cast<std::uint32_t>(next - q);
        q = next;
      }
    });
    for (Index l = 0; l < lines; ++l) ends[l + 1] += ends[l];
    tiles.for_rows(t, [&](Index r, Index q, Index) {
      for (Index block = 0; block < tiles.blocks(); ++block) {
        const ColumnIndex first = first_columns[static_cast<std::size_t>(block)];
        const std::uint32_t* const line = ends + block * rows + r;
        for (std::uint32_t to = line[0]; to < line[1]; ++to, ++q) {
          const auto entry = static_cast<std::size_t>(q);
          words[to] = static_cast<std::uint32_t>(v.indices[entry] - first) |
                      static_cast<std::uint32_t>(v.values[entry]) << column_bits;
        }
      }
    });
    tiles.fill_columns(t, words);
  });
  blocks.layout = Layout::blocks;
}

/// And back.
template <class T>
void to_rows(const OwnCsr<T>& v, ColumnBlocks<T>& blocks, Index tile_rows, int threads) {
  Tiles<T> tiles(v, blocks, tile_rows, threads);
  tiles.convert([&](Index t, std::uint32_t* columns) {
    const ColumnIndex* const words = v.indices.data() + tiles.begin(t);
    const Index rows = tiles.rows(t);
    std::uint32_t* to = columns;
    T* value = v.values.data() + tiles.begin(t);
    tiles.for_rows(t, [&](Index r, Index, Index) {
      for (Index block = 0; block < tiles.blocks(); ++block) {
        const auto first = static_cast<std::uint32_t>(blocks.first_columns[static_cast<std::size_t>(block)]);
        const std::uint32_t* const line = tiles.line_ends(t) + block * rows + r;
        for (std::uint32_t from = line[0]; from < line[1]; ++from) {
          const auto word = static_cast<std::uint32_t>(words[from]);
          *to++ = first + word % static_cast<std::uint32_t>(most_columns);
          *value++ = static_cast<T>(word >> column_bits);
        }
      }
    });
  });
  blocks.layout = Layout::rows;
}

}  // namespace

std::vector<ColumnIndex> block_columns(std::span<const Index> entries_of_columns, Index rows) {
  std::vector<ColumnIndex> first{0};
  const auto columns = static_cast<Index>(entries_of_columns.size());
  Index width = 0, entries = 0;
  for (Index j = 0; j < columns; ++j) {
    if (width == most_columns || (width >= block_width && entries >= least_line_entries * rows)) {
      first.push_back(static_cast<ColumnIndex>(j));
      width = entries = 0;
    }
    ++width;
    entries += entries_of_columns[static_cast<std::size_t>(j)];
  }
  first.push_back(static_cast<ColumnIndex>(columns));
  return first;
}

Index columns_again(std::span<const Index> entries_of_columns, std::span<const ColumnIndex> first_columns,
                    Index tiles) {
  Index again = 0;
  for (std::size_t block = 0; block + 1 < first_columns.size(); ++block) {
    const auto first = static_cast<std::size_t>(first_columns[block]),
               count = static_cast<std::size_t>(first_columns[block + 1]) - first;
    const std::span<const Index> entries = entries_of_columns.subspan(first, count);
    const Index sum = std::accumulate(entries.begin(), entries.end(), Index{0});
    if (sum < least_column_entries * tiles * static_cast<Index>(count)) break;
    again = first_columns[block + 1];
  }
  return again;
}

double most_column_blocks(Index columns, Index rows, double stored) {
  const double filled = stored / static_cast<double>(least_line_entries * std::max<Index>(rows, 1));
  return 1 + std::min(static_cast<double>(columns / block_width),
                      filled + static_cast<double>(columns / most_columns));
}

template <class T>
bool are_counts(std::span<const T> values) {
  return std::all_of(values.begin(), values.end(), [](T value) {
    return value <= static_cast<T>(largest_count) && static_cast<T>(static_cast<std::int32_t>(value)) == value;
  });
}

bool tiles_can_be_numbered(std::span<const Index> offsets, Index tile_rows) {
  const Index rows = static_cast<Index>(offsets.size()) - 1;
  for (Index i = 0; i < rows; i += tile_rows) {
    const Index end = offsets[static_cast<std::size_t>(std::min(i + tile_rows, rows))];
    if (end - offsets[static_cast<std::size_t>(i)] > std::numeric_limits<std::uint32_t>::max()) return false;
  }
  return true;
}

template <class T>
BlockedRows<T> DataMatrix<T>::blocked_rows() const {
  const OwnCsr<T> sparse = *rows_.own_csr();
  return {sparse.rows(),
          columns_,
          tile_rows_of_blocks(columns_),
          sparse.offsets,
          blocks_->first_columns,
          blocks_->line_ends.data(),
          reinterpret_cast<const std::uint32_t*>(sparse.indices.data()),
          blocks_->columns_again,
          blocks_->column_ends.data(),
          sparse.values.data(),
          blocks_->values.data()};
}

template <class T>
void DataMatrix<T>::lay_out(Layout layout, int threads) const {
  const bool to_be_in_blocks = layout == Layout::blocks;
  if (!blocks_ || in_blocks() == to_be_in_blocks) return;
  const OwnCsr<T> sparse = *rows_.own_csr();
  if (!to_be_in_blocks) return to_rows(sparse, *blocks_, tile_rows_of_blocks(columns_), threads);
  if (blocks_->first_columns.empty()) {
    // other ranks may have other numbers than counts
    blocks_->values.resize(static_cast<std::size_t>(std::min(summary_.maximum, largest_count)) + 1);
    std::iota(blocks_->values.begin(), blocks_->values.end(), T(0));
    const std::vector<Index> entries = entries_of_columns();
    blocks_->first_columns = block_columns(entries, rows_local());
    const Index height = tile_rows_of_blocks(columns_), tiles = (rows_local() + height - 1) / height;
    blocks_->columns_again = columns_again(entries, blocks_->first_columns, tiles);
  }
  to_blocks(sparse, *blocks_, tile_rows_of_blocks(columns_), threads);
}

template <class T>
double DataMatrix<T>::layout_bytes(Index rows, Index columns, double stored) {
  const Index tile = std::min(rows, tile_rows_of_blocks(columns));
  const double tiles = std::ceil(static_cast<double>(rows) / static_cast<double>(std::max<Index>(tile, 1)));
  const double lines = most_column_blocks(columns, rows, stored) * static_cast<double>(rows);
  const double columns_again = std::min(tiles * static_cast<double>(columns), stored / least_column_entries);
  const double words_of_a_tile = stored / std::max(tiles, 1.0);
  return (lines + columns_again + words_of_a_tile) * sizeof(std::uint32_t);
}

#define MPINMF_INSTANTIATE(T)                                  \
  template bool are_counts(std::span<const T>);                \
  template BlockedRows<T> DataMatrix<T>::blocked_rows() const; \
  template void DataMatrix<T>::lay_out(Layout, int) const;     \
  template double DataMatrix<T>::layout_bytes(Index, Index, double);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
