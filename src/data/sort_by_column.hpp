// The order of a row's entries.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "mpinmf/row_panel.hpp"

namespace mpinmf::detail {

/// Entries of one column keep their order. Long rows by digits of the columns, the lowest first: a third of the
/// time of a sort by comparison. @pre columns are not negative
template <class T>
void sort_by_column(std::vector<std::pair<ColumnIndex, T>>& row) {
  constexpr std::size_t least_for_digits = 48, digits = 256;
  constexpr unsigned digit_bits = 8;
  const auto by_column = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (row.size() < least_for_digits) {
    for (auto entry = row.begin(); entry != row.end(); ++entry) {
      std::rotate(std::upper_bound(row.begin(), entry, *entry, by_column), entry, entry + 1);
    }
    return;
  }
  const std::size_t count = row.size();
  const auto largest = static_cast<std::uint32_t>(std::max_element(row.begin(), row.end(), by_column)->first);
  row.resize(2 * count);  // the second half is where the first goes
  auto *from = row.data(), *to = from + count;
  for (unsigned shift = 0; shift < 32 && largest >> shift != 0; shift += digit_bits) {
    const auto digit = [shift](const auto& entry) {
      return static_cast<std::uint32_t>(entry.first) >> shift & (digits - 1);
    };
    std::array<std::size_t, digits> begin{};
    for (std::size_t i = 0; i < count; ++i) ++begin[digit(from[i])];
    std::size_t sum = 0;
    for (std::size_t& b : begin) sum += std::exchange(b, sum);
    for (std::size_t i = 0; i < count; ++i) to[begin[digit(from[i])]++] = from[i];
    std::swap(from, to);
  }
  if (from != row.data()) std::copy_n(from, count, row.data());
  row.resize(count);
}

}  // namespace mpinmf::detail
