#include "column_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mpinmf::io {

ColumnStatistics::ColumnStatistics(Index columns, Absent absent)
    : counts_(static_cast<std::size_t>(columns)),
      means_(counts_.size()),
      squares_(counts_.size()),
      largest_(counts_.size()),
      unknown_(counts_.size()),
      absent_(absent) {}

void ColumnStatistics::add(const RowEntries& row) {
  ++rows_;
  for (const auto& [column, value] : row) {
    const auto j = static_cast<std::size_t>(column);
    if (absent_ == Absent::zero) {
      unknown_[j] += value != value ? 1 : 0;
    } else {
      unknown_[j] -= value == value ? 1 : 0;  // from all rows, once these have been counted
    }
    if (!(value > 0)) continue;
    // Welford, Technometrics 4 (1962), over the nonzero entries
    const double difference = value - means_[j];
    means_[j] += difference / ++counts_[j];
    squares_[j] += difference * (value - means_[j]);
    largest_[j] = std::max(largest_[j], value);
  }
}

void ColumnStatistics::meet(const Comm& comm) {
  if (absent_ == Absent::unknown) {
    for (double& unknown : unknown_) unknown += static_cast<double>(rows_);
  }
  // Chan, Golub and LeVeque, American Statistician 37 (1983): first with the zeros of this rank, then with the
  // others. squares <- squares + sum over parts of (rows of the part) (its mean - mean)^2
  std::vector<double> own_means(means_.size()), own_known(means_.size());
  for (std::size_t j = 0; j < means_.size(); ++j) {
    own_known[j] = known(j);
    if (own_known[j] == 0) continue;
    const double share = counts_[j] / own_known[j];
    squares_[j] += means_[j] * means_[j] * counts_[j] * (1 - share);
    own_means[j] = means_[j] * share;
    means_[j] *= counts_[j];  // a sum
  }
  rows_ = comm.sum(rows_);
  comm.sum(unknown_);
  comm.sum(means_);
  for (std::size_t j = 0; j < means_.size(); ++j) {
    if (known(j) > 0) means_[j] /= known(j);
    squares_[j] += own_known[j] * (own_means[j] - means_[j]) * (own_means[j] - means_[j]);
  }
  comm.sum(squares_);
  comm.sum(counts_);
  comm.max(largest_);
}

double ColumnStatistics::variance(Index column) const {
  const auto j = static_cast<std::size_t>(column);
  return known(j) > 0 ? squares_[j] / known(j) : 0;
}

double ColumnStatistics::scale(const std::string& how, Index column) const {
  const auto j = static_cast<std::size_t>(column);
  const double n = known(j);
  if (how == "idf") return 1 / (std::log((1 + n) / (1 + counts_[j])) + 1);
  if (counts_[j] == 0) return 1;
  if (how == "max") return largest_[j];
  if (how == "l2") return std::sqrt(squares_[j] + n * means_[j] * means_[j]);
  // what rounding leaves of the variance of a constant column, as scikit-learn bounds it (_is_constant_feature)
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  const double rounding = n * means_[j] * epsilon, v = variance(column);
  if (v <= n * epsilon * v + rounding * rounding) return 1;
  return std::sqrt(how == "sample-std" ? v * n / (n - 1) : v);
}

Subset of_top_variance(const ColumnStatistics& statistics, const Subset& among, Index count) {
  std::vector<double> variances;
  for (const Index j : among.numbers()) variances.push_back(statistics.variance(j));
  return of_largest(variances, among, count);
}

Subset of_largest(std::span<const double> measure, const Subset& among, Index count) {
  // far above rounding, and far below what tells columns apart
  constexpr double tie = 1e-10;
  const std::vector<Index> numbers = among.numbers();
  std::vector<double> sorted(measure.begin(), measure.end());
  std::nth_element(sorted.begin(), sorted.begin() + (count - 1), sorted.end(), std::greater<>());
  const double least = sorted[static_cast<std::size_t>(count - 1)];
  std::vector<Index> kept, ties;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (measure[i] > least * (1 + tie))
      kept.push_back(numbers[i]);
    else if (measure[i] >= least * (1 - tie))
      ties.push_back(numbers[i]);
  }
  for (const Index j : ties) {
    if (static_cast<Index>(kept.size()) < count) kept.push_back(j);
  }
  return Subset::of(among.all(), kept);
}

}  // namespace mpinmf::io
