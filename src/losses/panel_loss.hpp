// What a loss is to the solver: which numerator and denominator a sweep gathers from a panel, and what the panel
// costs. One file a loss (loss_table.hpp).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kernels/panel.hpp"
#include "loss_table.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// H as a sweep sees it: fixed.
template <class T>
struct FixedH {
  ConstMatrixView<T> ht;            ///< n x k, padded
  ConstMatrixView<T> gram;          ///< H H', k x k, padded
  ConstMatrixView<T> column_sums;   ///< sum over features of H, 1 x k, padded
  ConstMatrixView<T> blocked = {};  ///< H by blocks of columns, where the loss asks for it; the sweep makes it
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

/// The sums that a sweep gathers for the H update: what was asked for, all else is empty.
template <class T>
struct GatheredSums {
  ByStatistic<MatrixView<T>> large;       ///< n rows, padded
  ByStatistic<MatrixView<double>> small;  ///< k x k or 1 x k, without padding
};

/// Room that a loss needs in a scratch, or a rule, said before it is made; in numbers.
struct PanelRoom {
  ModelRoom model = {};
  Index gram = 0, products = 0, more_products = 0, residual = 0;
};

/// Work space for one panel, reused from panel to panel.
template <class T>
struct PanelScratch {
  ByStatistic<Matrix<T>> large;                           ///< p rows, padded, where asked for
  Matrix<T> product;                                      ///< p x k, padded
  ModelScratch<T> model;                                  ///< as the loss needs
  std::vector<double> gram;                               ///< for add_gram
  std::vector<double> products, more_products, residual;  ///< p, p and n

  /// Makes room for these large statistics, and for what the loss needs.
  void reserve(StatisticsSet statistics, Index rows, Index components, const PanelRoom& room);
  static double bytes(StatisticsSet statistics, Index rows, Index components, const PanelRoom& room);

  /// Room for a large statistic of the first rows.
  MatrixView<T> rows_of(Statistic statistic, Index rows) { return large[statistic].view().middle_rows(0, rows); }
};

template <class T>
void PanelScratch<T>::reserve(StatisticsSet statistics, Index rows, Index components, const PanelRoom& room) {
  (statistics & large_statistics).for_each([&](Statistic s) {
    large[s] = Matrix<T>::padded(rows, columns_of(s, components));
  });
  product = Matrix<T>::padded(rows, components);
  model.reserve(room.model);
  gram.resize(static_cast<std::size_t>(room.gram));
  products.resize(static_cast<std::size_t>(room.products));
  more_products.resize(static_cast<std::size_t>(room.more_products));
  residual.resize(static_cast<std::size_t>(room.residual));
}

template <class T>
double PanelScratch<T>::bytes(StatisticsSet statistics, Index rows, Index components, const PanelRoom& room) {
  double large_bytes = 0;
  (statistics & large_statistics).for_each([&](Statistic s) {
    large_bytes += padded_bytes<T>(rows, columns_of(s, components));
  });
  return large_bytes + padded_bytes<T>(rows, components) + ModelScratch<T>::bytes(room.model) +
         plain_bytes<double>(1, room.gram + room.products + room.more_products + room.residual);
}

template <class T>
class PanelLoss {
 public:
  explicit PanelLoss(StatisticsSet statistics) : statistics_(statistics) {}
  virtual ~PanelLoss() = default;

  /// What it was asked to gather, of what it offers.
  StatisticsSet statistics() const { return statistics_; }
  /// In which its walks read sparse rows fastest.
  virtual Layout layout() const { return Layout::rows; }
  /// What it needs besides large statistics and product.
  virtual PanelRoom room(const PanelSizes& sizes, Index components) const = 0;
  /// The statistics of the W half-step. `cost`, if given, is raised by the cost of (w, H).
  /// `again`: same panel and H as in the last call with this scratch, only w has moved.
  virtual Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                                 PanelCost* cost, bool again = false) const = 0;
  /// Adds the features of the panel to the large statistics of the H half-step. The cost of (w, H) is raised by
  /// that of these features if given.
  /// @pre with a cost, the panel is whole and gather_w was called on it before
  virtual void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                        const GatheredSums<T>& sums, PanelCost* cost) const = 0;
  /// Adds the rows of W to the small statistics.
  virtual void gather_small(ConstMatrixView<T> w, PanelScratch<T>& scratch, const GatheredSums<T>& sums) const = 0;

 private:
  StatisticsSet statistics_;
};

/// Identities that subtract large numbers are trusted while the squared residual is at least this share of
/// the squared norm; below it the residual is computed entry by entry.
template <class T>
constexpr double trusted_share = sizeof(T) == 8 ? 1e-4 : 2e-3;

}  // namespace mpinmf
