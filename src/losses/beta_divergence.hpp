// The beta-divergences whose denominator is a matrix (Fevotte and Idier 2011, section 4). With x = (W H)_ij:
//
//   W half-step:  numerator (V_p x^(beta-2)) H',  denominator x^(beta-1) H'
//   H half-step:  numerator W' (V x^(beta-2)),    denominator W' x^(beta-1)
//
// x^(beta-1) has no zeros to skip, so a sparse panel is worked on as a dense one.
#pragma once

#include <algorithm>

#include "kernels/panel.hpp"
#include "panel_loss.hpp"

namespace mpinmf {

/// A divergence has two functions of one entry, v >= 0 and x > 0:
///   weights(v, x) -> {v x^(beta-2), x^(beta-1)},    term(v, x) -> d(v | x) >= 0,
/// in double, since powers leave the range of float where their sums of products do not,
/// and says whether d(v | 0) is infinite for v > 0 (needs_positive_model).
template <class T, class Divergence>
class MatrixShapedLoss final : public PanelLoss<T> {
 public:
  explicit MatrixShapedLoss(Divergence divergence) : divergence_(divergence) {}

  StatisticsShape shape() const override { return StatisticsShape::matrix; }

  void reserve(PanelScratch<T>& scratch, Index, Index entries, Index) const override {
    scratch.model.resize(static_cast<std::size_t>(entries));
    scratch.weights.resize(static_cast<std::size_t>(entries));
    scratch.dense.resize(static_cast<std::size_t>(entries));
  }

  Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost,
                         bool) const override {
    const auto [numerators, denominators] = weigh(rows, h, scratch, cost);
    const MatrixView<T> numerator = scratch.numerator.view().middle_rows(0, rows.v.rows());
    const MatrixView<T> denominator = scratch.denominator.view().middle_rows(0, rows.v.rows());
    cross<T>(numerators, h.ht, numerator);
    cross<T>(denominators, h.ht, denominator);
    return {StatisticsShape::matrix, numerator, denominator};
  }

  void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                const GatheredSums<T>& sums, PanelCost* cost) const override {
    const auto [numerators, denominators] = weigh(rows, h, scratch, cost);
    accumulate<T>(numerators, rows.w, sums.numerator);
    accumulate<T>(denominators, rows.w, sums.matrix_denominator);
  }

 private:
  static T limited(double weight) {
    return static_cast<T>(std::min(weight, static_cast<double>(largest_quotient<T>)));
  }

  struct Weighted {
    DensePanel<T> numerators, denominators;
  };

  Weighted weigh(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost) const {
    const DensePanel<T> dense = densify<T>(rows.v, scratch.dense);
    const std::span<const T> v = RowPanel<T>(dense).values();
    model_at_stored<T>(dense, rows.w, h.ht, scratch.model);
    if (cost != nullptr) add_cost(v, scratch.model, *cost);
    for (std::size_t q = 0; q < v.size(); ++q) {
      const T x = scratch.model[q];
      scratch.weights[q] = scratch.model[q] = 0;
      if (x <= 0) continue;
      const auto [numerator, denominator] = divergence_.weights(static_cast<double>(v[q]), static_cast<double>(x));
      scratch.weights[q] = limited(numerator);
      scratch.model[q] = limited(denominator);
    }
    return {dense.with_values(scratch.weights), dense.with_values(scratch.model)};
  }

  void add_cost(std::span<const T> v, std::span<const T> model, PanelCost& cost) const {
    double loss = 0;
    for (std::size_t q = 0; q < v.size(); ++q) {
      const auto value = static_cast<double>(v[q]);
      auto x = static_cast<double>(model[q]);
      if (x == 0 && value > 0 && divergence_.needs_positive_model()) {
        cost.zero_models += 1;
        x = positive_model(value, x);
      }
      if (value > 0 || x > 0) loss += std::max(0.0, divergence_.term(value, x));  // d(0 | 0) = 0
    }
    cost.loss += loss;
  }

  Divergence divergence_;
};

}  // namespace mpinmf
