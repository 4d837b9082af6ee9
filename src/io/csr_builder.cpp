#include "csr_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mpinmf::io {
namespace {

/// What is put on disk stays in memory until so many entries have come.
constexpr std::size_t entries_in_memory = std::size_t{1} << 22;

}  // namespace

template <class T>
Index tidy_row(const ColumnIndex* columns, const T* values, Index count, ColumnIndex* to_columns, T* to_values,
               std::vector<std::pair<ColumnIndex, T>>& scratch) {
  scratch.clear();
  for (Index i = 0; i < count; ++i) scratch.emplace_back(columns[i], values[i]);
  const auto by_column = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(scratch.begin(), scratch.end(), by_column)) {
    std::stable_sort(scratch.begin(), scratch.end(), by_column);
  }
  Index kept = 0;
  for (auto entry = scratch.begin(); entry != scratch.end();) {
    const ColumnIndex column = entry->first;
    auto end = entry + 1;
    while (end != scratch.end() && end->first == column) ++end;
    // so that the sum does not depend on who read which of them
    if (end - entry > 2) std::sort(entry, end);
    T sum = 0;
    for (; entry != end; ++entry) sum += entry->second;
    if (sum == 0) continue;
    to_columns[kept] = column;
    to_values[kept++] = sum;
  }
  return kept;
}

/// As resize of an empty vector, but its pages lie near the threads that will use them.
template <class T>
void resize_by_threads(std::vector<T>& values, std::size_t count) {
  values.reserve(count);
  detail::zero_by_threads(values.data(), count * sizeof(T));
  values.resize(count);
}

/// Room for so many entries, in memory or in the scratch folder.
template <class T>
CsrMemory<T> room_for(const LoadOptions& options, Index columns, Index stored) {
  CsrMemory<T> memory;
  if (options.storage == Storage::disk) {
    memory.on_disk = ScratchRows<T>::sparse(machine::scratch_folder(options.scratch), columns, {0, stored});
    return memory;
  }
  memory.in_memory.columns = columns;
  resize_by_threads(memory.in_memory.indices, static_cast<std::size_t>(stored));
  resize_by_threads(memory.in_memory.values, static_cast<std::size_t>(stored));
  return memory;
}

template <class T>
CsrBuilder<T>::CsrBuilder(const std::string& name, Index first_row, Index columns, std::vector<Index> lengths,
                          const LoadOptions& options)
    : name_(name), transposed_(options.transpose), check_(name, options), first_row_(first_row) {
  offsets_.resize(lengths.size() + 1);
  for (std::size_t i = 0; i < lengths.size(); ++i) offsets_[i + 1] = offsets_[i] + lengths[i];
  next_ = std::move(lengths);
  std::copy(offsets_.begin(), offsets_.end() - 1, next_.begin());
  taken_end_ = static_cast<Index>(next_.size());
  memory_ = room_for<T>(options, columns, offsets_.back());
  indices_ = memory_.own().indices;
  values_ = memory_.own().values;
}

template <class T>
void CsrBuilder<T>::refuse_changed(Index row) const {
  throw BadData(fmt::format("{}: {} {} (counted from 0) changed while the file was read; load it again", name_,
                            transposed_ ? "column" : "row", first_row_ + row));
}

/// Entries that were written to disk leave the memory.
template <class T>
void CsrBuilder<T>::let_go(Index begin, Index end) {
  if (!memory_.on_disk) return;
  memory_.on_disk->indices.let_go(begin, end);
  memory_.on_disk->values.let_go(begin, end);
}

template <class T>
void CsrBuilder<T>::add(std::span<const Entry> entries) {
  for (const Entry& e : entries) {
    const Index row = e.row - first_row_;
    if (row < taken_begin_ || row >= taken_end_) continue;
    Index& next = next_[static_cast<std::size_t>(row)];
    if (next == offsets_[static_cast<std::size_t>(row) + 1]) refuse_changed(row);
    indices_[static_cast<std::size_t>(next)] = static_cast<ColumnIndex>(e.column);
    values_[static_cast<std::size_t>(next++)] = check_(e.value, e.row, e.column);
  }
  taken_ += entries.size();
  if (taken_ < entries_in_memory) return;
  let_go(0, offsets_.back());
  taken_ = 0;
}

template <class T>
CsrMemory<T> CsrBuilder<T>::finish() {
  std::vector<std::pair<ColumnIndex, T>> scratch;
  Index from = 0, to = 0, let_go_from = 0;
  for (std::size_t i = 0; i < next_.size(); ++i) {
    const Index end = offsets_[i + 1];
    if (next_[i] != end) refuse_changed(static_cast<Index>(i));
    to += tidy_row(indices_.data() + from, values_.data() + from, end - from, indices_.data() + to,
                   values_.data() + to, scratch);
    offsets_[i + 1] = to;
    from = end;
    if (from - let_go_from < static_cast<Index>(entries_in_memory)) continue;
    let_go(0, from);
    let_go_from = from;
  }
  if (memory_.on_disk) {
    memory_.on_disk->offsets = std::move(offsets_);
    return std::move(memory_);
  }
  CsrRows<T>& rows = memory_.in_memory;
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
template Index tidy_row(const ColumnIndex*, const float*, Index, ColumnIndex*, float*,
                        std::vector<std::pair<ColumnIndex, float>>&);
template Index tidy_row(const ColumnIndex*, const double*, Index, ColumnIndex*, double*,
                        std::vector<std::pair<ColumnIndex, double>>&);

}  // namespace mpinmf::io
