#include "overdispersed.hpp"

#include <algorithm>
#include <cmath>

namespace mpinmf::io {
namespace {

/// Of one column.
struct Dispersion {
  double mean, fano;  // fano: variance over mean; NaN where the mean is 0
};

/// Between the order statistics next to it, as NumPy and pandas interpolate. NaN: of no numbers.
double quantile(std::vector<double> x, double share) {
  if (x.empty()) return std::nan("");
  const double place = share * static_cast<double>(x.size() - 1);
  const auto low = x.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(x.begin(), low, x.end());
  const double next = low + 1 == x.end() ? *low : *std::min_element(low + 1, x.end());
  return *low + (place - std::floor(place)) * (next - *low);
}

/// A: the least coefficient of variation of the columns of the largest means.
double least_variation(std::vector<Dispersion> columns) {
  constexpr std::size_t largest = 20;
  std::stable_sort(columns.begin(), columns.end(),
                   [](const Dispersion& a, const Dispersion& b) { return a.mean > b.mean; });
  double least = std::nan("");
  for (std::size_t i = 0; i < std::min(largest, columns.size()); ++i)
    least = std::fmin(least, std::sqrt(columns[i].fano / columns[i].mean));
  return least;
}

/// The Fano factors of columns that lie, by mean and by Fano factor, between the quantiles of 10 and 90 %.
std::vector<double> usual_fanos(const std::vector<Dispersion>& columns) {
  constexpr double low = 0.1, high = 0.9;
  std::vector<double> means, fanos;
  for (const Dispersion& column : columns) {
    means.push_back(column.mean);
    if (!std::isnan(column.fano)) fanos.push_back(column.fano);
  }
  const double mean_low = quantile(means, low), mean_high = quantile(means, high), fano_low = quantile(fanos, low),
               fano_high = quantile(fanos, high);
  std::vector<double> usual;
  for (const Dispersion& column : columns) {
    if (column.mean > mean_low && column.mean < mean_high && column.fano > fano_low && column.fano < fano_high)
      usual.push_back(column.fano);
  }
  return usual;
}

/// By the number of values less 1; NaN of less than two.
double sample_deviation(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, squares = 0;
  for (const double value : x) mean += value / n;
  for (const double value : x) squares += (value - mean) * (value - mean);
  return x.size() < 2 ? std::nan("") : std::sqrt(squares / (n - 1));
}

}  // namespace

Subset overdispersed(const ColumnStatistics& tpm, const Subset& among, Index count) {
  const std::vector<Index> numbers = among.numbers();
  std::vector<Dispersion> columns;
  for (const Index j : numbers) {
    const double mean = tpm.mean(j);
    columns.push_back({mean, mean > 0 ? tpm.variance(j) / mean : std::nan("")});
  }
  // expected Fano factor = A^2 mean + B^2
  const double a = least_variation(columns);
  const std::vector<double> usual = usual_fanos(columns);
  const double b_squared = quantile(usual, 0.5);
  std::vector<Index> candidates, above;
  std::vector<double> ratios;
  constexpr double least_mean = 0.5;
  const double threshold = 1 + sample_deviation(usual);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double ratio = columns[i].fano / (a * a * columns[i].mean + b_squared);
    if (std::isnan(ratio)) continue;
    candidates.push_back(numbers[i]);
    ratios.push_back(ratio);
    if (ratio > threshold && columns[i].mean > least_mean) above.push_back(numbers[i]);
  }
  if (count == 0) return Subset::of(among.all(), above);
  const Subset some = Subset::of(among.all(), candidates);
  return count < some.count() ? of_largest(ratios, some, count) : some;
}

}  // namespace mpinmf::io
