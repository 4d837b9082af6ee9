#include "sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace mpinmf {
namespace {

constexpr std::size_t cost_numbers = sizeof(PanelCost) / sizeof(double), request_numbers = 2,
                      tail_numbers = cost_numbers + request_numbers;

std::size_t denominator_numbers(StatisticsShape shape, Index features, Index components) {
  switch (shape) {
    case StatisticsShape::gram: return static_cast<std::size_t>(components * components);
    case StatisticsShape::vector: return static_cast<std::size_t>(components);
    case StatisticsShape::matrix: break;
  }
  return static_cast<std::size_t>(features * components);
}

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

PanelCost sum_over(const Comm& comm, const PanelCost& own) {
  std::array<double, cost_numbers> total{own.loss, own.row_norms, own.zero_models, own.violation, own.penalty};
  comm.sum(total);
  return {total[0], total[1], total[2], total[3], total[4]};
}

template <class T>
Sums<T>::Sums(StatisticsShape shape, Index features, Index components, const SumsOptions& options)
    : shape_(shape),
      features_(features),
      components_(components),
      threads_(static_cast<std::size_t>(options.threads)),
      cross_numbers_(options.has_cross_gram ? static_cast<std::size_t>(components * components) : 0),
      packed_(static_cast<std::size_t>(features * components) + denominator_numbers(shape, features, components) +
              cross_numbers_ + tail_numbers) {
  for (Thread& thread : threads_) {
    if (shape != StatisticsShape::matrix) thread.denominator.resize(denominator_numbers(shape, 0, components));
    thread.cross_gram.resize(cross_numbers_);
  }
  for (int t = 0; t < (options.is_shared ? 1 : options.threads); ++t) {
    numerators_.push_back(Matrix<T>::padded(features, components));
    if (shape == StatisticsShape::matrix) matrix_denominators_.push_back(Matrix<T>::padded(features, components));
  }
}

template <class T>
void Sums<T>::clear() {
  std::fill(packed_.begin(), packed_.end(), 0.0);
  for (Thread& thread : threads_) {
    std::fill(thread.denominator.begin(), thread.denominator.end(), 0.0);
    std::fill(thread.cross_gram.begin(), thread.cross_gram.end(), 0.0);
    thread.cost = {};
  }
  requests_ = {};
}

template <class T>
std::span<double> Sums<T>::packed_denominator() {
  return std::span<double>(packed_).subspan(static_cast<std::size_t>(features_ * components_),
                                            denominator_numbers(shape_, features_, components_));
}

template <class T>
GatheredSums<T> Sums<T>::partial(int thread) {
  const auto copy = is_shared() ? 0 : static_cast<std::size_t>(thread);
  const std::span<double> denominator = threads_[static_cast<std::size_t>(thread)].denominator;
  GatheredSums<T> result;
  result.numerator = numerators_[copy].view();
  if (cross_numbers_ > 0) {
    result.cross_gram = {threads_[static_cast<std::size_t>(thread)].cross_gram.data(), components_, components_,
                         components_};
  }
  switch (shape_) {
    case StatisticsShape::gram: result.gram = {denominator.data(), components_, components_, components_}; break;
    case StatisticsShape::vector: result.column_sums = denominator; break;
    case StatisticsShape::matrix: result.matrix_denominator = matrix_denominators_[copy].view(); break;
  }
  return result;
}

template <class T>
void Sums<T>::flush(int part, int parts) {
  const Index first = features_ * part / parts, count = features_ * (part + 1) / parts - first;
  const auto flush_all = [&](std::vector<Matrix<T>>& partial, double* to) {
    for (Matrix<T>& sums : partial) move_into(sums.view().middle_rows(first, count), to + first * components_);
  };
  flush_all(numerators_, packed_.data());
  if (shape_ == StatisticsShape::matrix) flush_all(matrix_denominators_, packed_denominator().data());
}

template <class T>
void Sums<T>::pack_threads() {
  PanelCost total;
  const std::span<double> denominators = packed_denominator();
  double* cross_gram = denominators.data() + denominators.size();
  for (const Thread& thread : threads_) {
    for (std::size_t i = 0; i < cross_numbers_; ++i) cross_gram[i] += thread.cross_gram[i];
    for (std::size_t i = 0; i < thread.denominator.size(); ++i) denominators[i] += thread.denominator[i];
    total += thread.cost;
  }
  double* costs = packed_.data() + packed_.size() - tail_numbers;
  costs[0] = total.loss;
  costs[1] = total.row_norms;
  costs[2] = total.zero_models;
  costs[3] = total.violation;
  costs[4] = total.penalty;
  costs[5] = requests_.stop ? 1 : 0;
  costs[6] = requests_.save ? 1 : 0;
}

template <class T>
void Sums<T>::sum_over(const Comm& comm) {
  pack_threads();
  comm.sum(packed_);
}

template <class T>
std::span<double> Sums<T>::head() {
  const std::size_t denominators = shape_ == StatisticsShape::matrix ? 0 : packed_denominator().size();
  return std::span<double>(packed_).last(denominators + cross_numbers_ + tail_numbers);
}

template <class T>
void Sums<T>::sum_head_over(const Comm& comm) {
  pack_threads();
  comm.sum(head());
}

template <class T>
void Sums<T>::start_sum(const Comm& comm, FeatureRange features, int owner, PendingSum& pending) {
  const auto first = static_cast<std::size_t>(features.first * components_),
             count = static_cast<std::size_t>(features.count * components_);
  pending.numerator = comm.start_sum_to(owner, std::span<double>(packed_).subspan(first, count));
  if (shape_ == StatisticsShape::matrix) {
    pending.denominator = comm.start_sum_to(owner, packed_denominator().subspan(first, count));
  }
}

template <class T>
ConstMatrixView<double> Sums<T>::numerator() const {
  return {packed_.data(), features_, components_, components_};
}

template <class T>
ConstMatrixView<double> Sums<T>::denominator() const {
  const double* data = packed_.data() + features_ * components_;
  switch (shape_) {
    case StatisticsShape::gram: return {data, components_, components_, components_};
    case StatisticsShape::vector: return {data, 1, components_, components_};
    case StatisticsShape::matrix: break;
  }
  return {data, features_, components_, components_};
}

template <class T>
ConstMatrixView<double> Sums<T>::cross_gram() const {
  return {packed_.data() + packed_.size() - tail_numbers - cross_numbers_, components_, components_, components_};
}

template <class T>
PanelCost Sums<T>::total_cost() const {
  const double* costs = packed_.data() + packed_.size() - tail_numbers;
  return {costs[0], costs[1], costs[2], costs[3], costs[4]};
}

template <class T>
Requests Sums<T>::total_requests() const {
  const double* requests = packed_.data() + packed_.size() - request_numbers;
  return {requests[0] > 0, requests[1] > 0};
}

template <class T>
bool Sums<T>::is_finite() const {
  return is_finite_matrix(denominator());
}

template <class T>
bool Sums<T>::is_head_finite() const {
  return shape_ == StatisticsShape::matrix || is_finite_matrix(denominator());
}

template <class T>
bool Sums<T>::is_finite(FeatureRange features) const {
  return shape_ != StatisticsShape::matrix ||
         is_finite_matrix(denominator().middle_rows(features.first, features.count));
}

template class Sums<float>;
template class Sums<double>;

}  // namespace mpinmf
