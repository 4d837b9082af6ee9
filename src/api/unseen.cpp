#include "unseen.hpp"

#include <algorithm>

#include "data/walk.hpp"

namespace mpinmf {

template <class T>
Unseen unseen_parts(const DataMatrix<T>& v) {
  Unseen unseen;
  if (!v.has_unknown()) return unseen;
  std::vector<Index> of_columns;
  v.comm().meet([&] {
    of_columns.resize(static_cast<std::size_t>(v.columns()));
    const Walk<T> walk(v, row_ranges(v, 1, 1));
    walk.each([&](int, const ThreadRanges::Range& rows) {
      const RowPanel<T> tile = walk.read(rows);
      for (Index i = 0; i < rows.count; ++i) {
        Index unknown = 0;
        tile.for_stored(i, [&](Index j, T value) {
          if (value == value) return;
          ++unknown;
          ++of_columns[static_cast<std::size_t>(j)];
        });
        if (unknown == v.columns()) unseen.rows.push_back(rows.first + i);
      }
    });
  });
  v.comm().sum(of_columns);
  for (std::size_t j = 0; j < of_columns.size(); ++j) {
    if (of_columns[j] < v.rows_global()) continue;
    unseen.columns.push_back(v.column_order().empty() ? static_cast<Index>(j) : Index{v.column_order()[j]});
  }
  return unseen;
}
template Unseen unseen_parts(const DataMatrix<float>&);
template Unseen unseen_parts(const DataMatrix<double>&);

template <class T>
void clear_rows(const std::vector<Index>& rows, MatrixView<T> x) {
  for (const Index i : rows) std::fill_n(x.row(i), x.columns(), T{0});
}
template void clear_rows(const std::vector<Index>&, MatrixView<float>);
template void clear_rows(const std::vector<Index>&, MatrixView<double>);

}  // namespace mpinmf
