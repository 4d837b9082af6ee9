#include "extrapolated_pair.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernels/gram.hpp"
#include "kernels/rows.hpp"

namespace mpinmf {
namespace {

/// What rounding makes of ||V||^2 - 2 <S, H> + <W'W, H H'>, as a share of ||V||^2.
template <class T>
constexpr double rounding_noise = 16 * static_cast<double>(std::numeric_limits<T>::epsilon());

}  // namespace

template <class T>
ExtrapolatedPair<T>::ExtrapolatedPair(const PairParts<T>& parts, bool is_exact, bool moves_h)
    : parts_(parts),
      is_exact_(is_exact),
      momentum_(is_exact),
      previous_w_(Matrix<T>::padded(parts.w.rows(), parts.w.columns())),
      previous_gram_(parts.w.columns(), parts.w.columns()),
      gram_(parts.w.columns(), parts.w.columns()) {
  if (!moves_h) return;
  const ConstMatrixView<T> ht = parts.h.ht();
  const Index features = ht.rows(), k = ht.columns();
  pair_ = Matrix<T>::padded(features, k);
  previous_ = Matrix<T>::padded(features, k);
  previous_sums_ = Matrix<double>(features, k);
  copy_rows<T>(ht, pair_.view());
  copy_rows<T>(ht, previous_.view());
  scratch_.resize(static_cast<std::size_t>(parts.h.blocks().threads()));
  for (Scratch& scratch : scratch_) {
    scratch.gram.resize(static_cast<std::size_t>(k * k));
    scratch.products.resize(static_cast<std::size_t>(gram_scratch<T>(k)));
  }
}

template <class T>
double ExtrapolatedPair<T>::h_bytes(Index features, Index components, int threads) {
  return padded_bytes<T>(2 * features, components) +
         plain_bytes<double>(features + (2 + threads) * components, components) +
         plain_bytes<double>(threads, gram_scratch<T>(components));
}

/// Wy'V = (1 + b) S_i - b S_{i-1}; H starts from H_{i-1}.
template <class T>
MatrixView<T> ExtrapolatedPair<T>::begin_rows(const HUpdate& update, const HRows<T>& rows,
                                              MatrixView<T> numerator) {
  const auto [first, count] = rows.range;
  const ConstMatrixView<double> s = rows.sums;
  const MatrixView<double> before = previous_sums_.view().middle_rows(first, count);
  const double b = update.momentum;
  for (Index j = 0; j < s.rows(); ++j) {
    for (Index c = 0; c < s.columns(); ++c) {
      numerator(j, c) = static_cast<T>((1 + b) * s(j, c) - b * before(j, c));
      before(j, c) = s(j, c);
    }
  }
  const MatrixView<T> x = pair_.view().middle_rows(first, count),
                      previous = previous_.view().middle_rows(first, count);
  update.redo ? copy_rows<T>(previous, x) : copy_rows<T>(x, previous);
  return x;
}

/// Hy = max(0, H_i + b (H_i - H_{i-1})), and what the pair's quadratic term of the loss is.
template <class T>
void ExtrapolatedPair<T>::end_rows(const HUpdate& update, const HRows<T>& rows, const FactorSums& total) {
  const auto [first, count] = rows.range;
  const MatrixView<T> pair = pair_.view().middle_rows(first, count),
                      previous = previous_.view().middle_rows(first, count),
                      seen = parts_.h.ht().middle_rows(first, count);
  const auto b = static_cast<T>(update.momentum_h);
  const Index k = pair.columns();
  for (Index j = 0; j < count; ++j) {
    const T *now = pair.row(j), *before = previous.row(j);
    T* y = seen.row(j);
    for (Index c = 0; c < k; ++c) {
      const T ahead = now[c] + b * (now[c] - before[c]);
      y[c] = ahead <= 0 ? 0 : ahead;  // NaN stays: an overflow must be seen
    }
  }
  Scratch& scratch = scratch_[rows.thread];
  std::fill(scratch.gram.begin(), scratch.gram.end(), 0.0);
  add_gram<T>(pair, {scratch.gram.data(), k, k, k}, scratch.products);
  double quadratic = 0;
  const double* gram = rows.gram.data();
  for (std::size_t i = 0; i < scratch.gram.size(); ++i) quadratic += gram[i] * scratch.gram[i];
  total.add_moved({0, quadratic, 0, 0});
}

template <class T>
WStart<T> ExtrapolatedPair<T>::w_start(const Decision& decision) {
  return {previous_w_.view(), decision.start_momentum, decision.go_back != 0};
}

template <class T>
bool ExtrapolatedPair<T>::move_h(const Decision& decision, Sums<T>& sums, HExchange<T>& exchange,
                                 HMover<T>& mover) {
  const double b = decision.momentum;
  if (!exchange.move({b, b, extrapolated_gram(decision, sums), false}, sums, mover)) return false;
  Verdict verdict = judge(sums, mover.h());
  exchange.agree(verdict);
  if (verdict.accepted != 0) return true;
  if (!exchange.move({0, verdict.momentum_of_redone, {}, true}, sums, mover)) return false;
  if (parts_.v.comm().is_root()) accepted_ = momentum_.accepts_redone(objective(sums, mover.h()), noise());
  return true;
}

/// The root's counts: sums need not have the same bits on every rank.
template <class T>
Verdict ExtrapolatedPair<T>::judge(const Sums<T>& sums, const SharedH<T>& h) {
  if (!parts_.v.comm().is_root()) return {};
  accepted_ = momentum_.accepts(objective(sums, h), noise());
  return {accepted_ ? 1.0 : 0.0, momentum_.of_redone()};
}

/// What is minimised, of the pair that has been made.
template <class T>
double ExtrapolatedPair<T>::objective(const Sums<T>& sums, const SharedH<T>& h) const {
  return identity_square(sums, h) / 2 + (sums.total_cost().penalty + h.moved().penalty);
}
template <class T>
double ExtrapolatedPair<T>::identity_square(const Sums<T>&, const SharedH<T>& h) const {
  return parts_.v.summary().sum_squares - 2 * h.moved().linear + h.moved().quadratic;
}
template <class T>
double ExtrapolatedPair<T>::noise() const {
  return rounding_noise<T> * parts_.v.summary().sum_squares;
}

/// Wy'Wy, and W_i'W_i kept for the next iteration.
template <class T>
ConstMatrixView<double> ExtrapolatedPair<T>::extrapolated_gram(const Decision& decision, const Sums<T>& sums) {
  const ConstMatrixView<double> gram = sums.of(Statistic::gram);
  extrapolate_gram(decision.momentum, gram, sums.of(Statistic::cross_gram), std::as_const(previous_gram_).view(),
                   gram_.view());
  std::copy_n(gram.data(), gram.rows() * gram.columns(), previous_gram_.row(0));
  return std::as_const(gram_).view();
}

template <class T>
void ExtrapolatedPair<T>::propose(Decision& decision) const {
  decision.go_back = accepted_ ? 0 : 1;
  decision.momentum = momentum_.value();
  decision.start_momentum = momentum_.of_start();
}

/// H_{i-1} where what is minimised rose; H_i in place of Hy where the run pauses.
template <class T>
HChange ExtrapolatedPair<T>::h_change(const Decision& decision, bool pauses) {
  const bool goes_back = decision.go_back != 0;
  return {goes_back || pauses, [this, goes_back](FeatureRange features) {
            const MatrixView<T> pair = pair_.view().middle_rows(features.first, features.count);
            if (goes_back) copy_rows<T>(previous_.view().middle_rows(features.first, features.count), pair);
            copy_rows<T>(pair, parts_.h.ht().middle_rows(features.first, features.count));
          }};
}

template <class T>
void ExtrapolatedPair<T>::settle_w(Decision& decision, bool pauses) {
  if (pauses) settle_on_previous<T>(previous_w_.view(), parts_.w, decision);
}

template <class T>
void ExtrapolatedPair<T>::begin_anew(Decision& decision) {
  if (pair_.rows() > 0) {
    copy_rows<T>(parts_.h.ht(), pair_.view());
    copy_rows<T>(parts_.h.ht(), previous_.view());
  }
  momentum_ = Momentum(is_exact_);
  decision.momentum = decision.start_momentum = 0;
}

template <class T>
void ExtrapolatedPair<T>::pass(StateTape& tape) {
  momentum_.pass(tape);
  tape.pass(std::span<double>(previous_gram_.data(),
                              static_cast<std::size_t>(previous_gram_.rows() * previous_gram_.columns())));
}

template <class T>
void ExtrapolatedPair<T>::add_views(FitState<T>& state, std::span<const FeatureRange> moved_here) {
  state.factors.push_back(
      {"w_previous", parts_.v.rows_global(), previous_w_.columns(), {{parts_.v.first_row(), previous_w_.view()}}});
  const Index features = parts_.h.ht().rows();
  add_feature_rows(state.factors, "h_pair", pair_.view(), features, moved_here);
  add_feature_rows(state.factors, "h_previous", previous_.view(), features, moved_here);
  add_feature_rows(state.sums, "h_sums", previous_sums_.view(), features, moved_here);
}

template class ExtrapolatedPair<float>;
template class ExtrapolatedPair<double>;

}  // namespace mpinmf
