// How V's rows are reached, wherever and however they lie.
#include <algorithm>

#include "made_rows.hpp"
#include "mpinmf/data_matrix.hpp"
#include "panel_memory.hpp"
#include "placed_rows.hpp"

namespace mpinmf {

template <class T>
T* DataMatrix<T>::Rows::own_values() {
  if (auto* dense = std::get_if<Matrix<T>>(&owned)) return dense->data();
  if (auto* rows = placed()) return rows->values.data();
  auto* sparse = std::get_if<CsrRows<T>>(&owned);
  return sparse == nullptr ? nullptr : sparse->values.data();
}

template <class T>
PlacedRows<T>* DataMatrix<T>::Rows::placed() const {
  const auto* rows = std::get_if<std::shared_ptr<PlacedRows<T>>>(&owned);
  return rows == nullptr ? nullptr : rows->get();
}

template <class T>
MadeRows<T>* DataMatrix<T>::Rows::made() const {
  const auto* rows = std::get_if<std::shared_ptr<MadeRows<T>>>(&owned);
  return rows == nullptr ? nullptr : rows->get();
}

template <class T>
bool DataMatrix<T>::makes_values() const {
  return rows_.made() != nullptr || (rows_.placed() != nullptr && rows_.placed()->narrow);
}

template <class T>
std::optional<OwnCsr<T>> DataMatrix<T>::Rows::own_csr() {
  if (auto* sparse = std::get_if<CsrRows<T>>(&owned)) return OwnCsr<T>(*sparse);
  if (placed() == nullptr || !placed()->is_sparse()) return std::nullopt;
  return OwnCsr<T>(*placed());
}

template <class T>
Index DataMatrix<T>::piece_rows() const {
  if (rows_.placed() == nullptr && !makes_values()) return std::max<Index>(rows_local(), 1);
  const Index piece = makes_values() ? made_at_once : Index{1} << 21;  // entries
  const Index stored = std::max<Index>(stored_before(rows_local()), 1);
  return std::clamp<Index>(rows_local() * piece / stored, 1, std::max<Index>(rows_local(), 1));
}

template <class T>
void DataMatrix<T>::let_go(Index first, Index count) const {
  if (const auto* made = rows_.made()) return made->plain().let_go(first, count);
  if (const auto* placed = rows_.placed()) placed->let_go(first, count);
}

template <class T>
void DataMatrix<T>::move_window(Index first, Index count) const {
  if (const auto* made = rows_.made()) return made->plain().move_window(first, count);
  if (const auto* placed = rows_.placed()) placed->move_window(first, count);
}

template <class T>
RowPanel<T> DataMatrix<T>::rows(Index first, Index count) const {
  if (const auto* made = rows_.made()) return made->rows(first, count);
  if (const auto* placed = rows_.placed(); placed != nullptr && placed->narrow)
    return placed->widened(first, count);
  if (const auto* dense = std::get_if<ConstMatrixView<T>>(&rows_.view)) {
    return DensePanel<T>{dense->middle_rows(first, count)};
  }
  if (in_blocks()) return BlockedPanel<T>{blocked_rows(), first, count};
  const auto& sparse = std::get<CsrView<T>>(rows_.view);
  if (is_complete_) {
    const Index begin = first * columns_;
    return DensePanel<T>{
        {sparse.values.data() + begin, count, columns_, columns_}, 0, sparse.weights.data() + begin};
  }
  const Index* offsets = sparse.offsets.data() + first;
  return SparsePanel<T>{
      .row_count = count,
      .column_count = columns_,
      .begins = offsets,
      .ends = offsets + 1,
      .indices = sparse.indices.data(),
      .values = sparse.values.data(),
      .weights = sparse.weights.empty() ? nullptr : sparse.weights.data(),
  };
}

template <class T>
Index DataMatrix<T>::stored_before(Index row) const {
  if (const auto* sparse = std::get_if<CsrView<T>>(&rows_.view))
    return sparse->offsets[static_cast<std::size_t>(row)];
  return row * columns_;
}

template <class T>
Index DataMatrix<T>::longest_row() const {
  Index longest = 0;
  for (Index i = 0; i < rows_local(); ++i) longest = std::max(longest, stored_before(i + 1) - stored_before(i));
  return longest;
}

template <class T>
std::vector<Index> DataMatrix<T>::entries_of_columns() const {
  const auto* sparse = std::get_if<CsrView<T>>(&rows_.view);
  if (sparse == nullptr) return std::vector<Index>(static_cast<std::size_t>(columns_), rows_local());
  std::vector<Index> entries(static_cast<std::size_t>(columns_));
  for_pieces([&](Index first, Index count) {
    const RowPanel<T> piece = rows(first, count);
    for (Index i = 0; i < count; ++i) {
      piece.for_stored(i, [&](Index j, T) { ++entries[static_cast<std::size_t>(j)]; });
    }
  });
  return entries;
}

#define MPINMF_INSTANTIATE(T)                                       \
  template T* DataMatrix<T>::Rows::own_values();                    \
  template PlacedRows<T>* DataMatrix<T>::Rows::placed() const;      \
  template MadeRows<T>* DataMatrix<T>::Rows::made() const;          \
  template bool DataMatrix<T>::makes_values() const;                \
  template std::optional<OwnCsr<T>> DataMatrix<T>::Rows::own_csr(); \
  template Index DataMatrix<T>::piece_rows() const;                 \
  template void DataMatrix<T>::let_go(Index, Index) const;          \
  template void DataMatrix<T>::move_window(Index, Index) const;     \
  template RowPanel<T> DataMatrix<T>::rows(Index, Index) const;     \
  template Index DataMatrix<T>::stored_before(Index) const;         \
  template Index DataMatrix<T>::longest_row() const;                \
  template std::vector<Index> DataMatrix<T>::entries_of_columns() const;
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
