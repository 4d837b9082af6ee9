// A beta-divergence over the known entries of V, each counted q_ij times (Lee and Seung's updates with weights:
// Zhang, Wang, Ford and Makedon, Learning from incomplete ratings using non-negative matrix factorization, SDM
// 2006; for other beta Fevotte and Idier 2011, equation 2, with both sums weighted):
//
//   D = sum over known (i, j) of q_ij d_beta(v_ij | x_ij),  x = (W H)_ij,  d_2 = (v - x)^2 / 2
//
//   W half-step:  numerator_i = sum_j q v x^(beta-2) h_j,  denominator_i = sum_j q x^(beta-1) h_j
//   H half-step:  numerator_j = sum_i q v x^(beta-2) w_i,  denominator_j = sum_i q x^(beta-1) w_i
//
// and for beta = 2, whose half-steps are least squares, the Gram matrices G_i = sum_j q h_j h_j' and G_j = sum_i q
// w_i w_i',
//
// over the known entries of row i, or column j: those that a sparse V stores, zeros among them; of a dense V all.
// q is 1 where V has no weights (DataMatrix::weighted). A row or column without any moves to 0.
#include <algorithm>
#include <cmath>

#include "panel_loss.hpp"

namespace mpinmf {
namespace {

template <class T>
class ObservedBetaLoss final : public PanelLoss<T> {
 public:
  ObservedBetaLoss(StatisticsSet asked, double beta) : PanelLoss<T>(asked), beta_(beta) {}

  Layout layout() const override { return gathers_grams() ? Layout::many_rows : Layout::rows; }
  PanelRoom room(const PanelSizes& sizes, Index components) const override {
    return {.model = gathers_grams() ? ModelRoom::for_known_grams(sizes, components) : ModelRoom::for_known(sizes),
            .products = sizes.rows};
  }

  Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost,
                         bool) const override {
    const MatrixView<T> numerator = scratch.rows_of(Statistic::numerator, rows.v.rows());
    const MatrixView<T> denominator = scratch.rows_of(Statistic::denominator, rows.v.rows());
    KnownCost known = cost_of_rows(rows, scratch);
    cross_known<T>(rows.v, {rows.w, h.ht, h.blocked}, beta_, {numerator, denominator}, scratch.model,
                   cost == nullptr ? nullptr : &known);
    if (cost != nullptr) add_cost(known, *cost);
    Statistics<T> statistics{{Statistic::numerator, numerator}, {Statistic::denominator, denominator}};
    if (gathers_grams()) {
      const MatrixView<T> grams = scratch.rows_of(Statistic::row_grams, rows.v.rows());
      cross_known_grams<T>(rows.v, h.ht, grams, scratch.model);
      statistics[Statistic::row_grams] = grams;
    }
    return statistics;
  }

  void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                const GatheredSums<T>& sums, PanelCost* cost) const override {
    KnownCost known = cost_of_rows(rows, scratch);
    accumulate_known<T>(rows.v, {rows.w, h.ht, h.blocked}, beta_,
                        {sums.large[Statistic::numerator], sums.large[Statistic::denominator]}, scratch.model,
                        cost == nullptr ? nullptr : &known);
    if (cost != nullptr) add_cost(known, *cost);
    if (gathers_grams())
      accumulate_known_grams<T>(rows.v, rows.w, sums.large[Statistic::row_grams], scratch.model);
  }

  void gather_small(ConstMatrixView<T>, PanelScratch<T>&, const GatheredSums<T>&) const override {}

 private:
  bool gathers_grams() const { return this->statistics().has(Statistic::row_grams); }
  static KnownCost cost_of_rows(const PanelRows<T>& rows, PanelScratch<T>& scratch) {
    const auto losses = std::span<double>(scratch.products).first(static_cast<std::size_t>(rows.v.rows()));
    std::fill(losses.begin(), losses.end(), 0.0);
    return {losses};
  }
  void add_cost(const KnownCost& known, PanelCost& cost) const {
    for (const double loss : known.losses) {
      cost.loss += loss;
      if (beta_ == 2) cost.row_norms += std::sqrt(2 * loss);
    }
    cost.zero_models += known.zero_models;
  }

  double beta_;
};

LossFacts observed_beta_facts(const Loss& loss) {
  const LossFacts all = facts_of(Loss{.beta = loss.beta});
  LossFacts facts;
  facts.offers = {Statistic::numerator, Statistic::denominator};
  if (loss.beta == 2) facts.offers = facts.offers | least_squares_by_rows;
  facts.is_observed = true;
  facts.is_half_square_norm = all.is_half_square_norm;
  facts.needs_positive_v = all.needs_positive_v;
  facts.powers_of_v = all.powers_of_v;
  facts.beta = loss.beta;
  facts.exponent = all.exponent;
  facts.zeroes_w = all.zeroes_w;
  facts.zeroes_h = all.zeroes_h;
  facts.flops = {.of_entry = 12};  // x, numerator and denominator, and again for the new W
  return facts;
}

}  // namespace

template <class T>
LossRow<T> loss_row(LossFile<struct ObservedBeta>) {
  LossRow<T> row;
  row.is_any_beta = row.is_observed = true;
  row.facts = observed_beta_facts;
  row.make = [](StatisticsSet asked, const Loss& loss) -> std::unique_ptr<PanelLoss<T>> {
    return std::make_unique<ObservedBetaLoss<T>>(asked, loss.beta);
  };
  return row;
}
template LossRow<float> loss_row(LossFile<struct ObservedBeta>);
template LossRow<double> loss_row(LossFile<struct ObservedBeta>);

}  // namespace mpinmf
