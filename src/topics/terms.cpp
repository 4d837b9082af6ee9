#include "terms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace mpinmf::topics {
namespace {

/// The features with the largest values, the largest first; those without one (NaN) are left out.
std::vector<Index> largest_first(std::span<const double> values, Index most) {
  std::vector<Index> features;
  for (std::size_t j = 0; j < values.size(); ++j) {
    if (!std::isnan(values[j])) features.push_back(static_cast<Index>(j));
  }
  const auto kept = std::min(static_cast<std::size_t>(most), features.size());
  const auto value = [&](Index j) { return values[static_cast<std::size_t>(j)]; };
  std::partial_sort(features.begin(), features.begin() + static_cast<std::ptrdiff_t>(kept), features.end(),
                    [&](Index a, Index b) { return value(a) != value(b) ? value(a) > value(b) : a < b; });
  features.resize(kept);
  return features;
}

}  // namespace

std::vector<Index> heaviest_features(std::span<const double> h_row, Index most) {
  std::vector<Index> features = largest_first(h_row, most);
  std::erase_if(features, [&](Index j) { return !(h_row[static_cast<std::size_t>(j)] > 0); });
  return features;
}

LeadingTerms leading_terms(std::span<const double> h_row, std::span<const double> frequencies, double lambda,
                           Index most) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const double sum = std::accumulate(h_row.begin(), h_row.end(), 0.0);
  const double all = std::accumulate(frequencies.begin(), frequencies.end(), 0.0);
  std::vector<double> relevances(h_row.size(), none);
  for (std::size_t j = 0; j < h_row.size(); ++j) {
    if (!(h_row[j] > 0) || !(frequencies[j] > 0)) continue;
    const double phi = h_row[j] / sum, p = frequencies[j] / all;
    relevances[j] = lambda * std::log(phi) + (1 - lambda) * std::log(phi / p);
  }
  const auto ranked = [&](const std::vector<Index>& features) {
    std::vector<RankedTerm> terms;
    for (const Index j : features) {
      terms.push_back({j, h_row[static_cast<std::size_t>(j)], relevances[static_cast<std::size_t>(j)]});
    }
    return terms;
  };
  return {ranked(heaviest_features(h_row, most)), ranked(largest_first(relevances, most))};
}

}  // namespace mpinmf::topics
