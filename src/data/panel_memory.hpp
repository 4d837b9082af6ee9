// Memory for rows that are made when they are read.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "mpinmf/matrix.hpp"
#include "mpinmf/row_panel.hpp"

namespace mpinmf {

/// Entries that are made at once where no tile is asked for.
inline constexpr Index made_at_once = Index{1} << 17;

/// Room for the numbers of a panel, for their columns, and for where its rows begin.
template <class T>
struct PanelMemory {
  std::vector<Index> offsets;
  std::vector<ColumnIndex> indices;
  Matrix<T> values;
};

/// One that this thread has no use for at present, with room for so many values. It is free again once the panel
/// that holds it is gone.
template <class T>
std::shared_ptr<PanelMemory<T>> free_panel_memory(Index count) {
  thread_local std::vector<std::shared_ptr<PanelMemory<T>>> rooms;
  auto room = std::find_if(rooms.begin(), rooms.end(), [](const auto& known) { return known.use_count() == 1; });
  if (room == rooms.end()) room = rooms.insert(room, std::make_shared<PanelMemory<T>>());
  if ((*room)->values.columns() < count) (*room)->values = Matrix<T>(1, count);
  return *room;
}

}  // namespace mpinmf
