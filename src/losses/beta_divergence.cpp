// The beta-divergences whose denominator is a matrix (Fevotte and Idier 2011, equation 2 and section 4), beta not
// 1:
//
//   d(v | x) = (v^beta + (beta - 1) x^beta - beta v x^(beta-1)) / (beta (beta - 1))
//   d(v | x) = v / x - log(v / x) - 1            for beta = 0: Itakura-Saito (Fevotte, Bertin and Durrieu 2009)
//
// (computed in a form that keeps its digits where beta is close to 0 or 1: kernels/level/entries.hpp).
//
// With x = (W H)_ij:
//
//   W half-step:  numerator (V_p x^(beta-2)) H',  denominator x^(beta-1) H'
//   H half-step:  numerator W' (V x^(beta-2)),    denominator W' x^(beta-1)
//
// and for 1 < beta < 2 the curvature ((2 - beta) V x^(beta-3) + (beta - 1) x^(beta-2)) H'^2, or W'^2 the same way.
//
// x^(beta-1) has no zeros to skip, so a sparse panel is worked on as a dense one.
#include "panel_loss.hpp"

namespace mpinmf {
namespace {

template <class T>
class BetaDivergenceLoss final : public PanelLoss<T> {
 public:
  BetaDivergenceLoss(StatisticsSet asked, double beta) : PanelLoss<T>(asked), beta_(beta) {}

  PanelRoom room(const PanelSizes& sizes, Index components) const override {
    return {.model = ModelRoom::for_powers(sizes, has_curvature() ? components : 0)};
  }

  Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost,
                         bool) const override {
    const MatrixView<T> numerator = scratch.rows_of(Statistic::numerator, rows.v.rows());
    const MatrixView<T> denominator = scratch.rows_of(Statistic::denominator, rows.v.rows());
    MatrixView<T> curvature;
    if (has_curvature()) curvature = scratch.rows_of(Statistic::curvature, rows.v.rows());
    EntryCost entries{0, 0, 0};
    cross_powers<T>(rows.v, {rows.w, h.ht, h.blocked}, beta_, {numerator, denominator, curvature}, scratch.model,
                    cost == nullptr ? nullptr : &entries);
    if (cost != nullptr) add_cost(entries, *cost);
    return {{Statistic::numerator, numerator},
            {Statistic::denominator, denominator},
            {Statistic::curvature, curvature}};
  }

  void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                const GatheredSums<T>& sums, PanelCost* cost) const override {
    EntryCost entries{0, 0, 0};
    accumulate_powers<T>(
        rows.v, {rows.w, h.ht, h.blocked}, beta_,
        {sums.large[Statistic::numerator], sums.large[Statistic::denominator], sums.large[Statistic::curvature]},
        scratch.model, cost == nullptr ? nullptr : &entries);
    if (cost != nullptr) add_cost(entries, *cost);
  }

  void gather_small(ConstMatrixView<T>, PanelScratch<T>&, const GatheredSums<T>&) const override {}

 private:
  bool has_curvature() const { return this->statistics().has(Statistic::curvature); }
  static void add_cost(const EntryCost& entries, PanelCost& cost) {
    cost.loss += entries.loss;
    cost.zero_models += entries.zero_models;
  }

  double beta_;
};

/// 1/(2-beta) below 1, 1/(beta-1) above 2, else 1 (Fevotte and Idier 2011, table 2).
double multiplicative_exponent(double beta) {
  if (beta < 1) return 1 / (2 - beta);
  if (beta > 2) return 1 / (beta - 1);
  return 1;
}

LossFacts beta_divergence_facts(const Loss& loss) {
  const double beta = loss.beta;
  LossFacts facts;
  facts.offers = {Statistic::numerator, Statistic::denominator};
  // it must fall as x grows (rules/unlocking_step.hpp)
  if (beta > 1 && beta < 2) facts.offers = facts.offers | StatisticsSet{Statistic::curvature};
  facts.needs_positive_v = beta <= 0;
  if (beta < 0 || beta > 2) facts.powers_of_v = {beta, beta - 1};
  facts.beta = beta;
  facts.exponent = multiplicative_exponent(beta);
  facts.zeroes_w = facts.zeroes_h = beta < 1;
  facts.flops = {.of_entry = 4, .of_place = 8};  // the denominator is dense
  return facts;
}

template <class T>
LossRow<T> beta_divergence_row() {
  LossRow<T> row;
  row.facts = beta_divergence_facts;
  row.make = [](StatisticsSet asked, const Loss& loss) -> std::unique_ptr<PanelLoss<T>> {
    return std::make_unique<BetaDivergenceLoss<T>>(asked, loss.beta);
  };
  return row;
}

}  // namespace

template <class T>
LossRow<T> loss_row(LossFile<struct ItakuraSaito>) {
  LossRow<T> row = beta_divergence_row<T>();
  row.name = "itakura-saito";
  row.aliases = {"is", ""};
  row.spellings = "itakura-saito (IS, 0)";
  row.beta = 0;
  return row;
}
template LossRow<float> loss_row(LossFile<struct ItakuraSaito>);
template LossRow<double> loss_row(LossFile<struct ItakuraSaito>);

template <class T>
LossRow<T> loss_row(LossFile<struct BetaDivergence>) {
  LossRow<T> row = beta_divergence_row<T>();
  row.is_any_beta = true;
  return row;
}
template LossRow<float> loss_row(LossFile<struct BetaDivergence>);
template LossRow<double> loss_row(LossFile<struct BetaDivergence>);

}  // namespace mpinmf
