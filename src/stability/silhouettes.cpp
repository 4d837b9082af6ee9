#include "stability/silhouettes.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace mpinmf::stability {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// @pre sums has the sum of the row's distances to each cluster, the row's own among them with 0
double silhouette_of(std::span<const double> sums, std::span<const Index> sizes, std::size_t own) {
  if (sizes[own] == 1) return 0;
  const double inside = sums[own] / static_cast<double>(sizes[own] - 1);
  double outside = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < sums.size(); ++c) {
    if (c != own && sizes[c] > 0) outside = std::min(outside, sums[c] / static_cast<double>(sizes[c]));
  }
  if (std::isinf(outside)) return 1;
  const double larger = std::max(inside, outside);
  return larger > 0 ? (outside - inside) / larger : 0;
}

}  // namespace

std::vector<double> silhouettes(ConstMatrixView<double> distances, std::span<const Index> labels, Index k) {
  assert(distances.rows() == static_cast<Index>(labels.size()) && distances.columns() == distances.rows());
  std::vector<Index> sizes(static_cast<std::size_t>(k));
  for (const Index label : labels) {
    if (label >= 0) ++sizes[static_cast<std::size_t>(label)];
  }
  std::vector<double> values(labels.size(), unknown), sums(static_cast<std::size_t>(k));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) continue;
    std::fill(sums.begin(), sums.end(), 0.0);
    const double* row = distances.row(static_cast<Index>(i));
    for (std::size_t j = 0; j < labels.size(); ++j) {
      if (labels[j] >= 0) sums[static_cast<std::size_t>(labels[j])] += row[j];
    }
    values[i] = silhouette_of(sums, sizes, static_cast<std::size_t>(labels[i]));
  }
  return values;
}

double mean(std::span<const double> numbers) {
  double sum = 0, count = 0;
  for (const double x : numbers) {
    if (std::isnan(x)) continue;
    sum += x;
    ++count;
  }
  return count > 0 ? sum / count : unknown;
}

}  // namespace mpinmf::stability
