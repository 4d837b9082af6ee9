// The table of losses: what the rest of the program needs to know of a loss, which never asks for its name or
// beta. One file a loss, one line of the table in loss_table.cpp.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "mpinmf/options.hpp"
#include "statistics.hpp"

namespace mpinmf {

template <class T>
class PanelLoss;

/// Multiplications and additions that a sweep needs at least.
struct SweepFlops {
  double of_entry = 0;  ///< k times this for each stored entry (dense: all)
  double of_row = 0;    ///< k^2 times this for each row
  double of_place = 0;  ///< k times this for each place of V, zero or not
};

/// A loss that adds up powers of V outside [0, 2], which may overflow where squares do not.
struct PowersOfV {
  double in_loss, in_numerator;
};

struct LossFacts {
  StatisticsSet offers;              ///< to rules
  bool has_entry_newton = false;     ///< W may move by Newton steps on its entries (kernels/level/newton.hpp)
  bool is_half_square_norm = false;  ///< D = ||V - W H||^2 / 2: relative errors and norms of rows mean something
  bool needs_positive_v = false;     ///< it is infinite where V = 0
  bool is_observed = false;          ///< entries that are not stored, or NaN, do not count
  bool is_filled = false;  ///< entries that are NaN count as what the model says of them (data/filled_rows.hpp)
  std::optional<PowersOfV> powers_of_v;  ///< that may overflow
  std::optional<double> beta;  ///< of a beta-divergence, whose rows can be solved for (solver/row_newton.hpp)
  double exponent = 1;         ///< with which the multiplicative update never raises it
  bool zeroes_w = false, zeroes_h = false;  ///< where scikit-learn sets small entries to 0
  SweepFlops flops;

  /// Half-steps are least-squares problems with one Gram matrix.
  bool has_least_squares() const { return offers.includes(least_squares_statistics); }
  /// Such a half-step solves for a factor: nothing depends on what the factor was before.
  bool is_solved_by_least_squares() const { return has_least_squares() && !is_filled; }
};

/// The facts of a loss.
LossFacts facts_of(const Loss& loss);

/// A row of the table, for factors of T.
template <class T>
struct LossRow {
  std::string_view name;                    ///< empty: it is shown as its beta
  std::array<std::string_view, 2> aliases;  ///< understood, never shown
  std::string_view spellings;               ///< for messages
  std::optional<double> beta;               ///< whose divergence it is
  bool is_any_beta = false;                 ///< of the betas that no other row names
  bool is_observed = false;                 ///< over what is known of V alone
  LossFacts (*facts)(const Loss& loss) = nullptr;
  /// A loss that gathers what is asked for, of what it offers.
  std::unique_ptr<PanelLoss<T>> (*make)(StatisticsSet asked, const Loss& loss) = nullptr;
};

/// A loss's file defines loss_row for its name and both types of factors.
template <class Name>
struct LossFile {
  template <class T>
  friend LossRow<T> loss_row(LossFile);
};

/// The loss, which gathers what it is asked for. @pre facts_of(loss).offers.includes(asked)
template <class T>
std::unique_ptr<PanelLoss<T>> make_loss(const Loss& loss, StatisticsSet asked);
/// The same, which gathers all that it offers but Gram matrices of rows.
template <class T>
std::unique_ptr<PanelLoss<T>> make_loss(const Loss& loss) {
  return make_loss<T>(loss, facts_of(loss).offers - StatisticsSet{Statistic::row_grams});
}

}  // namespace mpinmf
