#include "evaluate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "column_order.hpp"
#include "kernels/simd.hpp"
#include "mpinmf/trace.hpp"
#include "shared_h.hpp"
#include "sweep.hpp"

namespace mpinmf {
namespace {

constexpr double counts_as_zero = 1e-12;

/// Sums of |x|, x^2 and the largest x of each column.
struct ColumnFacts {
  explicit ColumnFacts(Index columns)
      : sums(static_cast<std::size_t>(columns)), squares(sums.size()), largest(sums.size()) {}
  template <class T>
  void see(ConstMatrixView<T> x) {
    for (Index i = 0; i < x.rows(); ++i) {
      for (std::size_t c = 0; c < sums.size(); ++c) {
        const auto value = static_cast<double>(x.row(i)[c]);
        sums[c] += value;
        squares[c] += value * value;
        largest[c] = std::max(largest[c], value);
      }
    }
  }
  void sum_over(const Comm& comm) {
    comm.sum(sums);
    comm.sum(squares);
    comm.max(largest);
  }
  /// Mean of Hoyer's sparseness over the columns; a column of zeros or of one entry counts as 0 and 1.
  double sparseness(Index rows) const {
    const double root = std::sqrt(static_cast<double>(rows));
    double total = 0;
    for (std::size_t c = 0; c < sums.size(); ++c) {
      if (rows == 1) {
        total += 1;
      } else if (squares[c] > 0) {
        total += (root - sums[c] / std::sqrt(squares[c])) / (root - 1);
      }
    }
    return total / static_cast<double>(sums.size());
  }
  std::vector<double> sums, squares, largest;
};

/// Squared norms of the projected gradient and of the numerator, added up over rows of a factor.
struct Stationarity {
  double projected = 0, numerator = 0;

  // gradient = denominator - numerator; where x = 0 only its negative part counts
  void see(double x, double numerator_value, double denominator_value, double largest) {
    const double gradient = denominator_value - numerator_value;
    const double projection = x > counts_as_zero * largest ? gradient : std::min(0.0, gradient);
    projected += projection * projection;
    numerator += numerator_value * numerator_value;
  }
  double residual() const { return numerator > 0 ? std::sqrt(projected / numerator) : std::sqrt(projected); }
};

/// Denominators of r rows x k: X G, the sums, or as they are.
template <class T, class D>
double denominator_of(StatisticsShape shape, ConstMatrixView<D> denominator, ConstMatrixView<T> x, Index i,
                      Index c) {
  if (shape == StatisticsShape::vector) return static_cast<double>(denominator(0, c));
  if (shape == StatisticsShape::matrix) return static_cast<double>(denominator(i, c));
  double sum = 0;
  for (Index a = 0; a < x.columns(); ++a)
    sum += static_cast<double>(x(i, a)) * static_cast<double>(denominator(a, c));
  return sum;
}

template <class T, class D>
void see_rows(const ColumnFacts& facts, StatisticsShape shape, ConstMatrixView<D> numerator,
              ConstMatrixView<D> denominator, ConstMatrixView<T> x, Stationarity& result) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) {
      result.see(static_cast<double>(x(i, c)), static_cast<double>(numerator(i, c)),
                 denominator_of(shape, denominator, x, i, c), facts.largest[static_cast<std::size_t>(c)]);
    }
  }
}

template <class T>
std::array<double, 2> kkt_residuals(const DataMatrix<T>& v, const Loss& loss, const SharedH<T>& h, MatrixView<T> w,
                                    const ColumnFacts& facts_w, const ColumnFacts& facts_h) {
  const auto panel_loss = make_loss<T>(loss);
  std::optional<Sums<T>> gathered;
  Stationarity of_w, of_h;
  v.comm().meet([&] {
    gathered.emplace(panel_loss->shape(), v.columns(), w.columns());
    PanelScratch<T> scratch = make_scratch(v, *panel_loss, w.columns(), v.partition().panel_height());
    const GatheredSums<T> partial = gathered->partial();
    for (Index p = 0; p < v.panels(); ++p) {
      const PanelRows<T> rows = rows_with_factor(v, v.panel_rows(p).first, v.panel_rows(p).count, w);
      const Statistics<T> s = panel_loss->gather_w(rows, h.fixed(), scratch, nullptr);
      see_rows<T, T>(facts_w, s.shape, s.numerator, s.denominator, rows.w, of_w);
      panel_loss->gather_h(rows, h.fixed(), scratch, partial, nullptr);
      panel_loss->gather_denominator(rows.w, scratch, partial);
    }
    gathered->flush();
  });
  Sums<T>& sums = *gathered;
  sums.sum_over(v.comm());
  see_rows<T, double>(facts_h, panel_loss->shape(), sums.numerator(), sums.denominator(), h.ht(), of_h);
  of_w.projected = v.comm().sum(of_w.projected);
  of_w.numerator = v.comm().sum(of_w.numerator);
  return {of_w.residual(), of_h.residual()};
}

template <class T>
void add_losses(const DataMatrix<T>& v, const Loss& own, const FixedH<T>& h, MatrixView<T> w, Evaluation& result) {
  std::vector<Loss> losses{{2}, {1}, {0}};
  if (std::find(losses.begin(), losses.end(), own) == losses.end()) losses.push_back(own);
  for (const Loss& loss : losses) {
    Evaluation::LossValue value{loss.name(), Cost::unknown, Cost::unknown, ""};
    if (loss.beta <= 0 && v.summary().first_zero) {
      value.why_not = "V has zeros";
    } else {
      const auto panel_loss = make_loss<T>(loss);
      PanelCost share;
      v.comm().meet([&] { share = Sweep<T>(v, *panel_loss, w.columns()).cost(h, w); });
      value.loss = sum_over(v.comm(), share).loss;
      value.reconstruction_error = std::sqrt(2 * value.loss);
    }
    result.losses.push_back(value);
  }
}

}  // namespace

template <class T>
Evaluation evaluate(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, const Loss& loss) {
  const Comm& comm = v.comm();
  const Index k = ht.columns();
  std::optional<SharedH<T>> shared;
  Matrix<T> own_w;
  comm.meet([&] {
    vector_level();  // throws where this rank's processor lacks what MPINMF_SIMD asks for
    shared.emplace(ht.rows(), k);
    SharedH<T>& h = *shared;
    own_w = Matrix<T>::padded(w.rows(), k);
    if (ht.rows() != v.columns() || w.rows() != v.rows_local() || w.columns() != k) {
      throw ShapeMismatch(
          fmt::format("V has {} columns and this rank {} rows of it, but W is {} x {} and H {} x {}", v.columns(),
                      v.rows_local(), w.rows(), w.columns(), k, ht.rows()));
    }
    for (Index i = 0; i < w.rows(); ++i) std::copy_n(w.row(i), k, own_w.row(i));
    to_panel_order<T>(v.column_order(), ht, h.ht());
    h.refresh();
  });
  SharedH<T>& h = *shared;
  ColumnFacts facts_w(k), facts_h(k);
  facts_w.see<T>(w);
  facts_w.sum_over(comm);
  facts_h.see<T>(ht);

  Evaluation result;
  add_losses(v, loss, std::as_const(h).fixed(), own_w.view(), result);
  const double norm = v.summary().sum_squares, square = 2 * result.losses.front().loss;
  result.relative_error = norm > 0 ? std::sqrt(square / norm) : 0;
  result.explained_variance = norm > 0 ? 1 - square / norm : 1;
  result.sparseness_w = facts_w.sparseness(v.rows_global());
  result.sparseness_h = facts_h.sparseness(v.columns());
  if (loss.beta > 0 || !v.summary().first_zero) {
    const auto [kkt_w, kkt_h] = kkt_residuals<T>(v, loss, h, own_w.view(), facts_w, facts_h);
    result.kkt_w = kkt_w;
    result.kkt_h = kkt_h;
  }
  return result;
}

template Evaluation evaluate(const DataMatrix<float>&, ConstMatrixView<float>, ConstMatrixView<float>,
                             const Loss&);
template Evaluation evaluate(const DataMatrix<double>&, ConstMatrixView<double>, ConstMatrixView<double>,
                             const Loss&);

}  // namespace mpinmf
