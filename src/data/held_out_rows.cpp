#include "held_out_rows.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/philox.hpp"
#include "panel_memory.hpp"

namespace mpinmf {
namespace {

/// Which columns of a row are held out: 32 bits of a counter-based generator for the row, mixed with the column
/// (the finalizer of MurmurHash3), fall into one of `one_in` equal ranges.
class HeldColumns {
 public:
  HeldColumns(const Holdout& holdout, Index row)
      : row_(static_cast<std::uint32_t>(random_words(holdout.key, Stream::holdout, row, 0)[0])),
        first_(bound(holdout, holdout.fold)),
        most_(bound(holdout, holdout.fold + 1) - 1 - first_) {}

  bool has(Index column) const {
    std::uint32_t x = row_ ^ (static_cast<std::uint32_t>(column) * 0x9E3779B1U);
    x = (x ^ x >> 16U) * 0x85EBCA6BU;
    x = (x ^ x >> 13U) * 0xC2B2AE35U;
    return (x ^ x >> 16U) - first_ <= most_;
  }
  /// Those of the columns order[0], order[1], ... (empty: 0, 1, ...), as places in that order.
  void list(std::span<const ColumnIndex> order, Index columns, std::vector<ColumnIndex>& places) const {
    constexpr Index at_once = 64;
    places.clear();
    std::array<std::uint8_t, at_once> marks = {};
    for (Index first = 0; first < columns; first += at_once) {
      const Index count = std::min(at_once, columns - first);
      int any = 0;
      for (Index j = 0; j < count; ++j) {
        const Index column = order.empty() ? first + j : Index{order[static_cast<std::size_t>(first + j)]};
        any += marks[static_cast<std::size_t>(j)] = has(column) ? 1 : 0;
      }
      for (Index j = 0; any > 0 && j < count; ++j) {
        if (marks[static_cast<std::size_t>(j)] != 0) places.push_back(static_cast<ColumnIndex>(first + j));
      }
    }
  }

 private:
  static std::uint32_t bound(const Holdout& holdout, Index fold) {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(fold) << 32U) /
                                      static_cast<std::uint64_t>(holdout.one_in));
  }
  std::uint32_t row_, first_, most_;
};

template <class T>
constexpr T unknown = std::numeric_limits<T>::quiet_NaN();

}  // namespace

/// Makes one row after the other.
template <class T>
class HeldOutRows<T>::Maker {
 public:
  explicit Maker(const HeldOutRows& rows) : rows_(rows), v_(rows.plain()) {}

  /// emit(column, value) for the entries of row i of a panel that begins with this rank's row `first`, ascending;
  /// sparse rows.
  template <class F>
  void make(const RowPanel<T>& panel, Index first, Index i, F&& emit) {
    const HeldColumns held(rows_.holdout_, v_.first_row() + first + i);
    const std::span<const ColumnIndex> order = v_.column_order();
    if (rows_.holdout_.stored_only) {
      panel.for_stored(i, [&](Index j, T value) {
        take(held.has(order.empty() ? j : Index{order[static_cast<std::size_t>(j)]}), j, value, emit);
      });
      return;
    }
    held.list(order, v_.columns(), places_);
    auto next = places_.begin();
    const auto gaps_before = [&](Index column) {  // zeros that are held out
      for (; next != places_.end() && *next < column; ++next) take(true, Index{*next}, T{0}, emit);
    };
    panel.for_stored(i, [&](Index j, T value) {
      gaps_before(j);
      const bool is_held = next != places_.end() && *next == j;
      if (is_held) ++next;
      take(is_held, j, value, emit);
    });
    gaps_before(v_.columns());
  }

 private:
  template <class F>
  void take(bool is_held, Index column, T value, F&& emit) const {
    if (rows_.part_ == HeldPart::held) {
      if (is_held && value == value) emit(column, value);
    } else if (!is_held || rows_.part_ == HeldPart::marked) {
      emit(column, is_held ? unknown<T> : value);
    }
  }

  const HeldOutRows& rows_;
  const DataMatrix<T>& v_;
  std::vector<ColumnIndex> places_;
};

template <class T>
HeldOutRows<T>::HeldOutRows(const DataMatrix<T>& plain, const Holdout& holdout, HeldPart part)
    : MadeRows<T>(&plain), holdout_(holdout), part_(part) {
  if (part == HeldPart::marked && !plain.is_sparse()) return;
  offsets_ = {0};
  offsets_.reserve(static_cast<std::size_t>(plain.rows_local()) + 1);
  Maker maker(*this);
  const Index at_once = std::max<Index>(1, made_at_once / plain.columns());
  for (Index first = 0; first < plain.rows_local(); first += at_once) {
    const Index count = std::min(at_once, plain.rows_local() - first);
    plain.move_window(first, count);
    const RowPanel<T> panel = plain.rows(first, count);
    for (Index i = 0; i < count; ++i) {
      Index entries = 0;
      maker.make(panel, first, i, [&](Index, T) { ++entries; });
      offsets_.push_back(offsets_.back() + entries);
    }
  }
}

template <class T>
RowPanel<T> HeldOutRows<T>::rows(Index first_row, Index count) const {
  if (!is_sparse()) return marked_dense(first_row, count);
  const auto offsets = offsets_.begin() + first_row;
  const std::shared_ptr<PanelMemory<T>> memory = free_panel_memory<T>(offsets[count] - offsets[0]);
  memory->offsets.assign(offsets, offsets + count + 1);
  for (Index& offset : memory->offsets) offset -= offsets[0];
  memory->indices.resize(static_cast<std::size_t>(memory->offsets.back()));
  T* value = memory->values.data();
  ColumnIndex* index = memory->indices.data();
  const RowPanel<T> from = this->plain().rows(first_row, count);
  Maker maker(*this);
  for (Index i = 0; i < count; ++i) {
    maker.make(from, first_row, i, [&](Index column, T entry) {
      *index++ = static_cast<ColumnIndex>(column);
      *value++ = entry;
    });
  }
  const Index* const begins = memory->offsets.data();
  return {SparsePanel<T>{count, this->plain().columns(), begins, begins + 1, memory->indices.data(),
                         memory->values.data()},
          memory};
}

template <class T>
RowPanel<T> HeldOutRows<T>::marked_dense(Index first_row, Index count) const {
  const Index columns = this->plain().columns();
  const std::shared_ptr<PanelMemory<T>> memory = free_panel_memory<T>(count * columns);
  const RowPanel<T> from = this->plain().rows(first_row, count);
  T* value = memory->values.data();
  for (Index i = 0; i < count; ++i) {
    const HeldColumns held(holdout_, this->plain().first_row() + first_row + i);
    from.for_stored(i, [&](Index j, T entry) { *value++ = held.has(j) ? unknown<T> : entry; });
  }
  return {DensePanel<T>{{memory->values.data(), count, columns, columns}}, memory};
}

template <class T>
DataMatrix<T> DataMatrix<T>::part_of(const Holdout& holdout, HeldPart part, int threads) const {
  if (scales_ == nullptr) require_no_weights("holding entries out");
  lay_out(Layout::rows, threads);
  std::shared_ptr<HeldOutRows<T>> rows;
  std::shared_ptr<WeightScales> scales;
  double held = 0;
  comm_.meet([&] {
    rows = std::make_shared<HeldOutRows<T>>(*this, holdout, part);
    if (scales_ == nullptr) return;
    scales = std::make_shared<WeightScales>(*scales_);
    held = held_scales(holdout);
  });
  const View view = rows->is_sparse() ? View(rows->view()) : rows_.view;
  DataMatrix made =
      made_from(view, rows, part == HeldPart::marked || has_unknown() ? Missing::nan : Missing::none);
  if (scales == nullptr) return made;
  held = comm_.sum(held);
  scales->known = part == HeldPart::held ? held : scales_->known - held;
  made.scales_ = std::move(scales);
  return made;
}

template <class T>
double DataMatrix<T>::held_scales(const Holdout& holdout) const {
  const HeldOutRows<T> held(*this, holdout, HeldPart::held);
  std::vector<std::pair<Index, double>> entries;
  double sum = 0;
  for_pieces([&](Index first, Index count) {
    const RowPanel<T> panel = held.rows(first, count);
    for (Index i = 0; i < count; ++i) {
      read_row(panel, i, entries);
      const auto row = static_cast<std::size_t>(first + i);
      for (const auto& [j, value] : entries)
        sum +=
            scales_->of_columns.empty() ? scales_->of_rows[row] : scales_->of_columns[static_cast<std::size_t>(j)];
    }
  });
  return sum;
}

template class HeldOutRows<float>;
template class HeldOutRows<double>;
#define MPINMF_INSTANTIATE(T)                                                         \
  template DataMatrix<T> DataMatrix<T>::part_of(const Holdout&, HeldPart, int) const; \
  template double DataMatrix<T>::held_scales(const Holdout&) const;
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
