// The rows that a sweep reads.
#include "data/filled_rows.hpp"
#include "sweep.hpp"

namespace mpinmf {

/// What a thread's work space must have room for.
template <class T>
PanelSizes Sweep<T>::tile_sizes() const {
  const DataMatrix<T>& v = walk_.v();
  return {walk_.ranges().tile_rows, v.columns(), v.longest_row(), v.is_sparse()};
}

template <class T>
PanelRows<T> Sweep<T>::stored_rows(const ThreadRanges::Range& rows, MatrixView<T> w) const {
  const auto first = static_cast<std::size_t>(rows.first), count = static_cast<std::size_t>(rows.count);
  return {walk_.read(rows), w.middle_rows(rows.first, rows.count), walk_.v().row_squares().subspan(first, count)};
}

template <class T>
PanelRows<T> Sweep<T>::filled(int thread, const PanelRows<T>& rows, const FixedH<T>& h) {
  if (!walk_.v().has_unknown()) return rows;
  const std::span<double> squares =
      std::span<double>(squares_[static_cast<std::size_t>(thread)]).first(rows.row_squares.size());
  return {filled_rows<T>(rows.v, rows.w, h.ht, rows.row_squares, squares), rows.w, squares};
}

template <class T>
PanelRows<T> Sweep<T>::read(int thread, const ThreadRanges::Range& rows, MatrixView<T> w, const FixedH<T>& h) {
  return filled(thread, stored_rows(rows, w), h);
}

#define MPINMF_INSTANTIATE(T)                                                                   \
  template PanelSizes Sweep<T>::tile_sizes() const;                                             \
  template PanelRows<T> Sweep<T>::stored_rows(const ThreadRanges::Range&, MatrixView<T>) const; \
  template PanelRows<T> Sweep<T>::filled(int, const PanelRows<T>&, const FixedH<T>&);           \
  template PanelRows<T> Sweep<T>::read(int, const ThreadRanges::Range&, MatrixView<T>, const FixedH<T>&);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
