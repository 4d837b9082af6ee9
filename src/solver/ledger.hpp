// The trace while it is being written: which pair stands, and what is known of its cost.
#pragma once

#include <cmath>
#include <vector>

#include "losses/panel_loss.hpp"
#include "mpinmf/trace.hpp"
#include "state_tape.hpp"

namespace mpinmf {

/// Costs of the pair that stands may come late (with W first, from the next sweep), so its row stays open until
/// the next pair stands; rows between those asked for are dropped then.
class Ledger {
 public:
  Ledger(const Loss& loss, Index trace_every, double sum_squares, Index rows_global)
      : loss_(facts_of(loss)), trace_every_(trace_every), sum_squares_(sum_squares), rows_global_(rows_global) {}

  /// The pair (W_i, H_i) stands.
  void stand(Index i, double seconds, double penalty) {
    if (!rows_.empty()) before_ = rows_.back().cost;
    if (!rows_.empty() && !is_traced(rows_.back().iteration)) rows_.pop_back();
    rows_.push_back({i, seconds, {}});
    rows_.back().cost.penalty = penalty;
  }
  /// The pair before stands again, after a pair has stood for the time of one sweep: what is known of it.
  void return_to_before() {
    rows_.back().cost = before_;
    newest_loss_ = before_.loss;
  }
  const Cost& before() const { return before_; }
  /// It has moved once more: nothing is known of its cost any longer.
  void stand_again(double seconds, double penalty) {
    const Index i = rows_.back().iteration;
    rows_.pop_back();
    rows_.push_back({i, seconds, {}});
    rows_.back().cost.penalty = penalty;
  }
  /// The cost of the standing pair, all of it.
  void note(const PanelCost& total);
  void note_penalty(double penalty) { rows_.back().cost.penalty = penalty; }
  /// Only its loss.
  void note_loss(double loss);

  bool is_traced(Index i) const { return i % trace_every_ == 0; }
  const TraceRow& standing() const { return rows_.back(); }
  bool knows_loss() const { return !std::isnan(rows_.back().cost.loss); }
  /// False while a part of the standing pair's cost is late.
  bool is_complete() const {
    return knows_loss() && (!loss_.is_half_square_norm || !std::isnan(rows_.back().cost.mean_row_norm));
  }
  double newest_loss() const { return newest_loss_; }
  Index newest_loss_iteration() const { return newest_loss_iteration_; }
  Index zero_models() const { return zero_models_; }
  const std::vector<TraceRow>& rows() const { return rows_; }

  void pass(StateTape& tape);

 private:
  LossFacts loss_;
  Index trace_every_;
  double sum_squares_;
  Index rows_global_;
  std::vector<TraceRow> rows_;
  Cost before_;  // of the pair before the standing one
  double newest_loss_ = Cost::unknown;
  Index newest_loss_iteration_ = 0, zero_models_ = 0;
};

}  // namespace mpinmf
