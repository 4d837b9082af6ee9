#include "mpinmf/partition.hpp"

#include <algorithm>
#include <cassert>

namespace mpinmf {
namespace {

constexpr Index least_height = 8, greatest_height = 256;
constexpr Index wanted_panels = 1024;
// Half of a common second-level cache (1 MiB), not of this machine's: who owns which rows must not depend on it.
constexpr Index panel_bytes = Index{512} * 1024;

Index ceil_div(Index a, Index b) {
  return (a + b - 1) / b;
}

}  // namespace

Index Partition::panel_height_for(Index rows, Index columns, Index element_bytes) {
  Index height = least_height;
  while (height < greatest_height && 2 * height * columns * element_bytes <= panel_bytes &&
         rows / (2 * height) >= wanted_panels) {
    height *= 2;
  }
  return height;
}

Partition Partition::by_rows(Index rows, Index panel_height, int ranks) {
  const Index panels = ceil_div(rows, panel_height);
  Partition result;
  result.panel_height_ = panel_height;
  for (int r = 0; r <= ranks; ++r) {
    // rank r starts at panel round-down(r * panels / ranks), computed without overflow
    const Index first = panels / ranks * r + panels % ranks * r / ranks;
    result.begins_.push_back(std::min(rows, first * panel_height));
  }
  return result;
}

Partition Partition::by_weight(Index rows, Index panel_height, std::span<const double> weights, int ranks) {
  assert(static_cast<Index>(weights.size()) == ceil_div(rows, panel_height));
  double total = 0;
  for (double w : weights) total += w;
  Partition result;
  result.panel_height_ = panel_height;
  result.begins_.push_back(0);
  double before = 0;
  std::size_t panel = 0;
  for (int r = 1; r < ranks; ++r) {
    const double aim = total * r / ranks;
    // a panel goes to the left when its middle lies left of the aim
    while (panel < weights.size() && before + weights[panel] / 2 < aim) before += weights[panel++];
    result.begins_.push_back(std::min(rows, static_cast<Index>(panel) * panel_height));
  }
  result.begins_.push_back(rows);
  return result;
}

Partition Partition::from_sizes(std::span<const Index> sizes, Index panel_height) {
  Partition result;
  result.panel_height_ = panel_height;
  result.begins_.push_back(0);
  for (Index size : sizes) result.begins_.push_back(result.begins_.back() + size);
  return result;
}

int Partition::owner(Index row) const {
  assert(row >= 0 && row < rows());
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), row);
  return static_cast<int>(after - begins_.begin()) - 1;
}

Index Partition::panels(int rank) const {
  if (rows(rank) == 0) return 0;
  return (end(rank) - 1) / panel_height_ - begin(rank) / panel_height_ + 1;
}

Partition::Rows Partition::panel_rows(int rank, Index panel) const {
  const Index grid = (begin(rank) / panel_height_ + panel) * panel_height_;
  const Index first = std::max(grid, begin(rank));
  const Index last = std::min(grid + panel_height_, end(rank));
  return {first - begin(rank), last - first};
}

}  // namespace mpinmf
