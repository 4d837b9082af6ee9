#include "shared_h.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/gram.hpp"

namespace mpinmf {
namespace {

/// H is moved in blocks of rows, as W is, so that the work space stays in cache.
constexpr Index block_rows = 256;

constexpr std::size_t decision_numbers = sizeof(Decision) / sizeof(double);

Index tail_bytes(Index components) {
  return (components * components + components + static_cast<Index>(decision_numbers)) *
         static_cast<Index>(sizeof(double));
}

template <class T>
Matrix<T> with_tail(Index features, Index components) {
  const Index row_bytes = padded_to_vector<T>(components) * static_cast<Index>(sizeof(T));
  return Matrix<T>::padded(features + (tail_bytes(components) + row_bytes - 1) / row_bytes, components);
}

template <class T>
void round_to(ConstMatrixView<double> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) {
    std::transform(from.row(i), from.row(i) + from.columns(), to.row(i),
                   [](double x) { return static_cast<T>(x); });
  }
}

}  // namespace

template <class T>
SharedH<T>::SharedH(Index features, Index components)
    : features_(features),
      storage_(with_tail<T>(features, components)),
      gram_(components, components),
      column_sums_(static_cast<std::size_t>(components)),
      working_gram_(Matrix<T>::padded(components, components)),
      working_sums_(Matrix<T>::padded(1, components)),
      numerator_(Matrix<T>::padded(block_rows, components)),
      denominator_(Matrix<T>::padded(std::max(block_rows, components), components)),
      product_(Matrix<T>::padded(block_rows, components)),
      gram_scratch_(static_cast<std::size_t>(gram_scratch<T>(components))) {}

template <class T>
MatrixView<T> SharedH<T>::ht() {
  return storage_.view().middle_rows(0, features_);
}
template <class T>
ConstMatrixView<T> SharedH<T>::ht() const {
  return storage_.view().middle_rows(0, features_);
}

template <class T>
FixedH<T> SharedH<T>::fixed() const {
  return {ht(), working_gram_.view(), working_sums_.view()};
}

template <class T>
void SharedH<T>::move(Rule<T> rule, const RuleSettings& settings, StatisticsShape shape, const Sums<T>& sums) {
  const ConstMatrixView<double> denominator = sums.denominator();
  if (shape != StatisticsShape::matrix)
    round_to(denominator, denominator_.view().middle_rows(0, denominator.rows()));
  for (Index first = 0; first < features_; first += block_rows) {
    const Index count = std::min(block_rows, features_ - first);
    const MatrixView<T> numerators = numerator_.view().middle_rows(0, count);
    round_to(sums.numerator().middle_rows(first, count), numerators);
    Index denominators = denominator.rows();
    if (shape == StatisticsShape::matrix) {
      denominators = count;
      round_to(denominator.middle_rows(first, count), denominator_.view().middle_rows(0, count));
    }
    const Statistics<T> statistics{shape, numerators, denominator_.view().middle_rows(0, denominators)};
    rule(statistics, settings, product_.view().middle_rows(0, count), ht().middle_rows(first, count));
  }
  refresh();
}

template <class T>
void SharedH<T>::refresh() {
  std::fill_n(gram_.data(), gram_.rows() * gram_.columns(), 0.0);
  std::fill(column_sums_.begin(), column_sums_.end(), 0.0);
  add_gram<T>(ht(), gram_.view(), gram_scratch_);
  add_column_sums<T>(ht(), column_sums_);
  round_statistics();
}

template <class T>
void SharedH<T>::round_statistics() {
  const auto components = static_cast<Index>(column_sums_.size());
  round_to(gram_.view(), working_gram_.view());
  round_to({column_sums_.data(), 1, components, components}, working_sums_.view());
}

template <class T>
bool SharedH<T>::is_finite() const {
  return std::all_of(column_sums_.begin(), column_sums_.end(), [](double x) { return std::isfinite(x); });
}

template <class T>
void SharedH<T>::pack(const Decision& decision) {
  auto* tail = reinterpret_cast<std::byte*>(storage_.row(features_));
  const auto put = [&](const void* from, std::size_t bytes) {
    std::memcpy(tail, from, bytes);
    tail += bytes;
  };
  put(&decision, sizeof decision);
  put(gram_.data(), static_cast<std::size_t>(gram_.rows() * gram_.columns()) * sizeof(double));
  put(column_sums_.data(), column_sums_.size() * sizeof(double));
}

template <class T>
void SharedH<T>::unpack(Decision& decision) {
  const auto* tail = reinterpret_cast<const std::byte*>(storage_.row(features_));
  const auto get = [&](void* to, std::size_t bytes) {
    std::memcpy(to, tail, bytes);
    tail += bytes;
  };
  get(&decision, sizeof decision);
  get(gram_.data(), static_cast<std::size_t>(gram_.rows() * gram_.columns()) * sizeof(double));
  get(column_sums_.data(), column_sums_.size() * sizeof(double));
}

template <class T>
void SharedH<T>::publish(const Comm& comm, Decision& decision) {
  if (comm.size() == 1) return;
  if (comm.is_root()) pack(decision);
  const auto elements = static_cast<std::size_t>(storage_.rows() * storage_.stride());
  comm.broadcast(std::span<T>(storage_.data(), elements));
  if (comm.is_root()) return;
  unpack(decision);
  round_statistics();
}

template class SharedH<float>;
template class SharedH<double>;

}  // namespace mpinmf
