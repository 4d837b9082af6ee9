// What rules with inner rounds have in common.
#pragma once

#include "kernels/blocks.hpp"
#include "kernels/rounds_kernel.hpp"
#include "rule.hpp"

namespace mpinmf {

/// A row stops once it moved by less than this share of its first round (Gillis and Glineur 2012, section 3.3:
/// they compare whole factors; here each row is compared with itself, so that it is the same however rows are
/// cut).
inline constexpr double least_share_of_first_round = 0.1;

template <class T>
RowsWithState<T> rows_with_state(const MovedRows<T>& rows, const Statistics<T>& statistics) {
  return {block(rows.x), block(rows.state), block(statistics[Statistic::numerator])};
}

template <class T>
RoundSettings<T> round_settings(const RuleSettings& settings) {
  return {static_cast<T>(settings.l1), settings.most_rounds,
          static_cast<T>(least_share_of_first_round * least_share_of_first_round),
          static_cast<T>(settings.zero_below), least_positive<T>};
}

template <class T>
RuleRoom room_of_rounds(Index, Index components) {
  return {.numbers = rounds_scratch<T>(components)};
}

/// A half-step by a kernel on the Gram matrix.
template <class T, class Kernel>
double move_by_rounds(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
                      const MovedRows<T>& rows) {
  return rounds_kernel<T, Kernel>(vector_level())(rows_with_state(rows, statistics), block(half_step.gram.view()),
                                                  round_settings<T>(half_step.settings), scratch.numbers.data());
}

}  // namespace mpinmf
