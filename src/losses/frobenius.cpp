// Half the squared Frobenius norm, D = ||V - W H||^2 / 2 (Lee and Seung 2001, section 3).
//
//   W half-step:  numerator V_p H',  denominator H H'
//   H half-step:  numerator W' V,    denominator W' W
//   cost of row i:  ||v_i||^2 - 2 <w_i, (V H')_i> + w_i H H' w_i'   or entry by entry where that cancels
#include <cmath>

#include "kernels/gram.hpp"
#include "panel_loss.hpp"

namespace mpinmf {
namespace {

template <class T>
class FrobeniusLoss final : public PanelLoss<T> {
 public:
  using PanelLoss<T>::PanelLoss;

  Layout layout() const override { return Layout::blocks; }

  PanelRoom room(const PanelSizes& sizes, Index components) const override {
    return {.gram = gram_scratch<T>(components),
            .products = sizes.rows,
            .more_products = sizes.rows,
            .residual = sizes.columns};
  }

  Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost,
                         bool again) const override {
    const MatrixView<T> numerator = scratch.rows_of(Statistic::numerator, rows.v.rows());
    if (!again) cross(rows.v, h.ht, numerator);  // V_p H' does not depend on w
    if (cost != nullptr) add_cost(rows, h, scratch, *cost);
    return {{Statistic::numerator, numerator}, {Statistic::gram, h.gram}};
  }

  void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                const GatheredSums<T>& sums, PanelCost* cost) const override {
    accumulate<T>(rows.v, rows.w, sums.large[Statistic::numerator]);
    if (cost != nullptr) add_cost(rows, h, scratch, *cost);
  }

  void gather_small(ConstMatrixView<T> w, PanelScratch<T>& scratch, const GatheredSums<T>& sums) const override {
    add_gram<T>(w, sums.small[Statistic::gram], scratch.gram);
  }

 private:
  static void add_cost(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost& cost) {
    const Index count = rows.v.rows();
    const MatrixView<T> product = scratch.product.view().middle_rows(0, count);
    const ConstMatrixView<T> numerator = scratch.rows_of(Statistic::numerator, count);
    multiply_padded<T>(rows.w, h.gram, product);              // W_p H H'
    row_products<T>(rows.w, numerator, scratch.products);     // <w_i, (V H')_i>
    row_products<T>(rows.w, product, scratch.more_products);  // w_i H H' w_i'
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const double norm = rows.row_squares[i];
      double square = norm - 2 * scratch.products[i] + scratch.more_products[i];
      if (square < trusted_share<T> * norm) {
        square = residual_square<T>(rows.v, static_cast<Index>(i), {rows.w, h.ht}, scratch.residual);
      }
      cost.loss += square / 2;
      cost.row_norms += std::sqrt(square);
    }
  }
};

LossFacts frobenius_facts(const Loss&) {
  LossFacts facts;
  facts.offers = least_squares_statistics;
  facts.is_half_square_norm = true;
  facts.beta = 2;
  facts.flops = {.of_entry = 4, .of_row = 4};  // V H' and W'V; W (H H') and W'W
  return facts;
}

}  // namespace

template <class T>
LossRow<T> loss_row(LossFile<struct Frobenius>) {
  LossRow<T> row;
  row.name = "frobenius";
  row.aliases = {"fro", "euclidean"};
  row.spellings = "frobenius (or fro, 2)";
  row.beta = 2;
  row.facts = frobenius_facts;
  row.make = [](StatisticsSet asked, const Loss&) -> std::unique_ptr<PanelLoss<T>> {
    return std::make_unique<FrobeniusLoss<T>>(asked);
  };
  return row;
}
template LossRow<float> loss_row(LossFile<struct Frobenius>);
template LossRow<double> loss_row(LossFile<struct Frobenius>);

}  // namespace mpinmf
