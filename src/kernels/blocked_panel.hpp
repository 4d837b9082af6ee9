// Products of counts in blocks of columns with the factors, tile by tile, block by block.
#pragma once

#include <algorithm>

#include "blocks.hpp"
#include "mpinmf/row_panel.hpp"

namespace mpinmf {

/// work(lines, first, block) for what each tile and block of columns has of these rows: `first` of them is the
/// first line.
template <class T, class F>
void for_blocks(const BlockedPanel<T>& v, F&& work) {
  const BlockedRows<T>& all = v.all;
  for (Index row = v.first; row < v.first + v.row_count;) {
    const Index t = row / all.tile_rows, in_tile = row % all.tile_rows, height = all.rows_of_tile(t);
    const Index count = std::min(height - in_tile, v.first + v.row_count - row);
    for (Index block = 0; block < all.blocks(); ++block) {
      const std::uint32_t* ends = all.tile_ends(t) + block * height + in_tile;
      work(CountLines<T>{count, ends, all.tile_words(t), all.values}, row - v.first, block);
    }
    row += count;
  }
}
/// Rows of H or of the sums that a block of columns meets.
template <class T, class X>
X rows_of_block(const BlockedRows<T>& v, Index block, X x) {
  return x.middle_rows(v.first_column(block), v.first_column(block + 1) - v.first_column(block));
}

template <class T>
void cross_one(const BlockedPanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out) {
  for_blocks(v, [&](const CountLines<T>& lines, Index first, Index block) {
    vector_kernels<T>().cross_lines(lines, read(rows_of_block(v.all, block, ht)),
                                    mpinmf::block(out.middle_rows(first, lines.lines)), block > 0);
  });
}
/// A tile of W that takes more does not stay in the second-level cache while columns of V pass: with k = 100
/// (double) those take 1.03 of the time of rows.
constexpr Index most_bytes_of_near_tile = Index{1} << 20;

/// What whole tiles have of columns that lie in memory once more is gathered column by column.
template <class T>
void accumulate_one(const BlockedPanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s) {
  const bool is_near = v.all.tile_rows * w.stride() * Index{sizeof(T)} <= most_bytes_of_near_tile;
  const Index again = is_near ? v.all.columns_again : 0;
  for_blocks(v, [&](const CountLines<T>& lines, Index first, Index block) {
    const Index t = (v.first + first) / v.all.tile_rows;
    if (lines.lines == v.all.rows_of_tile(t) && v.all.first_column(block) < again) {
      if (block > 0) return;
      const CountLines<T> columns{again, v.all.tile_column_ends(t), v.all.tile_column_words(t), v.all.values};
      return vector_kernels<T>().cross_lines(columns, read(w.middle_rows(first, lines.lines)),
                                             mpinmf::block(s.middle_rows(0, again)), true);
    }
    vector_kernels<T>().accumulate_lines(lines, read(w.middle_rows(first, lines.lines)),
                                         mpinmf::block(rows_of_block(v.all, block, s)));
  });
}

}  // namespace mpinmf
