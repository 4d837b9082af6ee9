// What a loss is to the solver: which numerator and denominator a sweep gathers from a panel, and what the panel
// costs. One file a loss; make_loss is their table.
#pragma once

#include <limits>
#include <memory>
#include <span>
#include <vector>

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
};

/// The sums that a sweep gathers for the H update.
template <class T>
struct GatheredSums {
  MatrixView<T> numerator;           ///< n x k, padded
  MatrixView<T> matrix_denominator;  ///< n x k, padded; StatisticsShape::matrix only
  MatrixView<double> gram;           ///< W'W, k x k; StatisticsShape::gram only
  std::span<double> column_sums;     ///< column sums of W, k; StatisticsShape::vector only
};

/// Work space for one panel, reused from panel to panel.
template <class T>
struct PanelScratch {
  Matrix<T> numerator, denominator, product;  ///< p x k, padded
  std::vector<T> model, weights, dense;       ///< as the loss needs
  std::vector<double> gram;                   ///< for add_gram
};

template <class T>
class PanelLoss {
 public:
  virtual ~PanelLoss() = default;

  virtual StatisticsShape shape() const = 0;
  /// Sizes of `model`, `weights` and `dense` for panels of at most `stored` stored entries and `entries` entries.
  virtual void reserve(PanelScratch<T>& scratch, Index stored, Index entries, Index columns) const = 0;
  /// Numerator and denominator of the W half-step. `cost`, if given, is raised by the cost of (w, H).
  /// `again`: same panel and H as in the last call with this scratch, only w has moved.
  virtual Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                                 PanelCost* cost, bool again = false) const = 0;
  /// Adds the panel to the sums of the H half-step. `cost` as above.
  /// @pre gather_w was called on the same panel before
  virtual void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                        const GatheredSums<T>& sums, PanelCost* cost) const = 0;
};

template <class T>
std::unique_ptr<PanelLoss<T>> make_frobenius();
template <class T>
std::unique_ptr<PanelLoss<T>> make_kullback_leibler();
template <class T>
std::unique_ptr<PanelLoss<T>> make_itakura_saito();
template <class T>
std::unique_ptr<PanelLoss<T>> make_beta_divergence(double beta);

/// The loss for a beta.
template <class T>
std::unique_ptr<PanelLoss<T>> make_loss(const Loss& loss);

/// Identities that subtract large numbers are trusted while the squared residual is at least this share of
/// the squared norm; below it the residual is computed entry by entry.
template <class T>
constexpr double trusted_share = sizeof(T) == 8 ? 1e-4 : 2e-3;

/// x = (W H)_ij, or for a zero of it under v > 0 scikit-learn's stand-in (float32 epsilon), which is scaled down
/// with v so that data on a small scale cost as much as the same data on a large one.
inline double positive_model(double v, double x) {
  constexpr double stand_in = std::numeric_limits<float>::epsilon();
  return x > 0 ? x : stand_in * (v < 1 ? v : 1);
}

/// A quotient by W H is cut here, so that sums of quotients stay finite where W H nearly vanishes. Factors
/// held at their floor still come back, in a few iterations instead of one.
template <class T>
constexpr T largest_quotient = sizeof(T) == 8 ? T(1e280) : T(1e30);

}  // namespace mpinmf
