// How a factor moves. A rule is a function of the statistics of some rows; it knows neither which factor it moves,
// nor MPI, nor dense from sparse. One file a rule, one line in the table of rules.cpp.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "losses/panel_loss.hpp"

namespace mpinmf {

/// Numbers that are the same for every row of a factor X.
struct RuleSettings {
  double exponent = 1;    ///< of the multiplicative factor (Fevotte and Idier 2011, table 2)
  double zero_below = 0;  ///< entries below are set to 0 after a multiplicative update
  double l1 = 0, l2 = 0;  ///< what is minimised besides the loss: l1 sum x + l2 / 2 sum x^2
  int most_rounds = 1;    ///< inner rounds of amu, ahals, ccd, projected-gradient and ao-admm
  /// The half-step follows a revival (solver/revival.hpp): rules that solve it exactly take one round of
  /// coordinate descent instead.
  bool opens = false;
};

/// What all rows have in common in one half-step. Made once, read by every thread.
template <class T>
struct HalfStep {
  RuleSettings settings;
  Matrix<T> gram;             ///< k x k, padded: the other factor's Gram matrix + l2 I; where it is asked for
  Matrix<double> exact_gram;  ///< the same in double, padded
  std::vector<Index> idle;    ///< components that add nothing to W H but cost l1: they are best at 0
  Matrix<T> shifted_inverse;  ///< ao-admm: (G + rho I)^-1, k x k, padded
  double rho = 0;             ///< ao-admm: the penalty
};

/// Work space of one thread.
template <class T>
struct RuleScratch {
  Matrix<T> product;       ///< r x k, padded; every rule has it
  std::vector<T> numbers;  ///< as the rule's `reserve` makes them
  std::vector<double> doubles;
  std::vector<Index> places;
};

/// The rows that move, r x k and padded, and what the rule keeps from one half-step to the next beside each: r x
/// Rule::state_columns(k), padded. All 0 before the first half-step.
template <class T>
struct MovedRows {
  MatrixView<T> x, state;
};

/// A half-step for some rows, which are independent of all others, so that a result does not depend on how rows
/// are cut.
template <class T>
struct Rule {
  std::string_view name;
  /// Moves the rows, given their statistics. Returns the sum of the violations of optimality |projected gradient|
  /// that it met, entry by entry, where it counts them (hals as scikit-learn does), else 0.
  double (*move)(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
                 const MovedRows<T>& rows) = nullptr;
  /// Completes the half-step, whose settings and Gram matrices are set. May be null.
  void (*prepare)(HalfStep<T>& half_step) = nullptr;
  /// Makes room for r rows of k components. May be null.
  void (*reserve)(RuleScratch<T>& scratch, Index rows, Index components) = nullptr;
  /// Columns of state. Null: none.
  Index (*state_columns)(Index components) = nullptr;
  /// For W in place of `move`: from the entries of V, whose numerators are not gathered. Null but for ccd.
  double (*move_by_entries)(const HalfStep<T>& half_step, const PanelRows<T>& rows, const FixedH<T>& h,
                            PanelScratch<T>& scratch) = nullptr;
  void (*reserve_entries)(PanelScratch<T>& scratch, const PanelSizes& sizes, Index components) = nullptr;

  /// What it moves by: these, and of those all that the loss offers.
  StatisticsSet needs{Statistic::numerator}, takes;
  double products_of_round = 1;   ///< what an inner round costs, in products x G
  bool is_least_squares = false;  ///< takes Gram statistics only: the Frobenius loss
  bool takes_rounds = false;      ///< heeds RuleSettings::most_rounds
  bool locks_zeros = false;       ///< an entry that is 0 stays 0
  bool is_exact = false;          ///< solves the half-step
  bool is_costly = false;         ///< H is shared out over the ranks, each moving some features
  bool extrapolates = false;      ///< may be extrapolated: does not need a start >= 0
};

/// What a rule asks of a loss that offers these.
template <class T>
StatisticsSet asked_by(const Rule<T>& rule, StatisticsSet offered) {
  return rule.needs | (rule.takes & offered);
}

/// Gram matrix (k x k, in double) and settings become a half-step of this rule; where no Gram matrix is asked for
/// pass an empty view. The half-step keeps its memory from call to call.
template <class T>
void begin_half_step(const Rule<T>& rule, const RuleSettings& settings, ConstMatrixView<double> gram,
                     HalfStep<T>& half_step);

/// Moves the rows by the rule. Components whose Gram matrix is 0 there do not enter W H, so their numerator and
/// slope are 0 and no rule would move them: under a penalty l1 they go to 0. Returns what rule.move does.
template <class T>
double move_rows(const Rule<T>& rule, const HalfStep<T>& half_step, const Statistics<T>& statistics,
                 RuleScratch<T>& scratch, const MovedRows<T>& rows);

/// Room for r rows of k components.
template <class T>
RuleScratch<T> make_rule_scratch(const Rule<T>& rule, Index rows, Index components);

/// Positive entries of a multiplicative update are held here instead of decaying into denormals, which are slow,
/// or to 0, from where they could not come back.
template <class T>
constexpr T least_positive = sizeof(T) == 8 ? T(1e-292) : std::numeric_limits<T>::min();

/// Throws UsageError, listing the known rules.
template <class T>
const Rule<T>& find_rule(const std::string& name);
std::vector<std::string> rule_names();

// One file each.
template <class T>
Rule<T> multiplicative_rule();  ///< "mu", and with inner rounds "amu"
template <class T>
Rule<T> accelerated_multiplicative_rule();
template <class T>
Rule<T> hals_rule();  ///< "hals", and with inner rounds "ahals"
template <class T>
Rule<T> accelerated_hals_rule();
template <class T>
Rule<T> projected_gradient_rule();
template <class T>
Rule<T> block_pivoting_rule();  ///< "anls-bpp"
template <class T>
Rule<T> ao_admm_rule();
template <class T>
Rule<T> coordinate_descent_rule();  ///< "ccd", Kullback-Leibler

}  // namespace mpinmf
