// What is factorized, and how: constant during a run.
#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

#include "losses/panel_loss.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/resolved_options.hpp"
#include "rules/rule.hpp"
#include "settings.hpp"
#include "sweep.hpp"

namespace mpinmf {

template <class T>
struct Problem {
  /// `sweep` has V, loss and rule, and must outlive this.
  Problem(const Sweep<T>& sweep, const ResolvedOptions& options_of_fit)
      : v(sweep.walk().v()), options(options_of_fit), rule(sweep.rule()), loss(sweep.loss()) {}

  bool w_first() const { return options.order == Order::w_first; }
  bool h_first() const { return options.order == Order::h_first; }
  bool has_gram() const { return loss.statistics().has(Statistic::gram); }
  /// Whether ||V||^2 - 2 <S, H> + <W'W, H H'> is twice the loss; not where S comes from another V, as H before
  /// fills it in.
  bool has_identity() const {
    const LossFacts facts = facts_of(options.loss);
    return has_gram() && facts.is_half_square_norm && !facts.is_filled;
  }
  bool has_cross_gram() const { return options.extrapolate && rule.extrapolates == Extrapolated::both_factors; }
  bool has_penalties() const { return options.alpha_w > 0 || options.alpha_h > 0; }
  /// Whether V could feed a dead component. Rules that keep zeros are left alone: their starts have zeros on
  /// purpose.
  bool may_revive() const {
    return options.revive && has_gram() && !rule.locks_zeros && v.summary().sum_squares > 0;
  }

  /// Components of which a factor is fixed, ascending.
  std::vector<Index> fixed_in_a_factor() const {
    std::vector<Index> both;
    std::set_union(options.fixed_w.begin(), options.fixed_w.end(), options.fixed_h.begin(), options.fixed_h.end(),
                   std::back_inserter(both));
    return both;
  }

  const DataMatrix<T>& v;
  const ResolvedOptions options;
  const Rule<T>& rule;
  const PanelLoss<T>& loss;
};

}  // namespace mpinmf
