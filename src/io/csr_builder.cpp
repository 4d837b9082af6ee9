#include "csr_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "data/sort_by_column.hpp"

namespace mpinmf::io {
namespace {

/// What is put on disk stays in memory until so many entries have come.
constexpr std::size_t entries_in_memory = std::size_t{1} << 22;

}  // namespace

template <class T>
TidyRow tidy_row(const ColumnIndex* columns, const T* values, Index count, ColumnIndex* to_columns, T* to_values,
                 std::vector<std::pair<ColumnIndex, T>>& scratch, bool keeps_zeros) {
  scratch.clear();
  for (Index i = 0; i < count; ++i) scratch.emplace_back(columns[i], values[i]);
  const auto by_column = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(scratch.begin(), scratch.end(), by_column)) {
    detail::sort_by_column(scratch);
  }
  TidyRow row;
  for (auto entry = scratch.begin(); entry != scratch.end();) {
    const ColumnIndex column = entry->first;
    auto end = entry + 1;
    while (end != scratch.end() && end->first == column) ++end;
    // so that the sum does not depend on who read which of them
    const auto by_value = [](const auto& a, const auto& b) {  // NaN last
      return a.second < b.second || (b.second != b.second && a.second == a.second);
    };
    if (end - entry > 2) std::sort(entry, end, by_value);
    T sum = 0;
    Index numbers = 0;  // NaN says that the place is unknown
    for (; entry != end; ++entry) {
      sum += entry->second;
      numbers += entry->second > 0 || entry->second < 0 ? 1 : 0;
    }
    row.summed += std::max<Index>(numbers - 1, 0);
    if (sum == 0 && !keeps_zeros) continue;
    to_columns[row.kept] = column;
    to_values[row.kept++] = sum;
  }
  return row;
}

/// As resize of an empty vector, but its pages lie near the threads that will use them.
template <class T>
void resize_by_threads(std::vector<T>& values, std::size_t count) {
  values.reserve(count);
  detail::zero_by_threads(values.data(), count * sizeof(T));
  values.resize(count);
}

RowPlace row_place(const LoadOptions& options) {
  RowPlace place;
  if (options.storage == Storage::disk) place.folder = machine::scratch_folder(options.scratch);
  place.type = options.storage_type;
  return place;
}

template <class T>
CsrMemory<T> room_for(const LoadOptions& options, Index columns, Index stored) {
  const RowPlace place = row_place(options);
  CsrMemory<T> memory;
  if (!place.is_default<T>()) {
    memory.placed = PlacedRows<T>::sparse(place, columns, {0, stored});
    return memory;
  }
  memory.plain.columns = columns;
  resize_by_threads(memory.plain.indices, static_cast<std::size_t>(stored));
  resize_by_threads(memory.plain.values, static_cast<std::size_t>(stored));
  return memory;
}

template <class T>
CsrBuilder<T>::CsrBuilder(const std::string& name, Index first_row, Index columns, std::vector<Index> lengths,
                          const LoadOptions& options)
    : name_(name),
      transposed_(options.transpose),
      check_(name, options),
      known_(check_.known()),
      first_row_(first_row),
      value_bytes_(value_bytes(options.storage_type, sizeof(T))) {
  offsets_.resize(lengths.size() + 1);
  for (std::size_t i = 0; i < lengths.size(); ++i) offsets_[i + 1] = offsets_[i] + lengths[i];
  next_ = std::move(lengths);
  std::copy(offsets_.begin(), offsets_.end() - 1, next_.begin());
  taken_end_ = static_cast<Index>(next_.size());
  memory_ = room_for<T>(options, columns, offsets_.back());
  own_.emplace(memory_.own());
}

template <class T>
void CsrBuilder<T>::refuse_changed(Index row) const {
  throw BadData(fmt::format("{}: {} {} (counted from 0) changed while the file was read; load it again", name_,
                            transposed_ ? "column" : "row", first_row_ + row));
}

/// Entries that were written to disk leave the memory.
template <class T>
void CsrBuilder<T>::let_go(Index begin, Index end) {
  if (memory_.placed) memory_.placed->let_go_entries(begin, end);
}

template <class T>
void CsrBuilder<T>::add(std::span<const Entry> entries) {
  for (const Entry& e : entries) {
    const Index row = e.row - first_row_;
    if (row < taken_begin_ || row >= taken_end_) continue;
    Index& next = next_[static_cast<std::size_t>(row)];
    if (next == offsets_[static_cast<std::size_t>(row) + 1]) refuse_changed(row);
    const auto at = static_cast<std::size_t>(next++);
    own_->indices[at] = static_cast<ColumnIndex>(e.column);
    const T value = check_(e.value, e.row, e.column);
    if (!own_->set_value(at, value)) check_.refuse_to_hold(value, e.row, e.column);
  }
  taken_ += entries.size();
  if (taken_ < entries_in_memory) return;
  let_go(0, offsets_.back());
  taken_ = 0;
}

/// Returns how many entries are left of this row, which begins at `from`. They go to `to`.
template <class T>
Index CsrBuilder<T>::tidy(Index row, Index from, Index to) {
  const Index kept = tidy_unchecked(row, from, to);
  if (!check_.defers()) return kept;
  values_of_row_.resize(static_cast<std::size_t>(kept));
  own_->narrow == nullptr ? static_cast<void>(std::copy_n(own_->values.data() + to, kept, values_of_row_.data()))
                          : own_->narrow->read(to, kept, values_of_row_.data());
  for (Index q = 0; q < kept; ++q) {
    known_(static_cast<double>(values_of_row_[static_cast<std::size_t>(q)]), first_row_ + row,
           own_->indices[static_cast<std::size_t>(to + q)]);
  }
  return kept;
}

template <class T>
Index CsrBuilder<T>::tidy_values(const T* values, Index from, Index count, Index to, T* to_values) {
  ColumnIndex* const columns = own_->indices.data();
  const TidyRow row =
      tidy_row(columns + from, values, count, columns + to, to_values, scratch_, check_.keeps_zeros());
  summed_ += row.summed;
  return row.kept;
}

template <class T>
Index CsrBuilder<T>::tidy_unchecked(Index row, Index from, Index to) {
  const Index count = next_[static_cast<std::size_t>(row)] - from;
  if (own_->narrow == nullptr) {
    T* const values = own_->values.data();
    return tidy_values(values + from, from, count, to, values + to);
  }
  values_of_row_.resize(static_cast<std::size_t>(count));
  own_->narrow->read(from, count, values_of_row_.data());
  const Index kept = tidy_values(values_of_row_.data(), from, count, to, values_of_row_.data());
  for (Index q = 0; q < kept; ++q) {
    const T value = values_of_row_[static_cast<std::size_t>(q)];
    if (!own_->narrow->set(to + q, value))
      check_.refuse_to_hold(value, first_row_ + row, own_->indices[static_cast<std::size_t>(to + q)]);
  }
  return kept;
}

template <class T>
CsrMemory<T> CsrBuilder<T>::finish() {
  Index from = 0, to = 0, let_go_from = 0;
  for (std::size_t i = 0; i < next_.size(); ++i) {
    const Index end = offsets_[i + 1];
    if (next_[i] != end) refuse_changed(static_cast<Index>(i));
    to += tidy(static_cast<Index>(i), from, to);
    offsets_[i + 1] = to;
    from = end;
    if (from - let_go_from < static_cast<Index>(entries_in_memory)) continue;
    let_go(0, from);
    let_go_from = from;
  }
  if (memory_.placed) {
    memory_.placed->take_offsets(std::move(offsets_));
    return std::move(memory_);
  }
  CsrRows<T>& rows = memory_.plain;
  rows.offsets = std::move(offsets_);
  rows.indices.resize(static_cast<std::size_t>(to));
  rows.values.resize(static_cast<std::size_t>(to));
  if (to < from / 2) {
    rows.indices.shrink_to_fit();
    rows.values.shrink_to_fit();
  }
  return std::move(memory_);
}

template class CsrBuilder<float>;
template class CsrBuilder<double>;
template CsrMemory<float> room_for(const LoadOptions&, Index, Index);
template CsrMemory<double> room_for(const LoadOptions&, Index, Index);
template TidyRow tidy_row(const ColumnIndex*, const float*, Index, ColumnIndex*, float*,
                          std::vector<std::pair<ColumnIndex, float>>&, bool);
template TidyRow tidy_row(const ColumnIndex*, const double*, Index, ColumnIndex*, double*,
                          std::vector<std::pair<ColumnIndex, double>>&, bool);

}  // namespace mpinmf::io
