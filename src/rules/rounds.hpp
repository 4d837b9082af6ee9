// What rules with inner rounds have in common.
#pragma once

#include "kernels/vector_kernels.hpp"
#include "rule.hpp"

namespace mpinmf {

/// A row stops once it moved by less than this share of its first round (Gillis and Glineur 2012, section 3.3:
/// they compare whole factors; here each row is compared with itself, so that it is the same however rows are
/// cut).
inline constexpr double least_share_of_first_round = 0.1;

template <class T>
Block<T> block(MatrixView<T> x) {
  return {x.data(), x.rows(), x.columns(), x.stride()};
}

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
void reserve_rounds(RuleScratch<T>& scratch, Index, Index components) {
  scratch.numbers.resize(static_cast<std::size_t>(rounds_scratch<T>(components)));
}

}  // namespace mpinmf
