#include "h_mover.hpp"

#include <algorithm>
#include <utility>

#include "kernels/rows.hpp"
#include "revival.hpp"
#include "settings.hpp"

namespace mpinmf {
namespace {

/// <s, x>, summed component by component so that the loop runs in vectors. @pre products.size() == k
template <class T>
double inner_product(ConstMatrixView<double> s, ConstMatrixView<T> x, std::span<double> products) {
  std::fill(products.begin(), products.end(), 0.0);
  for (Index j = 0; j < s.rows(); ++j) {
    const double* a = s.row(j);
    const T* b = x.row(j);
    for (std::size_t c = 0; c < products.size(); ++c) products[c] += a[c] * static_cast<double>(b[c]);
  }
  double sum = 0;
  for (double product : products) sum += product;
  return sum;
}

}  // namespace

template <class T>
HMover<T>::HMover(SharedH<T>& h, const Rule<T>& rule, const RuleSettings& settings, HStart<T>& start,
                  StatisticsSet statistics)
    : h_(h),
      rule_(rule),
      settings_(settings),
      start_(start),
      column_sums_of_w_(Matrix<T>::padded(1, h.ht().columns())),
      least_(static_cast<std::size_t>(h.ht().columns())),
      scratch_(static_cast<std::size_t>(h.blocks().threads())) {
  const Index features = h.ht().rows(), components = h.ht().columns(),
              rows = std::min(FeatureBlocks::block_rows, features);
  for (Scratch& scratch : scratch_) {
    (statistics & large_statistics).for_each([&](Statistic s) {
      scratch.large[s] = Matrix<T>::padded(rows, columns_of(s, components));
    });
    scratch.products.resize(static_cast<std::size_t>(components));
    scratch.rule = make_rule_scratch(rule, rows, components, static_cast<Index>(settings.fixed.size()));
  }
  if (rule.state_columns != nullptr) state_ = Matrix<T>::padded(features, rule.state_columns(components));
}

template <class T>
double HMover<T>::bytes(const Rule<T>& rule, StatisticsSet statistics, Index features, Index components,
                        int threads) {
  const Index rows = std::min(FeatureBlocks::block_rows, features);
  double large = 0;
  (statistics & large_statistics).for_each([&](Statistic s) {
    large += padded_bytes<T>(rows, columns_of(s, components));
  });
  const double scratch = large + plain_bytes<double>(1, components) + rule_scratch_bytes(rule, rows, components);
  return threads * scratch + padded_bytes<T>(1, components) + plain_bytes<double>(1, components) +
         rule_state_bytes(rule, features, components) +
         (statistics.has(Statistic::gram) ? half_step_bytes(rule, components) : 0);
}

/// What the rule needs of some features, in working precision, and the rows x that will move.
template <class T>
Statistics<T> HMover<T>::read_statistics(const HUpdate& update, const Sums<T>& sums, const HRows<T>& rows,
                                         MatrixView<T>& x) {
  const StatisticsSet summed = sums.statistics();
  Statistics<T> statistics;
  (summed & large_statistics).for_each([&](Statistic s) {
    const MatrixView<T> to = scratch_[rows.thread].large[s].view().middle_rows(0, rows.range.count);
    if (s == Statistic::numerator) {
      x = start_.begin_rows(update, rows, to);
    } else {
      round_to(sums.of(s).middle_rows(rows.range.first, rows.range.count), to);
    }
    statistics[s] = to;
  });
  if (summed.has(Statistic::gram)) statistics[Statistic::gram] = half_step_.gram.view();
  if (summed.has(Statistic::column_sums)) statistics[Statistic::column_sums] = column_sums_of_w_.view();
  return statistics;
}

template <class T>
void HMover<T>::move_rows_of(const HUpdate& update, const Sums<T>& sums, const HRows<T>& rows,
                             const FactorSums& total) {
  Scratch& scratch = scratch_[rows.thread];
  MatrixView<T> x, state;
  const Statistics<T> statistics = read_statistics(update, sums, rows, x);
  if (state_.rows() > 0) state = state_.view().middle_rows(rows.range.first, rows.range.count);
  const double violation = move_rows<T>(rule_, half_step_, statistics, scratch.rule, {x, state});
  total.add_moved({inner_product<T>(rows.sums, x, scratch.products), 0, penalty_of<T>(settings_, x), violation});
  start_.end_rows(update, rows, total);
}

template <class T>
void HMover<T>::move(const HUpdate& update, const Sums<T>& sums, FeatureRange features, const FactorSums& total) {
  const ConstMatrixView<double> numerators = sums.of(Statistic::numerator);
  ConstMatrixView<double> gram;
  if (sums.statistics().has(Statistic::gram)) gram = sums.of(Statistic::gram);
  begin_half_step(rule_, settings_, update.gram.rows() > 0 ? update.gram : gram, half_step_);
  if (sums.statistics().has(Statistic::column_sums)) {
    round_to(sums.of(Statistic::column_sums), column_sums_of_w_.view());
  }
  const ConstMatrixView<T> sums_of_h = h_.fixed().column_sums;  // before it moves
  for (std::size_t c = 0; c < least_.size(); ++c) {
    least_[c] =
        least_share_of_mean * static_cast<double>(sums_of_h.row(0)[c]) / static_cast<double>(h_.ht().rows());
  }
  for (const Index c : settings_.fixed) least_[static_cast<std::size_t>(c)] = 0;
  half_step_.least = least_;
  h_.blocks().for_each(features, total, [&](FeatureRange range, std::size_t thread, const FactorSums& part) {
    move_rows_of(update, sums, {range, numerators.middle_rows(range.first, range.count), gram, least_, thread},
                 part);
    h_.add_rows(range, thread, part);
  });
}

template <class T>
void HMover<T>::move(const HUpdate& update, const Sums<T>& sums) {
  move(update, sums, {0, h_.ht().rows()}, h_.total());
  h_.take_statistics();
}

template <class T>
void HMover<T>::begin_anew(const std::vector<Index>& components) {
  // a state of one number a component, as ao-admm's dual; others are of the row
  if (state_.columns() == h_.ht().columns()) clear_components<T>(components, state_.view());
}

template <class T>
void HMover<T>::add_views(FitState<T>& state, std::span<const FeatureRange> moved_here) {
  add_feature_rows(state.factors, "h_state", state_.view(), h_.ht().rows(), moved_here);
}

template class HMover<float>;
template class HMover<double>;

}  // namespace mpinmf
