#include "placed_rows.hpp"

#include <utility>

#include "panel_memory.hpp"

namespace mpinmf {
template <class T>
void PlacedRows<T>::make_values(const RowPlace& place, Index count) {
  if (is_narrow<T>(place.type)) {
    narrow.emplace(place.type, place.folder, count);
  } else {
    values = PlacedArray<T>(place.folder, count);
  }
}

template <class T>
std::shared_ptr<PlacedRows<T>> PlacedRows<T>::dense(const RowPlace& place, Index rows, Index columns) {
  auto made = std::make_shared<PlacedRows>();
  made->rows = rows;
  made->columns = columns;
  made->make_values(place, rows * columns);
  return made;
}

template <class T>
std::shared_ptr<PlacedRows<T>> PlacedRows<T>::sparse(const RowPlace& place, Index columns,
                                                     std::vector<Index> offsets) {
  auto made = std::make_shared<PlacedRows>();
  made->columns = columns;
  made->indices = PlacedArray<ColumnIndex>(place.folder, offsets.back());
  made->make_values(place, offsets.back());
  made->take_offsets(std::move(offsets));
  return made;
}

template <class T>
RowPanel<T> PlacedRows<T>::widened(Index first_row, Index count) const {
  const Index begin = entries_before(first_row), stored = entries_before(first_row + count) - begin;
  const std::shared_ptr<PanelMemory<T>> room = free_panel_memory<T>(stored);
  narrow->read(begin, stored, room->values.data());
  if (!is_sparse()) return {DensePanel<T>{{room->values.data(), count, columns, columns}}, room};
  const auto rows_begin = offsets.begin() + first_row;
  room->offsets.assign(rows_begin, rows_begin + count + 1);
  for (Index& offset : room->offsets) offset -= begin;
  return {SparsePanel<T>{count, columns, room->offsets.data(), room->offsets.data() + 1, indices.data() + begin,
                         room->values.data()},
          room};
}

template <class T>
void PlacedRows<T>::let_go_entries(Index begin, Index end) const {
  values.let_go(begin, end);
  if (narrow) narrow->let_go(begin, end);
  indices.let_go(begin, end);
}

template <class T>
void PlacedRows<T>::move_window(Index first_row, Index count) const {
  const Index begin = entries_before(first_row), end = entries_before(first_row + count);
  values.move_window(begin, end);
  if (narrow) narrow->move_window(begin, end);
  indices.move_window(begin, end);
}

template struct PlacedRows<float>;
template struct PlacedRows<double>;

}  // namespace mpinmf
