#include "scratch_rows.hpp"

#include <utility>

namespace mpinmf {

template <class T>
std::shared_ptr<ScratchRows<T>> ScratchRows<T>::dense(const machine::ScratchFolder& folder, Index rows,
                                                      Index columns) {
  auto made = std::make_shared<ScratchRows>();
  made->columns = columns;
  made->values = ScratchArray<T>(folder, rows * columns);
  return made;
}

template <class T>
std::shared_ptr<ScratchRows<T>> ScratchRows<T>::sparse(const machine::ScratchFolder& folder, Index columns,
                                                       std::vector<Index> offsets) {
  auto made = std::make_shared<ScratchRows>();
  made->columns = columns;
  made->indices = ScratchArray<ColumnIndex>(folder, offsets.back());
  made->values = ScratchArray<T>(folder, offsets.back());
  made->offsets = std::move(offsets);
  return made;
}

template <class T>
void ScratchRows<T>::let_go(Index first_row, Index count) const {
  const Index begin = entries_before(first_row), end = entries_before(first_row + count);
  values.let_go(begin, end);
  if (is_sparse()) indices.let_go(begin, end);
}

template <class T>
void ScratchRows<T>::move_window(Index first_row, Index count) const {
  const Index begin = entries_before(first_row), end = entries_before(first_row + count);
  values.move_window(begin, end);
  if (is_sparse()) indices.move_window(begin, end);
}

template struct ScratchRows<float>;
template struct ScratchRows<double>;

}  // namespace mpinmf
