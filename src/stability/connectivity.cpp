#include "stability/connectivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "kernels/philox.hpp"
#include "mpinmf/error.hpp"
#include "stability/average_linkage.hpp"
#include "stability/silhouettes.hpp"

namespace mpinmf::stability {
namespace {

/// Over the pairs i < j; 1 where either is constant.
double correlation_of_pairs(ConstMatrixView<double> x, ConstMatrixView<double> y) {
  const auto sum_over_pairs = [&](auto term) {
    double sum = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      for (Index j = i + 1; j < x.rows(); ++j) sum += term(x(i, j), y(i, j));
    }
    return sum;
  };
  const double pairs = static_cast<double>(x.rows()) * static_cast<double>(x.rows() - 1) / 2;
  const double mean_x = sum_over_pairs([](double a, double) { return a; }) / pairs;
  const double mean_y = sum_over_pairs([](double, double b) { return b; }) / pairs;
  const double xx = sum_over_pairs([=](double a, double) { return (a - mean_x) * (a - mean_x); });
  const double yy = sum_over_pairs([=](double, double b) { return (b - mean_y) * (b - mean_y); });
  const double xy = sum_over_pairs([=](double a, double b) { return (a - mean_x) * (b - mean_y); });
  // C has steps of 1 / R: what varies by less does so by rounding
  const double rounding = 1e-20 * pairs;
  return xx > rounding && yy > rounding ? xy / std::sqrt(xx * yy) : 1;
}

double hoyer(const double* x, Index n) {
  const double norm1 = std::accumulate(x, x + n, 0.0, [](double sum, double a) { return sum + std::abs(a); });
  const double norm2 = std::sqrt(std::inner_product(x, x + n, x, 0.0));
  const double root = std::sqrt(static_cast<double>(n));
  if (norm2 == 0 || n < 2) return std::numeric_limits<double>::quiet_NaN();
  return (root - norm1 / norm2) / (root - 1);
}

}  // namespace

std::vector<Index> sampled_rows(Index m, std::uint64_t seed, Index most_rows) {
  std::vector<Index> rows(static_cast<std::size_t>(std::min(m, most_rows)));
  std::iota(rows.begin(), rows.end(), Index{0});
  if (m <= most_rows) return rows;
  // floor(piece m / most_rows) without a product that could overflow
  const auto start_of = [&](Index piece) { return piece * (m / most_rows) + piece * (m % most_rows) / most_rows; };
  for (Index& row : rows) {
    const Index first = start_of(row), length = start_of(row + 1) - first;
    const double place = unit_interval(random_words(seed, Stream::connectivity_rows, row, 0)[0]);
    row = first + static_cast<Index>(place * static_cast<double>(length));
  }
  return rows;
}

Matrix<double> connectivity_matrix(const StrongestComponents& runs, std::span<const Index> rows) {
  const auto count = static_cast<Index>(rows.size());
  Matrix<double> c(count, count);
  std::vector<std::uint16_t> strongest(rows.size());
  for (const auto& run : runs) {
    std::transform(rows.begin(), rows.end(), strongest.begin(),
                   [&](Index row) { return run[static_cast<std::size_t>(row)]; });
    for (Index i = 0; i < count; ++i) {
      double* to = c.row(i);
      const std::uint16_t own = strongest[static_cast<std::size_t>(i)];
      for (Index j = 0; j < count; ++j) to[j] += strongest[static_cast<std::size_t>(j)] == own ? 1 : 0;
    }
  }
  for (Index i = 0; i < count; ++i) {
    for (Index j = 0; j < count; ++j) c(i, j) /= static_cast<double>(runs.size());
  }
  return c;
}

Connectivity connectivity(const StrongestComponents& runs, std::uint64_t seed, Index most_rows) {
  if (runs.empty() || most_rows < 1) throw UsageError("Connectivity needs a fit and a row or more.");
  for (const auto& run : runs) {
    if (run.size() != runs.front().size()) {
      throw ShapeMismatch(
          fmt::format("Fits of {} and of {} rows have no common connectivity.", runs.front().size(), run.size()));
    }
  }
  const std::vector<Index> rows = sampled_rows(static_cast<Index>(runs.front().size()), seed, most_rows);
  Connectivity result;
  result.rows = static_cast<Index>(rows.size());
  if (rows.size() < 2) return result;
  Matrix<double> c = connectivity_matrix(runs, rows);
  double spread = 0, ambiguous = 0;
  for (Index i = 0; i < c.rows(); ++i) {
    for (Index j = 0; j < c.rows(); ++j) {
      spread += 4 * (c(i, j) - 0.5) * (c(i, j) - 0.5);
      ambiguous += j > i && c(i, j) > 0.1 && c(i, j) < 0.9 ? 1 : 0;
      c(i, j) = 1 - c(i, j);
    }
  }
  const auto count = static_cast<double>(c.rows());
  result.dispersion = spread / (count * count);
  result.pac = ambiguous / (count * (count - 1) / 2);
  const Matrix<double> in_tree = cophenetic_distances(std::as_const(c).view());
  result.cophenetic = correlation_of_pairs(std::as_const(c).view(), in_tree.view());
  return result;
}

double sparseness(ConstMatrixView<double> rows) {
  std::vector<double> each;
  for (Index i = 0; i < rows.rows(); ++i) each.push_back(hoyer(rows.row(i), rows.columns()));
  return mean(each);
}

}  // namespace mpinmf::stability
