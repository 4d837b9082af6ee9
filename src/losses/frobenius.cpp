// Half the squared Frobenius norm, D = ||V - W H||^2 / 2 (Lee and Seung 2001, section 3).
//
//   W half-step:  numerator V_p H',  denominator H H'
//   H half-step:  numerator W' V,    denominator W' W
//   cost of row i:  ||v_i||^2 - 2 <w_i, (V H')_i> + w_i H H' w_i'   or entry by entry where that cancels
#include <cmath>

#include "kernels/gram.hpp"
#include "kernels/panel.hpp"
#include "panel_loss.hpp"

namespace mpinmf {
namespace {

template <class T>
class Frobenius final : public PanelLoss<T> {
 public:
  StatisticsShape shape() const override { return StatisticsShape::gram; }

  void reserve(PanelScratch<T>& scratch, Index, Index, Index columns) const override {
    scratch.dense.resize(static_cast<std::size_t>(columns));  // one row, for direct residuals
    scratch.gram.resize(static_cast<std::size_t>(gram_scratch<T>(scratch.numerator.columns())));
  }

  Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost,
                         bool again) const override {
    const MatrixView<T> numerator = scratch.numerator.view().middle_rows(0, rows.v.rows());
    if (!again) cross(rows.v, h.ht, numerator);  // V_p H' does not depend on w
    if (cost != nullptr) add_cost(rows, h, scratch, *cost);
    return {StatisticsShape::gram, numerator, h.gram};
  }

  void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                const GatheredSums<T>& sums, PanelCost* cost) const override {
    accumulate<T>(rows.v, rows.w, sums.numerator);
    add_gram<T>(rows.w, sums.gram, scratch.gram);
    if (cost != nullptr) add_cost(rows, h, scratch, *cost);
  }

 private:
  static void add_cost(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost& cost) {
    for (Index i = 0; i < rows.v.rows(); ++i) {
      const double norm = rows.row_squares[static_cast<std::size_t>(i)];
      double square = row_identity(norm, rows.w.row(i), scratch.numerator.row(i), h.gram);
      if (square < trusted_share<T> * norm) {
        square = residual_square<T>(rows.v, i, rows.w, h.ht, std::span<T>(scratch.dense));
      }
      cost.loss += square / 2;
      cost.row_norms += std::sqrt(square);
    }
  }

  // ||v||^2 - 2 <w, V H'> + w G w'
  static double row_identity(double norm, const T* w, const T* numerator, ConstMatrixView<T> gram) {
    double linear = 0, quadratic = 0;
    for (Index a = 0; a < gram.rows(); ++a) {
      const T* g = gram.row(a);
      double sum = 0;
      for (Index b = 0; b < gram.columns(); ++b) sum += static_cast<double>(g[b]) * static_cast<double>(w[b]);
      linear += static_cast<double>(w[a]) * static_cast<double>(numerator[a]);
      quadratic += static_cast<double>(w[a]) * sum;
    }
    return norm - 2 * linear + quadratic;
  }
};

}  // namespace

template <class T>
std::unique_ptr<PanelLoss<T>> make_frobenius() {
  return std::make_unique<Frobenius<T>>();
}
template std::unique_ptr<PanelLoss<float>> make_frobenius();
template std::unique_ptr<PanelLoss<double>> make_frobenius();

}  // namespace mpinmf
