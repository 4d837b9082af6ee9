#include "csr_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mpinmf::io {

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

template <class T>
CsrBuilder<T>::CsrBuilder(const std::string& name, Index first_row, Index columns, std::vector<Index> lengths,
                          const LoadOptions& options)
    : name_(name), transposed_(options.transpose), check_(name, options), first_row_(first_row) {
  rows_.columns = columns;
  rows_.offsets.resize(lengths.size() + 1);
  for (std::size_t i = 0; i < lengths.size(); ++i) rows_.offsets[i + 1] = rows_.offsets[i] + lengths[i];
  next_ = std::move(lengths);
  std::copy(rows_.offsets.begin(), rows_.offsets.end() - 1, next_.begin());
  resize_by_threads(rows_.indices, static_cast<std::size_t>(rows_.offsets.back()));
  resize_by_threads(rows_.values, static_cast<std::size_t>(rows_.offsets.back()));
}

template <class T>
void CsrBuilder<T>::refuse_changed(Index row) const {
  throw BadData(fmt::format("{}: {} {} (counted from 0) changed while the file was read; load it again", name_,
                            transposed_ ? "column" : "row", first_row_ + row));
}

template <class T>
void CsrBuilder<T>::add(std::span<const Entry> entries) {
  const Index rows = rows_.rows();
  for (const Entry& e : entries) {
    const Index row = e.row - first_row_;
    if (row < 0 || row >= rows) continue;
    Index& next = next_[static_cast<std::size_t>(row)];
    if (next == rows_.offsets[static_cast<std::size_t>(row) + 1]) refuse_changed(row);
    rows_.indices[static_cast<std::size_t>(next)] = static_cast<ColumnIndex>(e.column);
    rows_.values[static_cast<std::size_t>(next++)] = check_(e.value, e.row, e.column);
  }
}

template <class T>
CsrRows<T> CsrBuilder<T>::finish() {
  std::vector<std::pair<ColumnIndex, T>> scratch;
  Index from = 0, to = 0;
  for (std::size_t i = 0; i < next_.size(); ++i) {
    const Index end = rows_.offsets[i + 1];
    if (next_[i] != end) refuse_changed(static_cast<Index>(i));
    to += tidy_row(rows_.indices.data() + from, rows_.values.data() + from, end - from, rows_.indices.data() + to,
                   rows_.values.data() + to, scratch);
    rows_.offsets[i + 1] = to;
    from = end;
  }
  rows_.indices.resize(static_cast<std::size_t>(to));
  rows_.values.resize(static_cast<std::size_t>(to));
  if (to < from / 2) {
    rows_.indices.shrink_to_fit();
    rows_.values.shrink_to_fit();
  }
  return std::move(rows_);
}

template class CsrBuilder<float>;
template class CsrBuilder<double>;
template Index tidy_row(const ColumnIndex*, const float*, Index, ColumnIndex*, float*,
                        std::vector<std::pair<ColumnIndex, float>>&);
template Index tidy_row(const ColumnIndex*, const double*, Index, ColumnIndex*, double*,
                        std::vector<std::pair<ColumnIndex, double>>&);

}  // namespace mpinmf::io
