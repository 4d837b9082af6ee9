#include "filled_rows.hpp"

#include <algorithm>
#include <array>

#include "kernels/vector_kernels.hpp"
#include "panel_memory.hpp"

namespace mpinmf {
namespace {

/// Fills in the unknown entries of one row after the other.
template <class T>
class Filler {
 public:
  Filler(ConstMatrixView<T> w, ConstMatrixView<T> ht) : w_(w), ht_(ht) {}

  /// `values` are entries of row i, and column(q) that of the q-th. Returns the sum of what it puts there,
  /// squared.
  template <class F>
  double fill(Index i, std::span<T> values, F&& column) {
    double square = 0;
    std::size_t count = 0;
    const auto put = [&] {
      vector_kernels<T>().model_entries(columns_.data(), static_cast<Index>(count), w_.row(i),
                                        {ht_.data(), ht_.rows(), ht_.columns(), ht_.stride()}, models_.data());
      for (std::size_t u = 0; u < count; ++u) {
        values[places_[u]] = models_[u];
        square += static_cast<double>(models_[u]) * static_cast<double>(models_[u]);
      }
      count = 0;
    };
    for (std::size_t q = 0; q < values.size(); ++q) {
      if (values[q] == values[q]) continue;
      places_[count] = q;
      columns_[count++] = static_cast<ColumnIndex>(column(q));
      if (count == at_once) put();
    }
    if (count > 0) put();
    return square;
  }

 private:
  static constexpr std::size_t at_once = 256, room_behind = 16;  // model_entries writes whole groups
  ConstMatrixView<T> w_, ht_;
  std::array<std::size_t, at_once> places_ = {};
  std::array<ColumnIndex, at_once> columns_ = {};
  std::array<T, at_once + room_behind> models_ = {};
};

template <class T>
Index first_entry(const SparsePanel<T>& rows) {
  return rows.row_count == 0 ? 0 : rows.begins[0];
}
template <class T>
Index last_entry(const SparsePanel<T>& rows) {
  return rows.row_count == 0 ? 0 : rows.ends[rows.row_count - 1];
}
template <class T>
Index room_of(const DensePanel<T>& rows) {
  return rows.stored();
}
template <class T>
Index room_of(const SparsePanel<T>& rows) {
  return last_entry(rows) - first_entry(rows);
}

template <class T>
RowPanel<T> filled(const DensePanel<T>& rows, Filler<T>& filler, std::span<double> squares,
                   const std::shared_ptr<PanelMemory<T>>& memory) {
  const Index columns = rows.columns();
  T* to = memory->values.data();
  for (Index i = 0; i < rows.rows(); ++i, to += columns) {
    std::copy_n(rows.values.row(i), columns, to);
    squares[static_cast<std::size_t>(i)] +=
        filler.fill(i, {to, static_cast<std::size_t>(columns)},
                    [&](std::size_t q) { return rows.first_column + static_cast<Index>(q); });
  }
  return {DensePanel<T>{{memory->values.data(), rows.rows(), columns, columns}, rows.first_column}, memory};
}

template <class T>
RowPanel<T> filled(const SparsePanel<T>& rows, Filler<T>& filler, std::span<double> squares,
                   const std::shared_ptr<PanelMemory<T>>& memory) {
  const auto count = static_cast<std::size_t>(rows.row_count);
  const Index begin = first_entry(rows);  // where some columns were taken, what lies between is copied as well
  std::copy(rows.values + begin, rows.values + last_entry(rows), memory->values.data());
  memory->offsets.resize(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const Index first = memory->offsets[i] = rows.begins[i] - begin;
    const Index last = memory->offsets[count + i] = rows.ends[i] - begin;
    squares[i] +=
        filler.fill(static_cast<Index>(i), {memory->values.data() + first, static_cast<std::size_t>(last - first)},
                    [&](std::size_t q) { return rows.indices[rows.begins[i] + static_cast<Index>(q)]; });
  }
  SparsePanel<T> made = rows;
  made.begins = memory->offsets.data();
  made.ends = made.begins + count;
  made.indices = rows.indices + begin;
  made.values = memory->values.data();
  return {made, memory};
}

}  // namespace

template <class T>
RowPanel<T> filled_rows(const RowPanel<T>& rows, ConstMatrixView<T> w, ConstMatrixView<T> ht,
                        std::span<const double> known_squares, std::span<double> squares) {
  std::copy(known_squares.begin(), known_squares.end(), squares.begin());
  Filler<T> filler(w, ht);
  return rows.visit_whole_rows(
      [&](const auto& panel) { return filled(panel, filler, squares, free_panel_memory<T>(room_of(panel))); });
}

template RowPanel<float> filled_rows(const RowPanel<float>&, ConstMatrixView<float>, ConstMatrixView<float>,
                                     std::span<const double>, std::span<double>);
template RowPanel<double> filled_rows(const RowPanel<double>&, ConstMatrixView<double>, ConstMatrixView<double>,
                                      std::span<const double>, std::span<double>);

}  // namespace mpinmf
