// What options mean for the rule of a half-step.
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/resolved_options.hpp"
#include "rules/rule.hpp"

namespace mpinmf {

/// How the rule is set for W or H: the multiplicative exponent, where scikit-learn sets small entries to 0, the
/// penalties on this factor, the inner rounds, and what is fixed. Same on every rank.
template <class T>
RuleSettings settings_for_w(const DataMatrix<T>& v, const ResolvedOptions& options);
template <class T>
RuleSettings settings_for_h(const DataMatrix<T>& v, const ResolvedOptions& options);

/// What the penalties cost rows of a factor: l1 sum x + l2 / 2 sum x^2.
template <class T>
double penalty_of(const RuleSettings& settings, ConstMatrixView<T> x);

}  // namespace mpinmf
