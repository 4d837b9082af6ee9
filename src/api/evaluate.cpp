#include "evaluate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "checks.hpp"
#include "kernels/blas.hpp"
#include "kernels/simd.hpp"
#include "mpinmf/trace.hpp"
#include "scaled_pair.hpp"
#include "solver/shared_h.hpp"
#include "solver/stationarity.hpp"
#include "solver/sweep.hpp"

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

/// The pair in the form that walks over V need.
template <class T>
struct EvaluatedPair {
  std::optional<SharedH<T>> h;
  Matrix<T> w;

  /// Collective. Throws ShapeMismatch.
  EvaluatedPair(const DataMatrix<T>& v, ConstMatrixView<T> own_w, ConstMatrixView<T> ht, int threads) {
    use_one_blas_thread();
    v.comm().meet([&] {
      vector_level();  // throws where this rank's processor lacks what MPINMF_SIMD asks for
      const Index k = ht.columns();
      if (ht.rows() != v.columns() || own_w.rows() != v.rows_local() || own_w.columns() != k) {
        throw ShapeMismatch(
            fmt::format("V has {} columns and this rank {} rows of it, but W is {} x {} and H {} x {}",
                        v.columns(), v.rows_local(), own_w.rows(), own_w.columns(), k, ht.rows()));
      }
      h.emplace(ht.rows(), k, threads);
      w = Matrix<T>::padded(own_w.rows(), k);
      for (Index i = 0; i < w.rows(); ++i) std::copy_n(own_w.row(i), k, w.row(i));
      for (Index j = 0; j < ht.rows(); ++j) std::copy_n(ht.row(j), k, h->ht().row(j));
      scale_in(v, w.view(), h->ht());
      v.take_in(h->ht());
      h->refresh();
    });
  }
};

template <class T>
double loss_of(const DataMatrix<T>& v, const Loss& loss, EvaluatedPair<T>& pair, int threads) {
  const auto panel_loss = make_loss<T>(loss);
  std::optional<Sweep<T>> sweep;
  v.comm().meet([&] { sweep.emplace(v, *panel_loss, pair.w.columns(), threads); });
  return total_cost<T>(*sweep, pair.h->fixed(), pair.w.view()).loss;
}

template <class T>
PairReview review_of(const DataMatrix<T>& v, const Loss& loss, EvaluatedPair<T>& pair, int threads) {
  const auto panel_loss = make_loss<T>(loss);
  std::optional<Sweep<T>> sweep;
  std::optional<Sums<T>> sums;
  v.comm().meet([&] {
    sweep.emplace(v, *panel_loss, pair.w.columns(), threads);
    sums.emplace(sweep->make_sums());
  });
  return review<T>({{}, {}, *sweep, *sums}, *pair.h, pair.w.view(), true);
}

double relative_error(double square, double norm) {
  return norm > 0 ? std::sqrt(square / norm) : 0;
}

/// Every rank knows the same value, so every rank throws.
[[noreturn]] void refuse_own_loss(const std::string& matrix, const std::string& loss) {
  BadData error(
      fmt::format("{}: the {} loss, for which the model was made, is not a finite number: entries of V or of "
                  "W H leave the range of numbers; rescale V and fit it anew",
                  matrix, loss));
  error.set_met();
  throw error;
}

template <class T>
void add_losses_and_kkt(const DataMatrix<T>& v, const Loss& own, EvaluatedPair<T>& pair, int threads,
                        Evaluation& result) {
  std::vector<Loss> losses{{2}, {1}, {0}};
  for (Loss& loss : losses) loss.missing = own.missing;
  if (std::find(losses.begin(), losses.end(), own) == losses.end()) losses.push_back(own);
  for (const Loss& loss : losses) {
    Evaluation::LossValue value{loss.name(), Cost::unknown, Cost::unknown, ""};
    if (v.scales() != nullptr && loss != own) {
      value.why_not = "V is scaled for weights in the loss " + own.name();
    } else if (is_finite_for(v, loss)) {
      if (loss == own) {
        const PairReview found = review_of(v, loss, pair, threads);
        value.loss = found.cost.loss;
        result.kkt_w = found.stationarity.w.residual();
        result.kkt_h = found.stationarity.h.residual();
      } else {
        value.loss = loss_of(v, loss, pair, threads);
      }
      value.reconstruction_error = std::sqrt(2 * value.loss);
      if (!std::isfinite(value.loss)) {
        if (loss == own) refuse_own_loss(v.name(), value.name);
        value.why_not = "not a finite number";
      }
    } else {
      value.why_not = "V has zeros";
    }
    result.losses.push_back(value);
  }
}

}  // namespace

template <class T>
Evaluation evaluate(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, const Loss& loss,
                    int threads) {
  require_scales_suit(v, loss);
  require_unknown_allowed(v, loss);
  const Comm& comm = v.comm();
  const Index k = ht.columns();
  EvaluatedPair<T> pair(v, w, ht, threads);
  ColumnFacts facts_w(k), facts_h(k);
  facts_w.see<T>(w);
  facts_w.sum_over(comm);
  facts_h.see<T>(ht);

  Evaluation result;
  add_losses_and_kkt(v, loss, pair, threads, result);
  const double norm = v.summary().sum_squares, square = 2 * result.losses.front().loss;
  result.relative_error = relative_error(square, norm);
  result.explained_variance = norm > 0 ? 1 - square / norm : 1;
  result.sparseness_w = facts_w.sparseness(v.rows_global());
  result.sparseness_h = facts_h.sparseness(v.columns());
  return result;
}

template <class T>
Cost cost_of(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, const Loss& loss, int threads) {
  require_scales_suit(v, loss);
  require_unknown_allowed(v, loss);
  Cost cost;
  if (!is_finite_for(v, loss)) return cost;
  EvaluatedPair<T> pair(v, w, ht, threads);
  cost.loss = loss_of(v, loss, pair, threads);
  cost.reconstruction_error = std::sqrt(2 * cost.loss);
  if (facts_of(loss).is_half_square_norm)
    cost.relative_error = relative_error(2 * cost.loss, v.summary().sum_squares);
  return cost;
}

template <class T>
EntryErrors errors_at(const DataMatrix<T>& held_out, ConstMatrixView<T> w, ConstMatrixView<T> ht, double guess) {
  const auto is_zero = [&](const T* row) {
    return std::all_of(row, row + w.columns(), [](T x) { return x == 0; });
  };
  std::vector<bool> is_unseen;
  for (Index j = 0; j < ht.rows(); ++j) is_unseen.push_back(is_zero(ht.row(j)));
  std::array<Index, 2> counts{};  // that count, and others
  std::array<double, 3> sums{};   // squares, sizes, squares beside the guess
  std::vector<std::pair<Index, double>> entries;
  for (Index i = 0; i < held_out.rows_local(); ++i) {
    held_out.read_row(held_out.rows(i, 1), 0, entries);
    const bool has_model = !is_zero(w.row(i));
    for (const auto& [j, value] : entries) {
      if (value != value) continue;
      const bool is_seen = has_model && !is_unseen[static_cast<std::size_t>(j)];
      ++counts[is_seen ? 0 : 1];
      if (!is_seen) continue;
      double error = value;
      for (Index c = 0; c < w.columns(); ++c)
        error -= static_cast<double>(w(i, c)) * static_cast<double>(ht(j, c));
      sums[0] += error * error;
      sums[1] += std::abs(error);
      sums[2] += (value - guess) * (value - guess);
    }
  }
  held_out.comm().sum(counts);
  held_out.comm().sum(sums);
  const auto count = static_cast<double>(std::max<Index>(counts[0], 1));
  return {counts[0], counts[1], std::sqrt(sums[0] / count), sums[1] / count, std::sqrt(sums[2] / count)};
}
template EntryErrors errors_at(const DataMatrix<float>&, ConstMatrixView<float>, ConstMatrixView<float>, double);
template EntryErrors errors_at(const DataMatrix<double>&, ConstMatrixView<double>, ConstMatrixView<double>,
                               double);

namespace {

/// d_beta(v | x), with the factor that makes it (v - x)^2 / 2 for beta = 2 (Fevotte and Idier 2011, equation 2).
double divergence(double v, double x, double beta) {
  if (beta == 2) return (v - x) * (v - x) / 2;
  if (beta == 1) return v > 0 ? v * std::log(v / x) - v + x : x;
  if (beta == 0) return v / x - std::log(v / x) - 1;
  const double of_v = v > 0 || beta > 0 ? std::pow(v, beta) : std::numeric_limits<double>::infinity();
  return (of_v + (beta - 1) * std::pow(x, beta) - beta * v * std::pow(x, beta - 1)) / (beta * (beta - 1));
}

}  // namespace

template <class T>
double mean_divergence_at(const DataMatrix<T>& held_out, ConstMatrixView<T> w, ConstMatrixView<T> ht, double beta,
                          double least) {
  std::array<double, 2> sums{};  // of divergences, and of weights
  std::vector<std::pair<Index, double>> entries;
  const EntryScales scales(held_out);
  for (Index i = 0; i < held_out.rows_local(); ++i) {
    held_out.read_row(held_out.rows(i, 1), 0, entries);
    const T* const row = w.row(i);
    for (const auto& [j, value] : entries) {
      double model = 0;
      for (Index c = 0; c < w.columns(); ++c) model += static_cast<double>(row[c]) * static_cast<double>(ht(j, c));
      // weight d(v | x) = d(s v | s x) with s = weight^(1 / beta), and the held-out entries are s v
      const double scale = scales.of_row(i) * scales.of_column(j);
      if (scale == 0) continue;
      sums[0] += divergence(value, scale * (beta == 2 ? model : std::max(model, least)), beta);
      sums[1] += scale == 1 ? 1 : std::pow(scale, beta);
    }
  }
  held_out.comm().sum(sums);
  return sums[0] / sums[1];
}
template double mean_divergence_at(const DataMatrix<float>&, ConstMatrixView<float>, ConstMatrixView<float>,
                                   double, double);
template double mean_divergence_at(const DataMatrix<double>&, ConstMatrixView<double>, ConstMatrixView<double>,
                                   double, double);

template Evaluation evaluate(const DataMatrix<float>&, ConstMatrixView<float>, ConstMatrixView<float>, const Loss&,
                             int);
template Evaluation evaluate(const DataMatrix<double>&, ConstMatrixView<double>, ConstMatrixView<double>,
                             const Loss&, int);
template Cost cost_of(const DataMatrix<float>&, ConstMatrixView<float>, ConstMatrixView<float>, const Loss&, int);
template Cost cost_of(const DataMatrix<double>&, ConstMatrixView<double>, ConstMatrixView<double>, const Loss&,
                      int);

}  // namespace mpinmf
