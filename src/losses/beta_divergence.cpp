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
// x^(beta-1) has no zeros to skip, so a sparse panel is worked on as a dense one.
#include "panel_loss.hpp"

namespace mpinmf {
namespace {

template <class T>
class BetaDivergence final : public PanelLoss<T> {
 public:
  BetaDivergence(StatisticsSet asked, double beta) : PanelLoss<T>(asked), beta_(beta) {}

  void reserve(PanelScratch<T>& scratch, const PanelSizes& sizes, Index components) const override {
    scratch.model.reserve_powers(sizes.rows, components);
  }

  Statistics<T> gather_w(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch, PanelCost* cost,
                         bool) const override {
    const MatrixView<T> numerator = scratch.rows_of(Statistic::numerator, rows.v.rows());
    const MatrixView<T> denominator = scratch.rows_of(Statistic::denominator, rows.v.rows());
    EntryCost entries{0, 0, 0};
    cross_powers<T>(rows.v, {rows.w, h.ht}, beta_, {numerator, denominator}, scratch.model,
                    cost == nullptr ? nullptr : &entries);
    if (cost != nullptr) add_cost(entries, *cost);
    return {{Statistic::numerator, numerator}, {Statistic::denominator, denominator}};
  }

  void gather_h(const PanelRows<T>& rows, const FixedH<T>& h, PanelScratch<T>& scratch,
                const GatheredSums<T>& sums, PanelCost* cost) const override {
    EntryCost entries{0, 0, 0};
    accumulate_powers<T>(rows.v, {rows.w, h.ht}, beta_,
                         {sums.large[Statistic::numerator], sums.large[Statistic::denominator]}, scratch.model,
                         cost == nullptr ? nullptr : &entries);
    if (cost != nullptr) add_cost(entries, *cost);
  }

  void gather_small(ConstMatrixView<T>, PanelScratch<T>&, const GatheredSums<T>&) const override {}

 private:
  static void add_cost(const EntryCost& entries, PanelCost& cost) {
    cost.loss += entries.loss;
    cost.zero_models += entries.zero_models;
  }

  double beta_;
};

}  // namespace

template <class T>
std::unique_ptr<PanelLoss<T>> make_beta_divergence(StatisticsSet asked, double beta) {
  return std::make_unique<BetaDivergence<T>>(asked, beta);
}
template std::unique_ptr<PanelLoss<float>> make_beta_divergence(StatisticsSet, double);
template std::unique_ptr<PanelLoss<double>> make_beta_divergence(StatisticsSet, double);

}  // namespace mpinmf
