#include "stationarity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace mpinmf {
namespace {

constexpr double counts_as_zero = 1e-12;

/// A factor's rows with what their gradient is made from.
template <class T, class N>
struct Gradient {
  StatisticsShape shape;
  RuleSettings settings;
  ConstMatrixView<N> numerator, denominator;

  /// (denominator - numerator) of entry (i, c): X G, the sums, or as they are.
  double at(ConstMatrixView<T> x, Index i, Index c) const {
    double sum = settings.l1 + settings.l2 * static_cast<double>(x(i, c)) - static_cast<double>(numerator(i, c));
    if (shape == StatisticsShape::vector) return sum + static_cast<double>(denominator(0, c));
    if (shape == StatisticsShape::matrix) return sum + static_cast<double>(denominator(i, c));
    for (Index a = 0; a < x.columns(); ++a) {
      sum += static_cast<double>(x(i, a)) * static_cast<double>(denominator(a, c));
    }
    return sum;
  }
};

/// Where x = 0 only the negative part of the gradient counts.
template <class T, class N>
void see_rows(const Gradient<T, N>& gradient, ConstMatrixView<T> x, std::span<const double> zeros,
              Stationarity& result) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) {
      const double slope = gradient.at(x, i, c), numerator = static_cast<double>(gradient.numerator(i, c));
      const bool is_positive = static_cast<double>(x(i, c)) > zeros[static_cast<std::size_t>(c)];
      const double projection = is_positive ? slope : std::min(0.0, slope);
      result.projected += projection * projection;
      result.numerator += numerator * numerator;
    }
  }
}

/// What counts as zero in each component.
template <class T>
std::vector<double> zeros_of(ConstMatrixView<T> x) {
  std::vector<double> zeros(static_cast<std::size_t>(x.columns()));
  for (Index i = 0; i < x.rows(); ++i) {
    for (std::size_t c = 0; c < zeros.size(); ++c) {
      zeros[c] = std::max(zeros[c], counts_as_zero * static_cast<double>(x.row(i)[c]));
    }
  }
  return zeros;
}

template <class T>
Stationarity of_w(const StationarityWalk<T>& walk, const SharedH<T>& h, MatrixView<T> w) {
  const DataMatrix<T>& v = walk.v;
  std::vector<double> zeros = zeros_of<T>(w);
  v.comm().max(zeros);
  const int threads = walk.sums.threads();
  std::vector<Stationarity> seen(static_cast<std::size_t>(threads));
  std::vector<PanelScratch<T>> scratch(seen.size());
  v.comm().meet([&] {
    for (auto& own : scratch) own = make_scratch(v, walk.loss, w.columns(), v.partition().panel_height());
  });
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int thread = 0; thread < threads; ++thread) {
    const auto mine = static_cast<std::size_t>(thread);
    for (Index p = thread; p < v.panels(); p += threads) {
      const auto [first, count] = v.panel_rows(p);
      const PanelRows<T> rows = rows_with_factor(v, first, count, w);
      const Statistics<T> s = walk.loss.gather_w(rows, h.fixed(), scratch[mine], nullptr);
      see_rows<T, T>({s.shape, walk.of_w, s.numerator, s.denominator}, rows.w, zeros, seen[mine]);
    }
  }
  std::array<double, 2> total{};
  for (const Stationarity& own : seen) {
    total[0] += own.projected;
    total[1] += own.numerator;
  }
  v.comm().sum(total);
  return {total[0], total[1]};
}

}  // namespace

double Stationarity::residual() const {
  return numerator > 0 ? std::sqrt(projected / numerator) : std::sqrt(projected);
}

template <class T>
PairStationarity stationarity(const StationarityWalk<T>& walk, const SharedH<T>& h, MatrixView<T> w) {
  PairStationarity result;
  result.w = of_w(walk, h, w);
  walk.sums.clear();
  walk.sweep.gather(h.fixed(), w, walk.sums, CostOf::nothing);
  walk.sums.sum_over(walk.v.comm());
  see_rows<T, double>({walk.loss.shape(), walk.of_h, walk.sums.numerator(), walk.sums.denominator()}, h.ht(),
                      zeros_of<T>(h.ht()), result.h);
  return result;
}

template PairStationarity stationarity(const StationarityWalk<float>&, const SharedH<float>&, MatrixView<float>);
template PairStationarity stationarity(const StationarityWalk<double>&, const SharedH<double>&,
                                       MatrixView<double>);

}  // namespace mpinmf
