// Kullback-Leibler (I-divergence), D = sum v log(v / x) - v + x with x = (W H)_ij (Lee and Seung 2001, section 3).
//
//   W half-step:  numerator (V_p / (W_p H)) H',  denominator row sums of H
//   H half-step:  numerator W' (V / (W H)),      denominator column sums of W
//
// Only stored entries are touched: where v = 0 the term is x, and the sum of all x is known from the sums of W
// and H.
#include <algorithm>
#include <cmath>

#include "kernels/gram.hpp"
#include "kernels/panel.hpp"
#include "panel_loss.hpp"

namespace mpinmf {
namespace {

template <class T>
class KullbackLeibler final : public PanelLoss<T> {
 public:
  StatisticsShape shape() const override { return StatisticsShape::vector; }

  void reserve(PanelScratch<T>& scratch, Index stored, Index, Index) const override {
    scratch.model.resize(static_cast<std::size_t>(stored));
  }

  Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost,
                         bool) const override {
    const MatrixView<T> numerator = scratch.numerator.view().middle_rows(0, rows.v.rows());
    cross(quotients(rows, h, scratch, cost), h.ht, numerator);
    return {StatisticsShape::vector, numerator, h.column_sums};
  }

  void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                const GatheredSums<T>& sums, PanelCost* cost) const override {
    accumulate<T>(quotients(rows, h, scratch, cost), rows.w, sums.numerator);
    add_column_sums<T>(rows.w, sums.column_sums);
  }

 private:
  /// The panel with v / (W H) in place of v; W H is left behind on the way for the cost.
  static RowPanel<T> quotients(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                               PanelCost* cost) {
    const std::span<const T> v = rows.v.values();
    const std::span<T> model = std::span<T>(scratch.model).first(v.size());
    model_at_stored<T>(rows.v, rows.w, h.ht, model);
    if (cost != nullptr) add_cost(rows, h, v, model, *cost);
    // v / x; 0 where x = 0
    for (std::size_t q = 0; q < v.size(); ++q) {
      const T quotient = std::min(v[q] / model[q], largest_quotient<T>);
      model[q] = model[q] > 0 ? quotient : T(0);
    }
    return rows.v.with_values(model);
  }

  static void add_cost(const PanelRows<T>& rows, const FixedH<T>& h, std::span<const T> v,
                       std::span<const T> model, PanelCost& cost) {
    double stored_loss = 0, stored_model = 0;
    for (std::size_t q = 0; q < v.size(); ++q) {
      const auto value = static_cast<double>(v[q]), x = static_cast<double>(model[q]);
      stored_model += x;
      if (value > 0) {
        if (x == 0) cost.zero_models += 1;
        stored_loss += std::max(0.0, value * std::log(value / positive_model(value, x)) - value + x);
      } else {
        stored_loss += x;
      }
    }
    cost.loss += stored_loss;
    if (rows.v.stored() == rows.v.rows() * rows.v.columns()) return;
    double all_model = 0;
    for (Index i = 0; i < rows.w.rows(); ++i) {
      for (Index c = 0; c < rows.w.columns(); ++c) {
        all_model += static_cast<double>(rows.w(i, c)) * static_cast<double>(h.column_sums(0, c));
      }
    }
    cost.loss += std::max(0.0, all_model - stored_model);
  }
};

}  // namespace

template <class T>
std::unique_ptr<PanelLoss<T>> make_kullback_leibler() {
  return std::make_unique<KullbackLeibler<T>>();
}
template std::unique_ptr<PanelLoss<float>> make_kullback_leibler();
template std::unique_ptr<PanelLoss<double>> make_kullback_leibler();

}  // namespace mpinmf
