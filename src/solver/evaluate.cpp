#include "evaluate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "data/column_order.hpp"
#include "kernels/simd.hpp"
#include "mpinmf/trace.hpp"
#include "shared_h.hpp"
#include "stationarity.hpp"
#include "sweep.hpp"

namespace mpinmf {
namespace {

/// Sums of |x| and x^2 of each column.
struct ColumnFacts {
  explicit ColumnFacts(Index columns) : sums(static_cast<std::size_t>(columns)), squares(sums.size()) {}
  template <class T>
  void see(ConstMatrixView<T> x) {
    for (Index i = 0; i < x.rows(); ++i) {
      for (std::size_t c = 0; c < sums.size(); ++c) {
        const auto value = static_cast<double>(x.row(i)[c]);
        sums[c] += value;
        squares[c] += value * value;
      }
    }
  }
  void sum_over(const Comm& comm) {
    comm.sum(sums);
    comm.sum(squares);
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
  std::vector<double> sums, squares;
};

template <class T>
PairStationarity stationarity_of(const DataMatrix<T>& v, const Loss& loss, const SharedH<T>& h, MatrixView<T> w) {
  const auto panel_loss = make_loss<T>(loss);
  std::optional<Sweep<T>> sweep;
  std::optional<Sums<T>> sums;
  v.comm().meet([&] {
    sweep.emplace(v, *panel_loss, w.columns());
    sums.emplace(sweep->make_sums());
  });
  return stationarity<T>({v, *panel_loss, {}, {}, *sweep, *sums}, h, w);
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
    const PairStationarity pair = stationarity_of<T>(v, loss, h, own_w.view());
    result.kkt_w = pair.w.residual();
    result.kkt_h = pair.h.residual();
  }
  return result;
}

template Evaluation evaluate(const DataMatrix<float>&, ConstMatrixView<float>, ConstMatrixView<float>,
                             const Loss&);
template Evaluation evaluate(const DataMatrix<double>&, ConstMatrixView<double>, ConstMatrixView<double>,
                             const Loss&);

}  // namespace mpinmf
