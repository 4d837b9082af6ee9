#include "ledger.hpp"

namespace mpinmf {

void Ledger::note_loss(double loss) {
  Cost& cost = rows_.back().cost;
  cost.loss = loss;
  cost.reconstruction_error = std::sqrt(2 * loss);
  if (loss_.is_half_square_norm) {
    // 0 / 0: V = 0 is met exactly
    cost.relative_error = sum_squares_ > 0 ? cost.reconstruction_error / std::sqrt(sum_squares_) : 0;
  }
  newest_loss_ = loss;
  newest_loss_iteration_ = rows_.back().iteration;
}

void Ledger::note(const PanelCost& total) {
  note_loss(total.loss);
  if (loss_.is_half_square_norm)
    rows_.back().cost.mean_row_norm = total.row_norms / static_cast<double>(rows_global_);
  zero_models_ = static_cast<Index>(total.zero_models);
}

void Ledger::pass(StateTape& tape) {
  auto count = static_cast<Index>(rows_.size());
  tape.pass(count);
  rows_.resize(static_cast<std::size_t>(count));
  for (TraceRow& row : rows_) {
    Cost& cost = row.cost;
    tape.pass(row.iteration);
    for (double* number : {&row.seconds, &cost.loss, &cost.reconstruction_error, &cost.mean_row_norm,
                           &cost.relative_error, &cost.penalty}) {
      tape.pass(*number);
    }
  }
  tape.pass(newest_loss_);
  tape.pass(newest_loss_iteration_);
  tape.pass(zero_models_);
}

}  // namespace mpinmf
