#include "sums.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace mpinmf {
namespace {

constexpr std::size_t cost_doubles = sizeof(PanelCost) / sizeof(double), request_doubles = 2,
                      tail_doubles = cost_doubles + request_doubles;
constexpr double walk_failed = -std::numeric_limits<double>::infinity();

/// to (unpadded) += from for some rows, and from = 0
template <class T>
void move_into(MatrixView<T> from, double* to) {
  for (Index j = 0; j < from.rows(); ++j) {
    T* row = from.row(j);
    for (Index c = 0; c < from.columns(); ++c) *to++ += static_cast<double>(row[c]);
    std::fill_n(row, from.stride(), T(0));
  }
}

bool is_finite_matrix(ConstMatrixView<double> x) {
  return std::all_of(x.data(), x.data() + x.rows() * x.stride(),
                     [](double value) { return std::isfinite(value); });
}

}  // namespace

Index packed_numbers(StatisticsSet statistics, Index features, Index components) {
  Index numbers = 0;
  statistics.for_each(
      [&](Statistic s) { numbers += rows_of(s, features, components) * columns_of(s, components); });
  return numbers + static_cast<Index>(tail_doubles);
}

std::string packed_numbers_text(StatisticsSet statistics, Index features, Index components) {
  std::vector<std::string> terms;
  const StatisticsSet by_tiles = statistics & StatisticsSet{Statistic::row_grams};
  if (by_tiles.count() > 0) {
    terms.push_back(fmt::format("{}*{}", features, columns_of(Statistic::row_grams, components)));
  }
  for (const StatisticRows rows : {StatisticRows::of_factor, StatisticRows::components, StatisticRows::one}) {
    int count = 0;
    (statistics - by_tiles).for_each([&](Statistic s) { count += rows_of(s) == rows ? 1 : 0; });
    if (count == 0) continue;
    std::string term = count > 1 ? fmt::format("{}*", count) : "";
    if (rows == StatisticRows::of_factor) term += fmt::format("{}*", features);
    if (rows == StatisticRows::components) term += fmt::format("{}*", components);
    terms.push_back(term + std::to_string(components));
  }
  terms.push_back(std::to_string(tail_doubles));
  return fmt::format("{}", fmt::join(terms, " + "));
}

PanelCost sum_over(const Comm& comm, const PanelCost& own) {
  std::array<double, cost_doubles> total{own.loss, own.row_norms, own.zero_models, own.violation, own.penalty};
  comm.sum(total);
  return {total[0], total[1], total[2], total[3], total[4]};
}

template <class T>
double Sums<T>::bytes(StatisticsSet statistics, Index features, Index components, const SumsOptions& options) {
  const StatisticsSet large = statistics & large_statistics;
  double partial = 0;
  large.for_each([&](Statistic s) { partial += padded_bytes<T>(features, columns_of(s, components)); });
  const Index small = packed_numbers(statistics - large, features, components) - static_cast<Index>(tail_doubles);
  return (options.is_shared ? 1 : options.threads) * partial + plain_bytes<double>(options.threads, small) +
         plain_bytes<double>(1, packed_numbers(statistics, features, components));
}

template <class T>
Sums<T>::Sums(StatisticsSet statistics, Index features, Index components, const SumsOptions& options)
    : statistics_(statistics),
      features_(features),
      components_(components),
      threads_(static_cast<std::size_t>(options.threads)),
      partial_(static_cast<std::size_t>(options.is_shared ? 1 : options.threads)) {
  std::size_t numbers = 0;
  statistics_.for_each([&](Statistic s) {
    place_[s] = numbers;
    numbers += static_cast<std::size_t>(rows_of(s, features, components) * columns_of(s, components));
    if (is_large(s)) head_ = numbers;
  });
  packed_.resize(numbers + tail_doubles);
  for (Thread& thread : threads_) thread.small.resize(numbers - head_);
  for (ByStatistic<Matrix<T>>& partial : partial_) {
    (statistics_ & large_statistics).for_each([&](Statistic s) {
      partial[s] = Matrix<T>::padded(features, columns_of(s, components));
    });
  }
}

template <class T>
void Sums<T>::clear() {
  std::fill(packed_.begin(), packed_.end(), 0.0);
  for (Thread& thread : threads_) {
    std::fill(thread.small.begin(), thread.small.end(), 0.0);
    thread.cost = {};
  }
  requests_ = {};
  if (fault_ == nullptr) return;
  // a walk that has ended early has not flushed them
  for (ByStatistic<Matrix<T>>& partial : partial_) {
    (statistics_ & large_statistics).for_each([&](Statistic s) {
      std::fill_n(partial[s].data(), partial[s].rows() * partial[s].stride(), T(0));
    });
  }
  fault_ = nullptr;
}

template <class T>
GatheredSums<T> Sums<T>::partial(int thread) {
  ByStatistic<Matrix<T>>& large = partial_[is_shared() ? 0 : static_cast<std::size_t>(thread)];
  double* small = threads_[static_cast<std::size_t>(thread)].small.data();
  GatheredSums<T> result;
  statistics_.for_each([&](Statistic s) {
    if (is_large(s)) {
      result.large[s] = large[s].view();
    } else {
      result.small[s] = {small + (place_[s] - head_), rows_of(s, features_, components_), components_,
                         components_};
    }
  });
  return result;
}

template <class T>
PanelCost Sums<T>::own_cost() const {
  PanelCost total;
  for (const Thread& thread : threads_) total += thread.cost;
  return total;
}

template <class T>
void Sums<T>::flush(int part, int parts) {
  const Index first = features_ * part / parts, count = features_ * (part + 1) / parts - first;
  (statistics_ & large_statistics).for_each([&](Statistic s) {
    double* to = packed_.data() + place_[s] + first * columns_of(s, components_);
    for (ByStatistic<Matrix<T>>& partial : partial_) move_into(partial[s].view().middle_rows(first, count), to);
  });
}

template <class T>
void Sums<T>::pack_threads() {
  const PanelCost total = own_cost();
  double* small = packed_.data() + head_;
  for (const Thread& thread : threads_) {
    for (std::size_t i = 0; i < thread.small.size(); ++i) small[i] += thread.small[i];
  }
  double* costs = packed_.data() + packed_.size() - tail_doubles;
  costs[0] = total.loss;
  costs[1] = total.row_norms;
  costs[2] = total.zero_models;
  costs[3] = total.violation;
  costs[4] = total.penalty;
  costs[5] = fault_ != nullptr ? walk_failed : requests_.stop ? 1 : 0;
  costs[6] = requests_.save ? 1 : 0;
}

/// The sum tells every rank that there is something to meet for, so that none waits for another.
template <class T>
void Sums<T>::require_walked(const Comm& comm) const {
  if (packed_[packed_.size() - request_doubles] != walk_failed) return;
  comm.meet([&] {
    if (fault_ != nullptr) std::rethrow_exception(fault_);
  });
}

template <class T>
void Sums<T>::sum_over(const Comm& comm) {
  pack_threads();
  comm.sum(packed_);
  require_walked(comm);
}

template <class T>
std::span<double> Sums<T>::head() {
  return std::span<double>(packed_).subspan(head_);
}

template <class T>
void Sums<T>::sum_head_over(const Comm& comm) {
  pack_threads();
  comm.sum(head());
  require_walked(comm);
}

template <class T>
void Sums<T>::start_sum(const Comm& comm, FeatureRange features, int owner, PendingSum& pending) {
  (statistics_ & large_statistics).for_each([&](Statistic s) {
    const Index columns = columns_of(s, components_);
    const auto first = static_cast<std::size_t>(features.first * columns),
               count = static_cast<std::size_t>(features.count * columns);
    pending.large[s] = comm.start_sum_to(owner, std::span<double>(packed_).subspan(place_[s] + first, count));
  });
}

template <class T>
ConstMatrixView<double> Sums<T>::of(Statistic statistic) const {
  assert(statistics_.has(statistic));
  const Index columns = columns_of(statistic, components_);
  return {packed_.data() + place_[statistic], rows_of(statistic, features_, components_), columns, columns};
}

template <class T>
PanelCost Sums<T>::total_cost() const {
  const double* costs = packed_.data() + packed_.size() - tail_doubles;
  return {costs[0], costs[1], costs[2], costs[3], costs[4]};
}

template <class T>
Requests Sums<T>::total_requests() const {
  const double* requests = packed_.data() + packed_.size() - request_doubles;
  return {requests[0] > 0, requests[1] > 0};
}

template <class T>
bool Sums<T>::is_finite() const {
  return is_head_finite() && is_finite(FeatureRange{0, features_});
}

/// Where an entry of W is not finite, a small rising part is not.
template <class T>
bool Sums<T>::is_head_finite() const {
  bool finite = true;
  ((statistics_ & rising_parts) - large_statistics).for_each([&](Statistic s) {
    finite = finite && is_finite_matrix(of(s));
  });
  return finite;
}

template <class T>
bool Sums<T>::is_finite(FeatureRange features) const {
  bool finite = true;
  (statistics_ & rising_parts & large_statistics).for_each([&](Statistic s) {
    finite = finite && is_finite_matrix(of(s).middle_rows(features.first, features.count));
  });
  return finite;
}

template class Sums<float>;
template class Sums<double>;

}  // namespace mpinmf
