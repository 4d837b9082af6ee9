// How a factor moves. A rule is a function of the statistics of some rows; it knows neither which factor it moves,
// nor MPI, nor dense from sparse. One file a rule, one line in the table of rules.cpp.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "losses/panel_loss.hpp"

namespace mpinmf {

/// Numbers that are the same for every row.
struct RuleSettings {
  double exponent = 1;    ///< of the multiplicative factor (Fevotte and Idier 2011, table 2)
  double zero_below = 0;  ///< entries below are set to 0 after the update
};

/// Moves the rows x (r x k, padded). `scratch` is r x k, padded.
template <class T>
using Rule = void (*)(const Statistics<T>& statistics, const RuleSettings& settings, MatrixView<T> scratch,
                      MatrixView<T> x);

/// Multiplicative update (Lee and Seung 2001): x <- x (numerator / denominator)^exponent.
template <class T>
void multiplicative(const Statistics<T>& statistics, const RuleSettings& settings, MatrixView<T> scratch,
                    MatrixView<T> x);

/// Positive entries of a multiplicative update are held here instead of decaying into denormals, which are slow,
/// or to 0, from where they could not come back.
template <class T>
constexpr T least_positive = sizeof(T) == 8 ? T(1e-292) : std::numeric_limits<T>::min();

/// Throws UsageError, listing the known rules.
template <class T>
Rule<T> find_rule(const std::string& name);
std::vector<std::string> rule_names();

/// The exponent that makes the multiplicative update monotone: 1/(2-beta) below 1, 1/(beta-1) above 2, else 1.
double multiplicative_exponent(double beta);

}  // namespace mpinmf
