#include "signed_ranks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace mpinmf::stability {
namespace {

constexpr std::size_t most_for_exact = 50;

struct SignedRanks {
  double of_positive = 0, of_negative = 0;  // sums
  double of_equal = 0;                      // t^3 - t over the groups of t equal sizes
};

SignedRanks rank(std::vector<double> differences) {
  std::sort(differences.begin(), differences.end(), [](double x, double y) { return std::abs(x) < std::abs(y); });
  SignedRanks sums;
  for (auto first = differences.begin(); first != differences.end();) {
    const auto last =
        std::find_if(first, differences.end(), [&](double d) { return std::abs(d) != std::abs(*first); });
    const auto count = static_cast<double>(last - first);
    const double mean_rank = static_cast<double>(first - differences.begin()) + (count + 1) / 2;
    for (; first != last; ++first) (*first > 0 ? sums.of_positive : sums.of_negative) += mean_rank;
    sums.of_equal += count * (count * count - 1);
  }
  return sums;
}

/// The number of ways in which ranks 1 to n may be positive, by their sum.
std::vector<double> ways_by_sum(std::size_t n) {
  std::vector<double> ways(n * (n + 1) / 2 + 1);
  ways[0] = 1;
  for (std::size_t r = 1, most = 1; r <= n; most += ++r) {
    for (std::size_t sum = most; sum >= r; --sum) ways[sum] += ways[sum - r];
  }
  return ways;
}

double exact_p(double positive, std::size_t n) {
  const std::vector<double> ways = ways_by_sum(n);
  const auto at = static_cast<std::ptrdiff_t>(positive);  // whole unless sizes are equal; SciPy cuts it, too
  if (at == static_cast<std::ptrdiff_t>((ways.size() - 1) / 2)) return 1;
  const double below = std::accumulate(ways.begin(), ways.begin() + at + 1, 0.0),
               above = std::accumulate(ways.begin() + at, ways.end(), 0.0);
  return std::min(1.0, 2 * std::min(below, above) / std::ldexp(1.0, static_cast<int>(n)));
}

}  // namespace

double signed_rank_p(std::span<const double> a, std::span<const double> b) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) differences.push_back(a[i] - b[i]);
  }
  if (differences.empty()) return 1;
  const auto n = static_cast<double>(differences.size());
  const SignedRanks sums = rank(differences);
  if (a.size() <= most_for_exact && differences.size() == a.size()) return exact_p(sums.of_positive, a.size());
  const double variance = (n * (n + 1) * (2 * n + 1) - sums.of_equal / 2) / 24;
  const double z = (std::min(sums.of_positive, sums.of_negative) - n * (n + 1) / 4) / std::sqrt(variance);
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

}  // namespace mpinmf::stability
