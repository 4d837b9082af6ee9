#include "sweep.hpp"

#include <algorithm>

namespace mpinmf {
namespace {

/// In single precision partial sums over more rows than this would lose digits.
constexpr Index rows_between_flushes = 4096;

}  // namespace

template <class T>
PanelRows<T> panel_with_rows(const DataMatrix<T>& v, Index p, MatrixView<T> w) {
  const auto [first, count] = v.panel_rows(p);
  return {v.panel(p), w.middle_rows(first, count),
          v.row_squares().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count))};
}

template <class T>
PanelScratch<T> make_scratch(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components) {
  const Index height = v.partition().panel_height();
  PanelScratch<T> scratch;
  scratch.numerator = Matrix<T>::padded(height, components);
  scratch.product = Matrix<T>::padded(height, components);
  if (loss.shape() == StatisticsShape::matrix) scratch.denominator = Matrix<T>::padded(height, components);
  loss.reserve(scratch, v.largest_panel(), height * v.columns(), v.columns());
  return scratch;
}

template <class T>
Sweep<T>::Sweep(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components)
    : v_(v), loss_(loss), scratch_(make_scratch(v, loss, components)) {}

template <class T>
void Sweep<T>::move_and_gather(Rule<T> rule, const RuleSettings& settings, const FixedH<T>& h, MatrixView<T> w,
                               Sums<T>& sums, CostOf cost) {
  PanelCost* before = cost == CostOf::pair_before ? &sums.cost() : nullptr;
  PanelCost* after = cost == CostOf::pair_after ? &sums.cost() : nullptr;
  const GatheredSums<T> partial = sums.partial();
  Index unflushed = 0;
  for (Index p = 0; p < v_.panels(); ++p) {
    const PanelRows<T> rows = panel_with_rows(v_, p, w);
    const Statistics<T> statistics = loss_.gather_w(rows, h, scratch_, before);
    rule(statistics, settings, scratch_.product.view().middle_rows(0, rows.w.rows()), rows.w);
    loss_.gather_h(rows, h, scratch_, partial, after);
    unflushed += rows.w.rows();
    if (sizeof(T) == 4 && unflushed >= rows_between_flushes) {
      sums.flush();
      unflushed = 0;
    }
  }
}

template <class T>
void Sweep<T>::gather(const FixedH<T>& h, MatrixView<T> w, Sums<T>& sums, CostOf cost) {
  constexpr Rule<T> stay = [](const Statistics<T>&, const RuleSettings&, MatrixView<T>, MatrixView<T>) {};
  move_and_gather(stay, {}, h, w, sums, cost);
}

template <class T>
PanelCost Sweep<T>::cost(const FixedH<T>& h, MatrixView<T> w) {
  PanelCost total;
  for (Index p = 0; p < v_.panels(); ++p) loss_.gather_w(panel_with_rows(v_, p, w), h, scratch_, &total);
  return total;
}

template class Sweep<float>;
template class Sweep<double>;
template PanelRows<float> panel_with_rows(const DataMatrix<float>&, Index, MatrixView<float>);
template PanelRows<double> panel_with_rows(const DataMatrix<double>&, Index, MatrixView<double>);
template PanelScratch<float> make_scratch(const DataMatrix<float>&, const PanelLoss<float>&, Index);
template PanelScratch<double> make_scratch(const DataMatrix<double>&, const PanelLoss<double>&, Index);

}  // namespace mpinmf
