// Which counts can lie in tiles of rows and blocks of columns (BlockedRows in mpinmf/row_panel.hpp), and how these
// are cut. DataMatrix::lay_out brings them there and back, in place: the column of each entry (32 bits) becomes a
// word of its column within the block and of its value, so that a product reads 4 bytes an entry instead of 12
// (float: 8), and lines take up 4 bytes each. The memory of the values then holds the frequent columns once more,
// column by column, so that both products gather in registers.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// That a word has room for.
constexpr double largest_count = (1U << (32 - BlockedRows<double>::column_bits)) - 1;

/// Where blocks of columns begin, and the number of columns, for so many rows with so many entries in each column.
std::vector<ColumnIndex> block_columns(std::span<const Index> entries_of_columns, Index rows);

/// The first columns, a whole number of such blocks, that are frequent enough to lie in memory column by column
/// as well, for so many tiles.
Index columns_again(std::span<const Index> entries_of_columns, std::span<const ColumnIndex> first_columns,
                    Index tiles);

/// The most of them, for so many stored entries.
double most_column_blocks(Index columns, Index rows, double stored);

/// Whether entries are counts that fit a word.
template <class T>
bool are_counts(std::span<const T> values);
/// Whether 32 bits number the entries of any tile.
bool tiles_can_be_numbered(std::span<const Index> offsets, Index tile_rows);

}  // namespace mpinmf
