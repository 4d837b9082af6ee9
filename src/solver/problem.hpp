// What is to be factorized, and how: constant during a run.
#pragma once

#include <memory>

#include "losses/panel_loss.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"
#include "rules/rule.hpp"
#include "settings.hpp"

namespace mpinmf {

template <class T>
struct Problem {
  /// `data` must outlive this.
  Problem(const DataMatrix<T>& data, const Options& asked)
      : v(data),
        options(asked.with_choices(data.rows_global(), data.columns())),
        rule(find_rule<T>(options.rule)),
        loss(make_loss<T>(options.loss, asked_by(rule, facts_of(options.loss).offers))) {}

  bool w_first() const { return options.order == Order::w_first; }
  bool h_first() const { return options.order == Order::h_first; }
  bool has_gram() const { return loss->statistics().has(Statistic::gram); }
  bool has_penalties() const { return options.alpha_w > 0 || *options.alpha_h > 0; }
  /// Whether V could feed a component that is dead. Rules that keep zeros mean those of their start.
  bool may_revive() const {
    return options.revive && has_gram() && !rule.locks_zeros && v.summary().sum_squares > 0;
  }

  const DataMatrix<T>& v;
  const Options options;
  const Rule<T>& rule;
  const std::unique_ptr<PanelLoss<T>> loss;
};

}  // namespace mpinmf
