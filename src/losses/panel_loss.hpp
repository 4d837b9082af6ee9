// What a loss is to the solver: which numerator and denominator a sweep gathers from a panel, and what the panel
// costs. One file a loss; make_loss is their table.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kernels/panel.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/row_panel.hpp"

namespace mpinmf {

/// The denominators of a half-step for r rows of a factor: the k x k Gram matrix of the other factor
/// (Frobenius), its k column sums (Kullback-Leibler), or r x k numbers (Itakura-Saito and other beta).
enum class StatisticsShape { gram, vector, matrix };

/// What a rule needs to move r rows of a factor: numerator r x k, denominator as its shape says
/// (k x k, 1 x k or r x k). Both padded.
template <class T>
struct Statistics {
  StatisticsShape shape;
  ConstMatrixView<T> numerator, denominator;
};

/// H as a sweep sees it: fixed.
template <class T>
struct FixedH {
  ConstMatrixView<T> ht;           ///< n x k, padded
  ConstMatrixView<T> gram;         ///< H H', k x k, padded
  ConstMatrixView<T> column_sums;  ///< sum over features of H, 1 x k, padded
};

/// One panel with its rows of W.
template <class T>
struct PanelRows {
  RowPanel<T> v;                        ///< p x n
  MatrixView<T> w;                      ///< p x k, padded
  std::span<const double> row_squares;  ///< ||v_i||^2, p
};

/// What some rows cost: sums of doubles, so that panels, threads and ranks add up.
struct PanelCost {
  double loss = 0;         ///< D
  double row_norms = 0;    ///< sum of ||v_i - w_i H||; Frobenius only
  double zero_models = 0;  ///< entries with (W H)_ij = 0 under V_ij > 0; beta < 2 only
  double violation = 0;    ///< what the rule returned (rules/rule.hpp)
  double penalty = 0;      ///< of the rows of W that have moved

  PanelCost& operator+=(const PanelCost& other) {
    loss += other.loss;
    row_norms += other.row_norms;
    zero_models += other.zero_models;
    violation += other.violation;
    penalty += other.penalty;
    return *this;
  }
};

/// The sums that a sweep gathers for the H update.
template <class T>
struct GatheredSums {
  MatrixView<T> numerator;           ///< n x k, padded
  MatrixView<T> matrix_denominator;  ///< n x k, padded; StatisticsShape::matrix only
  MatrixView<double> gram;           ///< W'W, k x k; StatisticsShape::gram only
  std::span<double> column_sums;     ///< column sums of W, k; StatisticsShape::vector only
  MatrixView<double> cross_gram;     ///< W' times the W before, k x k; extrapolated runs only
};

/// Work space for one panel, reused from panel to panel.
template <class T>
struct PanelScratch {
  Matrix<T> numerator, denominator, product;              ///< p x k, padded
  ModelScratch<T> model;                                  ///< as the loss needs
  std::vector<double> gram;                               ///< for add_gram
  std::vector<double> products, more_products, residual;  ///< p, p and n
};

/// The sizes of the panels that a scratch is for.
struct PanelSizes {
  Index rows, columns, longest_row;  ///< at most so many rows; stored entries in a row
};

template <class T>
class PanelLoss {
 public:
  virtual ~PanelLoss() = default;

  virtual StatisticsShape shape() const = 0;
  /// Makes room beside numerator, denominator and product.
  virtual void reserve(PanelScratch<T>& scratch, const PanelSizes& sizes, Index components) const = 0;
  /// Numerator and denominator of the W half-step. `cost`, if given, is raised by the cost of (w, H).
  /// `again`: same panel and H as in the last call with this scratch, only w has moved.
  virtual Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                                 PanelCost* cost, bool again = false) const = 0;
  /// Adds the features of the panel to the numerator (and matrix of denominators) of the H half-step. The cost
  /// of (w, H) is raised by that of these features if given.
  /// @pre with a cost, the panel is whole and gather_w was called on it before
  virtual void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                        const GatheredSums<T>& sums, PanelCost* cost) const = 0;
  /// Adds the rows of W to the Gram matrix or column sums.
  virtual void gather_denominator(ConstMatrixView<T> w, PanelScratch<T>& scratch,
                                  const GatheredSums<T>& sums) const = 0;
};

template <class T>
std::unique_ptr<PanelLoss<T>> make_frobenius();
template <class T>
std::unique_ptr<PanelLoss<T>> make_kullback_leibler();
template <class T>
std::unique_ptr<PanelLoss<T>> make_beta_divergence(double beta);

/// The loss for a beta.
template <class T>
std::unique_ptr<PanelLoss<T>> make_loss(const Loss& loss);

/// Identities that subtract large numbers are trusted while the squared residual is at least this share of
/// the squared norm; below it the residual is computed entry by entry.
template <class T>
constexpr double trusted_share = sizeof(T) == 8 ? 1e-4 : 2e-3;

}  // namespace mpinmf
