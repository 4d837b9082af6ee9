#include "h_extrapolated_pair.hpp"

#include <algorithm>

#include "kernels/rows.hpp"

namespace mpinmf {
namespace {

/// How b and its bound grow while what is minimised falls, and how b shrinks where it rose; measured on counts of
/// words, ratings and cells, from random starts and from where multiplicative updates stand still.
constexpr double growth = 1.1, growth_of_bound = 1.05, shrinkage = 0.75;
constexpr Index plain_every = 20;
/// A rise by this share is rounding.
constexpr double noise = 1e-13;

}  // namespace

bool HMomentum::accepts(double objective) {
  const bool was_plain = is_plain_;
  if (!was_plain && !(objective <= stands_ * (1 + noise))) {
    most_ = value_;
    value_ *= shrinkage;
    is_plain_ = true;
    since_ = 0;
    return false;
  }
  stands_ = objective;
  if (!was_plain) {
    value_ = std::min(most_, growth * value_);
    most_ = std::min(1.0, growth_of_bound * most_);
  }
  is_plain_ = ++since_ % plain_every == 0;
  return true;
}

template <class T>
HExtrapolatedPair<T>::HExtrapolatedPair(const PairParts<T>& parts, bool moves_h)
    : parts_(parts), previous_w_(Matrix<T>::padded(parts.w.rows(), parts.w.columns())) {
  if (!moves_h) return;
  const ConstMatrixView<T> ht = parts.h.ht();
  for (Matrix<T>* beside : {&plain_, &seen_}) {
    *beside = Matrix<T>::padded(ht.rows(), ht.columns());
    copy_rows<T>(ht, beside->view());
  }
}

template <class T>
MatrixView<T> HExtrapolatedPair<T>::begin_rows(const HUpdate&, const HRows<T>& rows, MatrixView<T> numerator) {
  const auto [first, count] = rows.range;
  const MatrixView<T> x = parts_.h.ht().middle_rows(first, count);
  round_to(rows.sums, numerator);
  copy_rows<T>(x, seen_.view().middle_rows(first, count));
  return x;
}

template <class T>
void HExtrapolatedPair<T>::end_rows(const HUpdate& update, const HRows<T>& rows, const FactorSums&) {
  const auto [first, count] = rows.range;
  const MatrixView<T> x = parts_.h.ht().middle_rows(first, count), plain = plain_.view().middle_rows(first, count);
  const auto b = static_cast<T>(update.momentum_h);
  for (Index j = 0; j < count; ++j) {
    T *y = x.row(j), *before = plain.row(j);
    for (std::size_t c = 0; c < rows.least.size(); ++c) {
      const T now = y[c], ahead = now + b * (now - before[c]), least = static_cast<T>(rows.least[c]);
      before[c] = now;
      y[c] = b > 0 && ahead < least ? least : ahead;  // NaN stays: an overflow must be seen
    }
  }
}

/// H becomes these rows.
template <class T>
HChange HExtrapolatedPair<T>::put(Matrix<T>& rows, bool is_due) {
  return {is_due, [this, &rows](FeatureRange features) {
            copy_rows<T>(rows.view().middle_rows(features.first, features.count),
                         parts_.h.ht().middle_rows(features.first, features.count));
          }};
}

template <class T>
bool HExtrapolatedPair<T>::move_h(const Decision& decision, Sums<T>& sums, HExchange<T>& exchange,
                                  HMover<T>& mover) {
  if (decision.go_back == 0) return exchange.move({.momentum_h = decision.momentum}, sums, mover);
  exchange.replace(mover.h(), put(plain_, true));
  return true;
}

template <class T>
void HExtrapolatedPair<T>::propose(Decision& decision) const {
  decision.go_back = accepted_ ? 0 : 1;
  decision.momentum = momentum_.value();
}

template <class T>
HChange HExtrapolatedPair<T>::h_change(const Decision& decision, bool pauses) {
  return put(seen_, decision.go_back != 0 && pauses);
}

template <class T>
void HExtrapolatedPair<T>::settle_w(Decision& decision, bool pauses) {
  if (pauses) settle_on_previous<T>(previous_w_.view(), parts_.w, decision);
}

template <class T>
void HExtrapolatedPair<T>::begin_anew(Decision& decision) {
  for (Matrix<T>* beside : {&plain_, &seen_}) {
    if (beside->rows() > 0) copy_rows<T>(parts_.h.ht(), beside->view());
  }
  momentum_ = HMomentum();
  decision.momentum = 0;
}

template <class T>
void HExtrapolatedPair<T>::add_views(FitState<T>& state, std::span<const FeatureRange> moved_here) {
  state.factors.push_back(
      {"w_previous", parts_.v.rows_global(), previous_w_.columns(), {{parts_.v.first_row(), previous_w_.view()}}});
  const Index features = parts_.h.ht().rows();
  add_feature_rows(state.factors, "h_plain", plain_.view(), features, moved_here);
  add_feature_rows(state.factors, "h_seen", seen_.view(), features, moved_here);
}

template class HExtrapolatedPair<float>;
template class HExtrapolatedPair<double>;

}  // namespace mpinmf
