#include "pair.hpp"

#include "extrapolated_pair.hpp"
#include "h_extrapolated_pair.hpp"
#include "kernels/rows.hpp"

namespace mpinmf {

template <class T>
double PlainPair<T>::identity_square(const Sums<T>& sums, const SharedH<T>& h) const {
  const ConstMatrixView<double> w_gram = sums.of(Statistic::gram), h_gram = h.gram();
  double quadratic = 0;
  for (Index a = 0; a < w_gram.rows(); ++a) {
    for (Index b = 0; b < w_gram.columns(); ++b) quadratic += w_gram(a, b) * h_gram(a, b);
  }
  return v_.summary().sum_squares - 2 * h.moved().linear + quadratic;
}

template <class T>
void settle_on_previous(ConstMatrixView<T> previous_w, MatrixView<T> w, Decision& decision) {
  if (decision.go_back == 0) return;
  copy_rows<T>(previous_w, w);
  decision.go_back = 0;
}
template void settle_on_previous(ConstMatrixView<float>, MatrixView<float>, Decision&);
template void settle_on_previous(ConstMatrixView<double>, MatrixView<double>, Decision&);

template <class T>
std::unique_ptr<Pair<T>> make_pair_of(const PairParts<T>& parts, const Rule<T>& rule, bool extrapolated,
                                      bool moves_h) {
  if (!extrapolated) return std::make_unique<PlainPair<T>>(parts);
  if (rule.extrapolates == Extrapolated::h_alone) return std::make_unique<HExtrapolatedPair<T>>(parts, moves_h);
  return std::make_unique<ExtrapolatedPair<T>>(parts, rule.is_exact, moves_h);
}
template std::unique_ptr<Pair<float>> make_pair_of(const PairParts<float>&, const Rule<float>&, bool, bool);
template std::unique_ptr<Pair<double>> make_pair_of(const PairParts<double>&, const Rule<double>&, bool, bool);
template class PlainPair<float>;
template class PlainPair<double>;

}  // namespace mpinmf
