// Kullback-Leibler (I-divergence), D = sum v log(v / x) - v + x with x = (W H)_ij (Lee and Seung 2001, section 3).
//
//   W half-step:  numerator (V_p / (W_p H)) H',  denominator row sums of H
//   H half-step:  numerator W' (V / (W H)),      denominator column sums of W,
//                 curvature W'^2 (V / (W H)^2)
//
// Only stored entries are touched: where v = 0 the term is x, and the sum of all x is known from the sums of W
// and H.
#include <algorithm>

#include "kernels/gram.hpp"
#include "panel_loss.hpp"

namespace mpinmf {
namespace {

template <class T>
class KullbackLeiblerLoss final : public PanelLoss<T> {
 public:
  using PanelLoss<T>::PanelLoss;

  PanelRoom room(const PanelSizes& sizes, Index) const override {
    return {.model = ModelRoom::for_quotients(sizes, has_curvature()), .products = sizes.rows};
  }

  Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost,
                         bool) const override {
    const MatrixView<T> numerator = scratch.rows_of(Statistic::numerator, rows.v.rows());
    EntryCost stored{0, 0, 0};
    cross_quotients<T>(rows.v, {rows.w, h.ht, h.blocked}, numerator, scratch.model,
                       cost == nullptr ? nullptr : &stored);
    if (cost != nullptr) add_cost(rows, h, scratch, stored, *cost);
    return {{Statistic::numerator, numerator}, {Statistic::column_sums, h.column_sums}};
  }

  void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                const GatheredSums<T>& sums, PanelCost* cost) const override {
    EntryCost stored{0, 0, 0};
    QuotientSums<T> to{sums.large[Statistic::numerator], sums.large[Statistic::curvature], {}};
    if (has_curvature()) to.squares = scratch.rows_of(Statistic::curvature, rows.v.rows());
    accumulate_quotients<T>(rows.v, {rows.w, h.ht, h.blocked}, to, scratch.model,
                            cost == nullptr ? nullptr : &stored);
    if (cost != nullptr) add_cost(rows, h, scratch, stored, *cost);
  }

  void gather_small(ConstMatrixView<T> w, PanelScratch<T>&, const GatheredSums<T>& sums) const override {
    const MatrixView<double> column_sums = sums.small[Statistic::column_sums];
    add_column_sums<T>(w, {column_sums.data(), static_cast<std::size_t>(column_sums.columns())});
  }

 private:
  bool has_curvature() const { return this->statistics().has(Statistic::curvature); }
  /// Where v is not stored the cost is x: the sum of the model without its stored entries.
  static void add_cost(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                       const EntryCost& stored, PanelCost& cost) {
    cost.loss += stored.loss;
    cost.zero_models += stored.zero_models;
    if (rows.v.stored() == rows.v.rows() * rows.v.columns()) return;
    row_products<T>(rows.w, h.column_sums, scratch.products);
    double all = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows.w.rows()); ++i) all += scratch.products[i];
    cost.loss += std::max(all - stored.model, 0.0);  // what is not a number stays so
  }
};

LossFacts kullback_leibler_facts(const Loss&) {
  LossFacts facts;
  facts.offers = {Statistic::numerator, Statistic::curvature, Statistic::column_sums};
  facts.has_entry_newton = true;
  facts.beta = 1;
  facts.zeroes_h = true;
  facts.flops = {.of_entry = 8};  // W H before V H', and again for the new W before W'V
  return facts;
}

}  // namespace

template <class T>
LossRow<T> loss_row(LossFile<struct KullbackLeibler>) {
  LossRow<T> row;
  row.name = "kullback-leibler";
  row.aliases = {"kl", "i-divergence"};
  row.spellings = "kullback-leibler (KL, 1)";
  row.beta = 1;
  row.facts = kullback_leibler_facts;
  row.make = [](StatisticsSet asked, const Loss&) -> std::unique_ptr<PanelLoss<T>> {
    return std::make_unique<KullbackLeiblerLoss<T>>(asked);
  };
  return row;
}
template LossRow<float> loss_row(LossFile<struct KullbackLeibler>);
template LossRow<double> loss_row(LossFile<struct KullbackLeibler>);

}  // namespace mpinmf
