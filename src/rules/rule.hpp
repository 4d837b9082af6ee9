// How a factor moves. A rule is a function of the statistics of some rows; it knows neither which factor it moves,
// nor MPI, nor dense from sparse. One file a rule, one line in the list of rules.cpp.
#pragma once

#include <limits>
#include <span>
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
  int most_rounds = 1;    ///< inner rounds of amu, ahals, projected-gradient, ao-admm, scd and mu-newton
  /// The half-step follows a revival (solver/revival.hpp): rules that solve it exactly take one round of
  /// coordinate descent instead.
  bool opens = false;
  bool sum_to_one = false;  ///< each row sums up to 1; for rules that solve the half-step
  /// Components that stay as they are, ascending (fixed_components.hpp).
  std::vector<Index> fixed = {};
};

/// What all rows have in common in one half-step. Made once, read by every thread.
template <class T>
struct HalfStep {
  RuleSettings settings;
  Matrix<T> gram;             ///< k x k, padded: the other factor's Gram matrix + l2 I; where it is asked for
  Matrix<double> exact_gram;  ///< the same in double, padded
  std::vector<Index> idle;    ///< components that add nothing to W H but cost l1: they are best at 0
  Matrix<T> shifted_inverse;  ///< ao-admm: (G + rho I)^-1, k x k, padded
  double rho = 0;             ///< ao-admm: what holds it near its dual
  /// Of rules that solve least squares, where components are fixed: their columns of the Gram matrix, k x |C|.
  /// Those of `gram` and `exact_gram` are 0 then.
  Matrix<double> gram_with_fixed;
  int repeats = 1;  ///< how often the rule moves, where components are fixed that it would move
  /// For each component, what its entries may be held at so that none locks; of H only, else empty.
  std::span<const double> least;
};

/// Room that a rule needs in a scratch, said before it is made.
struct RuleRoom {
  Index numbers = 0, doubles = 0, places = 0;
};

/// Work space of one thread.
template <class T>
struct RuleScratch {
  Matrix<T> product;       ///< r x k, padded; every rule has it
  Matrix<T> kept;          ///< r x |C|: components that are fixed (fixed_components.hpp)
  std::vector<T> numbers;  ///< as many as the rule's `room` says
  std::vector<double> doubles;
  std::vector<Index> places;
};

/// The rows that move, r x k and padded, and what the rule keeps for each from one half-step to the next: r x
/// Rule::state_columns(k), padded. All 0 before the first half-step.
template <class T>
struct MovedRows {
  MatrixView<T> x, state;
};

/// Some rows of W that will move, with all that a rule may move them by.
template <class T>
struct WalkedRows {
  const HalfStep<T>& half_step;
  const PanelLoss<T>& loss;
  PanelRows<T> rows;
  MatrixView<T> state;  ///< as in MovedRows
  FixedH<T> h;
  PanelScratch<T>& panel_scratch;
  RuleScratch<T>& rule_scratch;
  PanelCost* cost_before;  ///< if given, raised by the cost of the pair before the rows move
};

template <class T>
struct Rule;

/// So many of these rows move at a time: what they move by stays in cache, however high a tile is.
constexpr Index rows_moved_together(Index rows) {
  constexpr Index most = 64;
  return rows < most ? rows : most;
}
/// The W half-step of most rules: the statistics of the rows are gathered, and they move by these.
template <class T>
double gather_and_move(const Rule<T>& rule, const WalkedRows<T>& w);

/// What a rule is the default for.
enum class DefaultFor {
  nothing,
  exact_half_steps,  ///< least squares, few components
  least_squares,     ///< and many
  any_loss,
  counts,         ///< losses whose rows of W move by Newton steps on their entries
  curved_losses,  ///< others that offer their curvature
  scikit_learn,   ///< least squares as scikit-learn's solver "cd" solves them
};

/// What of a rule may be extrapolated; it then needs no start >= 0.
enum class Extrapolated {
  nothing,
  both_factors,  ///< W first (solver/extrapolation.hpp)
  h_alone,       ///< H first (solver/h_extrapolated_pair.hpp)
};

/// A half-step for some rows, which are independent of all others, so that a result does not depend on how rows
/// are cut.
template <class T>
struct Rule {
  std::string_view name;
  std::string_view losses = "frobenius";  ///< that it minimises, as --loss takes them; for messages
  /// Moves the rows, given their statistics. Returns the sum of the violations of optimality |projected gradient|
  /// that it met, entry by entry, where it counts them, or the fall that it predicts, else 0.
  double (*move)(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
                 const MovedRows<T>& rows) = nullptr;
  /// Completes the half-step, whose settings and Gram matrices are set. May be null.
  void (*prepare)(HalfStep<T>& half_step) = nullptr;
  /// What it needs for r rows of k components. May be null.
  RuleRoom (*room)(Index rows, Index components) = nullptr;
  /// Columns of state. Null: none.
  Index (*state_columns)(Index components) = nullptr;
  /// The same for rows of W in a walk over V, whose entries are at hand. Returns what move does.
  double (*move_w)(const Rule& rule, const WalkedRows<T>& w) = gather_and_move<T>;
  /// What that needs in the work space of a panel, besides what the loss needs. May be null.
  ModelRoom (*room_w)(const PanelSizes& sizes, Index components) = nullptr;

  /// What it moves by: these, and of those all that the loss offers.
  StatisticsSet needs{Statistic::numerator}, takes;
  StatisticsSet needs_by_rows;  ///< by these, where the loss does not offer what it needs; nothing: it needs that
  bool needs_entry_newton = false;  ///< W moves by Newton steps on its entries: for losses that have these
  double products_of_round = 1;     ///< what an inner round costs, in products x G
  bool takes_rounds = false;        ///< heeds RuleSettings::most_rounds
  int usual_rounds = 0;             ///< unless asked otherwise; 0: as many as pay for the shape of V
  bool locks_zeros = false;         ///< an entry that is 0 stays 0
  bool is_exact = false;            ///< solves the half-step
  bool counts_violation = false;    ///< as scikit-learn's "cd" does, so that it can stop as that does
  bool outweighs_messages = false;  ///< moving H takes longer than sending it: each rank moves some features
  Extrapolated extrapolates = Extrapolated::nothing;
  bool predicts_gain = false;  ///< `move` returns how far it expects what is minimised to fall
  DefaultFor default_for = DefaultFor::nothing;
};

/// A rule's file defines make_rule for its name and both types of factors.
template <class Name>
struct RuleFile {
  template <class T>
  friend Rule<T> make_rule(RuleFile);
};

/// What a rule asks of a loss that offers these.
template <class T>
StatisticsSet asked_by(const Rule<T>& rule, StatisticsSet offered) {
  const bool moves_by_rows = rule.needs_by_rows.count() > 0 && !offered.includes(rule.needs);
  return (moves_by_rows ? rule.needs_by_rows : rule.needs) | (rule.takes & offered);
}

/// Whether it minimises this loss.
template <class T>
bool fits(const Rule<T>& rule, const LossFacts& loss) {
  return loss.offers.includes(asked_by(rule, loss.offers)) && (!rule.needs_entry_newton || loss.has_entry_newton);
}

/// Gram matrix (k x k, in double) and settings become a half-step of this rule; where no Gram matrix is asked for
/// pass an empty view. The half-step keeps its memory from call to call.
template <class T>
void begin_half_step(const Rule<T>& rule, const RuleSettings& settings, ConstMatrixView<double> gram,
                     HalfStep<T>& half_step);
/// Bytes that a half-step with a Gram matrix allocates, while it begins.
template <class T>
double half_step_bytes(const Rule<T>& rule, Index components);

/// Moves the rows by the rule. Components whose Gram matrix is 0 there do not enter W H, so their numerator and
/// slope are 0 and no rule would move them: under a penalty l1 they go to 0. Returns what rule.move does.
template <class T>
double move_rows(const Rule<T>& rule, const HalfStep<T>& half_step, const Statistics<T>& statistics,
                 RuleScratch<T>& scratch, const MovedRows<T>& rows);

/// Room for r rows of k components, of which so many are fixed. Its bytes are those of none that is.
template <class T>
RuleScratch<T> make_rule_scratch(const Rule<T>& rule, Index rows, Index components, Index fixed = 0);
template <class T>
double rule_scratch_bytes(const Rule<T>& rule, Index rows, Index components);
/// What the rule keeps beside so many rows of a factor.
template <class T>
double rule_state_bytes(const Rule<T>& rule, Index rows, Index components) {
  return rule.state_columns == nullptr ? 0 : padded_bytes<T>(rows, rule.state_columns(components));
}

/// Entries of H may be held at this share of the mean of their component (HalfStep::least): far below what
/// matters, far above denormals.
constexpr double least_share_of_mean = 1e-10;

/// Positive entries of a multiplicative update are held here instead of decaying into denormals, which are slow,
/// or to 0, from where they could not come back.
template <class T>
constexpr T least_positive = sizeof(T) == 8 ? T(1e-292) : std::numeric_limits<T>::min();

/// What the rule is the default for that a loss takes which is no least-squares problem.
inline DefaultFor default_for(const LossFacts& loss) {
  if (loss.has_entry_newton) return DefaultFor::counts;
  return loss.offers.has(Statistic::curvature) ? DefaultFor::curved_losses : DefaultFor::any_loss;
}

/// Throws UsageError, listing the known rules.
template <class T>
const Rule<T>& find_rule(const std::string& name);
std::vector<std::string> rule_names();
/// The rule that is taken where none is named. @pre what is not `nothing`
template <class T>
const Rule<T>& default_rule(DefaultFor what);

}  // namespace mpinmf
