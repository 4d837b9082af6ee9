#include "mpinmf/nmf.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "init/start.hpp"
#include "init/start_table.hpp"
#include "kernels/blas.hpp"
#include "kernels/panel.hpp"
#include "kernels/simd.hpp"
#include "losses/loss_table.hpp"
#include "machine/threads.hpp"
#include "normalize.hpp"
#include "solver/clock.hpp"
#include "solver/solver.hpp"
#include "solver/transform.hpp"

namespace mpinmf {
namespace {

template <class T>
void require_valid_factor(ConstMatrixView<T> x, const char* name, Index first_row) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) {
      const T value = x(i, c);
      if (value >= 0 && value <= std::numeric_limits<T>::max()) continue;
      throw BadData(
          fmt::format("{} has the entry {:g} in row {}, column {} (counted from 0); a factor needs finite "
                      "entries >= 0",
                      name, static_cast<double>(value), first_row + i, c));
    }
  }
}

void require_shape(const char* name, Index rows, Index columns, Index wanted_rows, Index wanted_columns) {
  if (rows == wanted_rows && columns == wanted_columns) return;
  throw ShapeMismatch(
      fmt::format("{} is {} x {} where {} x {} is needed", name, rows, columns, wanted_rows, wanted_columns));
}

template <class T>
void copy_into(ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) std::copy_n(from.row(i), from.columns(), to.row(i));
}

template <class T>
void transpose_into(ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) {
    for (Index j = 0; j < from.columns(); ++j) to(j, i) = from(i, j);
  }
}

[[noreturn]] void refuse_on_all(const std::string& message) {
  BadData error(message);
  error.set_met();  // every rank knows the same summary, so every rank throws
  throw error;
}

/// Outside [0, 2] powers of V, or of numbers up to twice as large or as small, may leave the range of numbers that
/// squares of it do not leave. What a loss adds up is double whatever T, what a numerator holds is not.
template <class T>
bool powers_are_seen(const DataSummary& v, const PowersOfV& powers) {
  constexpr double most_of_loss = 640;  // in natural logarithms, with room for sums
  const double most_of_weight = std::log(static_cast<double>(largest_quotient<T>));
  const auto is_seen = [&](double entry) {
    const double log = std::fabs(std::log(entry)) + std::log(2.0);
    return std::fabs(powers.in_loss) * log < most_of_loss && std::fabs(powers.in_numerator) * log < most_of_weight;
  };
  const bool knows_least = v.minimum > 0;
  return v.maximum == 0 || (is_seen(v.maximum) && (powers.in_loss > 0 || !knows_least || is_seen(v.minimum)));
}

template <class T>
void require_loss_allows(const DataMatrix<T>& v, const Loss& loss) {
  const DataSummary& all = v.summary();
  const LossFacts facts = facts_of(loss);
  const char* precision = sizeof(T) == 4 ? "single" : "double";
  if (facts.needs_positive_v && all.first_zero) {
    const std::string flushed =
        all.flushed == 0 ? ""
                         : fmt::format(
                               " (or below {:g}, the least normal number of {} precision, as {} of its entries "
                               "are{})",
                               static_cast<double>(std::numeric_limits<T>::min()), precision, all.flushed,
                               sizeof(T) == 4 ? "; --precision double keeps more of them" : "");
    const double mebibytes =
        std::ceil(static_cast<double>(v.rows_global()) * static_cast<double>(v.columns()) * sizeof(T) / (1 << 20));
    const std::string cost =
        v.is_sparse() ? fmt::format(", which makes it dense: {:.0f} MiB over all ranks", mebibytes) : "";
    refuse_on_all(fmt::format(
        "{}: the entry in row {}, column {} (counted from 0) is 0{}, where the {} loss is infinite; fit with "
        "--loss kullback-leibler, or with a small constant added to V (--add 1e-3{})",
        v.name(), all.first_zero->row, all.first_zero->column, flushed, loss.name(), cost));
  }
  if (!facts.powers_of_v || powers_are_seen<T>(all, *facts.powers_of_v)) return;
  refuse_on_all(fmt::format(
      "{}: powers of its entries ({:g} to {:g}), as --loss {} takes them, leave the range of {} precision "
      "numbers; "
      "take a beta closer to 2{}, or rescale V so that its entries are closer to 1",
      v.name(), all.minimum, all.maximum, loss.name(), precision, sizeof(T) == 4 ? ", --precision double" : ""));
}

template <class T>
double start_scale(const DataMatrix<T>& v, Index components) {
  const double entries = static_cast<double>(v.rows_global()) * static_cast<double>(v.columns());
  return std::sqrt(v.summary().sum / entries / static_cast<double>(components));
}

}  // namespace

template <class T>
struct Nmf<T>::Model {
  Options options;
  FitHooks<T> hooks;
  Matrix<T> w;
  std::unique_ptr<SharedH<T>> h;
  std::vector<double> diagonal;
  RunRecord record;
  ResolvedOptions resolved;  // for V of fit
  bool has_h = false;        // from fit or set_components
  bool is_fitted = false;    // from fit

  /// Collective.
  ResolvedOptions resolve_for(const DataMatrix<T>& v) const {
    return resolve(options, v.rows_global(), v.columns(), threads_for(v.comm(), options.threads));
  }

  /// As `chosen` says. Lets `fill` write the first W and H into fresh memory (it may read the old factors), makes
  /// the root's H everyone's, and iterates. `start`: since when the start has been made.
  template <class F>
  void run(const DataMatrix<T>& v, const ResolvedOptions& chosen, F&& fill, const Clock& start = {}) {
    require_loss_allows(v, options.loss);
    v.comm().meet([&] {
      auto first_w = Matrix<T>::padded(v.rows_local(), options.components);
      auto first_h = std::make_unique<SharedH<T>>(v.columns(), options.components, chosen.threads.threads);
      vector_level();  // throws where this rank's processor lacks what MPINMF_SIMD asks for
      if (!hooks.load) fill(first_w.view(), first_h->ht());
      v.take_in(first_h->ht());
      has_h = is_fitted = false;
      resolved = chosen;
      w = std::move(first_w);
      h = std::move(first_h);
      diagonal.clear();
    });
    if (v.comm().is_root()) h->refresh();
    Decision decision;
    h->publish(v.comm(), decision);
    const double start_seconds = start.seconds();
    record = factorize(v, resolved, w.view(), *h, hooks);
    v.comm().meet([&] { v.give_out(h->ht()); });
    record.phases.start = start_seconds;
    has_h = is_fitted = true;
    if (options.normalize != Norm::none) {
      normalize(v.comm(), options.normalize, options.normalize_factor, options.diagonal);
    }
  }

  void normalize(const Comm& comm, Norm norm, Factor factor, bool keep_diagonal) {
    const bool of_w = factor == Factor::w;
    // H is on every rank
    std::vector<double> scales = of_w ? column_norms<T>(comm, std::as_const(w).view(), norm)
                                      : column_norms<T>(Comm::self(), std::as_const(*h).ht(), norm);
    divide_columns(of_w ? w.view() : h->ht(), scales);
    for (std::size_t c = 0; c < diagonal.size(); ++c) scales[c] *= diagonal[c];
    diagonal.clear();
    if (keep_diagonal) {
      diagonal = std::move(scales);
    } else {
      multiply_columns(of_w ? h->ht() : w.view(), scales);
    }
    h->refresh();
  }

  /// H as W is multiplied by: D H, made in `own`, where D stands apart.
  const SharedH<T>& effective_h(std::optional<SharedH<T>>& own) const {
    if (diagonal.empty()) return *h;
    const ConstMatrixView<T> ht = std::as_const(*h).ht();
    own.emplace(ht.rows(), ht.columns());
    copy_into<T>(ht, own->ht());
    multiply_columns(own->ht(), diagonal);
    own->refresh();
    return *own;
  }

  /// From w0, where there is one.
  Matrix<T> transform(const DataMatrix<T>& v, const ConstMatrixView<T>* w0, TransformRecord* total) const {
    fitted("transform");
    Matrix<T> own_w;
    v.comm().meet([&] {
      const Index n = h->ht().rows(), k = options.components;
      if (v.columns() != n) {
        throw ShapeMismatch(fmt::format("{} has {} columns, but H was learnt on {}", v.name(), v.columns(), n));
      }
      own_w = Matrix<T>::padded(v.rows_local(), k);
      if (w0 == nullptr) return;
      require_shape("W0 (this rank's rows)", w0->rows(), w0->columns(), v.rows_local(), k);
      require_valid_factor(*w0, "W0", v.first_row());
      copy_into(*w0, own_w.view());
    });
    require_loss_allows(v, options.loss);
    const ResolvedOptions chosen = resolve_for(v);
    TransformRecord own;
    v.comm().meet([&] {
      vector_level();
      std::optional<SharedH<T>> own_h;
      own = solve(v, chosen, effective_h(own_h), w0 != nullptr, own_w.view());
      require_valid_factor(std::as_const(own_w).view(), "W", v.first_row());
    });
    if (total != nullptr) *total = over_ranks(v.comm(), own, chosen.threads);
    return own_w;
  }
  static TransformRecord solve(const DataMatrix<T>& v, const ResolvedOptions& options, const SharedH<T>& h,
                               bool has_start, MatrixView<T> w) {
    const LossFacts loss = facts_of(options.loss);
    if (!loss.has_least_squares() && !loss.beta) {
      throw UsageError(fmt::format("transform cannot solve for W in the loss {}", options.loss.name()));
    }
    if (!loss.has_least_squares()) return solve_w_by_rows<T>(v, options, h.ht(), has_start, w);
    FixedH<T> fixed = h.fixed();
    Matrix<T> ordered;
    fixed.ht = v.taken_in(fixed.ht, ordered);
    return solve_w_exactly<T>(v, options, fixed, h.gram(), w);
  }
  static TransformRecord over_ranks(const Comm& comm, const TransformRecord& own, const ThreadPlan& threads) {
    TransformRecord all = own;
    all.threads = threads;
    all.iterations = static_cast<Index>(comm.max(static_cast<double>(own.iterations)));
    all.unconverged = comm.sum(own.unconverged);
    if (all.unconverged > 0) all.stop_reason = StopReason::max_iterations;
    return all;
  }

  const Model& fitted(const char* asked) const {
    if (!has_h) throw NotFitted(fmt::format("{} was asked for before fit", asked));
    return *this;
  }
  const RunRecord& fitted_record(const char* asked) const {
    if (!is_fitted) throw NotFitted(fmt::format("{} was asked for before fit", asked));
    return record;
  }
};

template <class T>
Nmf<T>::Nmf(Options options) : model_(std::make_unique<Model>()) {
  options.check();
  use_one_blas_thread();
  model_->options = std::move(options);
}
template <class T>
Nmf<T>::~Nmf() = default;
template <class T>
Nmf<T>::Nmf(Nmf&&) noexcept = default;
template <class T>
Nmf<T>& Nmf<T>::operator=(Nmf&&) noexcept = default;

template <class T>
void Nmf<T>::set_hooks(FitHooks<T> hooks) {
  model_->hooks = std::move(hooks);
}

template <class T>
Nmf<T>& Nmf<T>::fit(const DataMatrix<T>& v) {
  const ResolvedOptions o = model_->resolve_for(v);
  const StartRow<T>& by = row_of<T>(o.start);
  if (by.facts.is_given && !model_->hooks.load) throw UsageError("the start is to be given: call fit(v, w0, h0)");
  if (by.make != nullptr && !model_->hooks.load) {
    const Clock start;
    require_loss_allows(v, o.loss);
    FactorPair<T> first = by.make(v, {o.components, o.seed, o.threads.threads});
    model_->run(
        v, o,
        [&](MatrixView<T> w, MatrixView<T> ht) {
          copy_into(std::as_const(first.w).view(), w);
          copy_into(std::as_const(first.ht).view(), ht);
          first = {};  // its memory is needed
        },
        start);
    return *this;
  }
  model_->run(v, o, [&](MatrixView<T> w, MatrixView<T> ht) {
    const double scale = start_scale(v, o.components);
    fill_w<T>(o.start, o.seed, scale, v.first_row(), w);
    if (v.comm().is_root()) fill_ht<T>(o.start, o.seed, scale, v.rows_global(), ht);
  });
  return *this;
}

template <class T>
Nmf<T>& Nmf<T>::fit(const DataMatrix<T>& v, ConstMatrixView<T> w0, ConstMatrixView<T> h0) {
  const Index k = model_->options.components;
  model_->run(v, model_->resolve_for(v), [&](MatrixView<T> w, MatrixView<T> ht) {
    require_shape("W0 (this rank's rows)", w0.rows(), w0.columns(), v.rows_local(), k);
    require_shape("H0", h0.rows(), h0.columns(), k, v.columns());
    require_valid_factor(w0, "W0", v.first_row());
    require_valid_factor(h0, "H0", 0);
    copy_into(w0, w);
    transpose_into(h0, ht);
  });
  return *this;
}

template <class T>
Matrix<T> Nmf<T>::fit_transform(const DataMatrix<T>& v) {
  fit(v);
  return model_->w.copy();
}

template <class T>
Matrix<T> Nmf<T>::transform(const DataMatrix<T>& v, TransformRecord* record) const {
  return model_->transform(v, nullptr, record);
}

template <class T>
Matrix<T> Nmf<T>::transform(const DataMatrix<T>& v, ConstMatrixView<T> w0, TransformRecord* record) const {
  return model_->transform(v, &w0, record);
}

template <class T>
Matrix<T> Nmf<T>::inverse_transform(ConstMatrixView<T> w) const {
  std::optional<SharedH<T>> own_h;
  const ConstMatrixView<T> h = model_->fitted("H").effective_h(own_h).ht();
  if (w.columns() != h.columns()) {
    throw ShapeMismatch(fmt::format("W has {} columns, but H has {} components", w.columns(), h.columns()));
  }
  Matrix<T> v(w.rows(), h.rows());
  multiply_by_transposed(w, h, v.view());
  return v;
}

template <class T>
void Nmf<T>::normalize(const Comm& comm, Norm norm, Factor factor, bool keep_diagonal) {
  model_->fitted_record("a normalized pair");
  model_->normalize(comm, norm, factor, keep_diagonal);
}
template <class T>
const std::vector<double>& Nmf<T>::diagonal() const {
  return model_->fitted("the diagonal").diagonal;
}

template <class T>
void Nmf<T>::set_components(ConstMatrixView<T> h) {
  const Index k = model_->options.components;
  require_shape("H", h.rows(), h.columns(), k, h.columns());
  require_valid_factor(h, "H", 0);
  model_->has_h = model_->is_fitted = false;
  model_->h = std::make_unique<SharedH<T>>(h.columns(), k);
  model_->diagonal.clear();
  transpose_into(h, model_->h->ht());
  model_->h->refresh();
  model_->has_h = true;
}

template <class T>
Matrix<T> Nmf<T>::components() const {
  const ConstMatrixView<T> tall = ht();
  Matrix<T> h(tall.columns(), tall.rows());
  transpose_into(tall, h.view());
  return h;
}

template <class T>
ConstMatrixView<T> Nmf<T>::ht() const {
  return std::as_const(*model_->fitted("H").h).ht();
}
template <class T>
ConstMatrixView<T> Nmf<T>::w() const {
  model_->fitted_record("W");
  return std::as_const(model_->w).view();
}
template <class T>
const Cost& Nmf<T>::cost() const {
  return model_->fitted_record("the cost").trace.back().cost;
}
template <class T>
double Nmf<T>::reconstruction_error() const {
  return model_->fitted_record("the reconstruction error").trace.back().cost.reconstruction_error;
}
template <class T>
Index Nmf<T>::iterations() const {
  return model_->fitted_record("the number of iterations").iterations;
}
template <class T>
const std::vector<TraceRow>& Nmf<T>::trace() const {
  return model_->fitted_record("the trace").trace;
}
template <class T>
StopReason Nmf<T>::stop_reason() const {
  return model_->fitted_record("the reason to stop").stop_reason;
}
template <class T>
const PhaseSeconds& Nmf<T>::phases() const {
  return model_->fitted_record("the time per phase").phases;
}
template <class T>
double Nmf<T>::kkt_w() const {
  return model_->fitted_record("the KKT residual").kkt_w;
}
template <class T>
double Nmf<T>::kkt_h() const {
  return model_->fitted_record("the KKT residual").kkt_h;
}
template <class T>
Index Nmf<T>::zero_models() const {
  return model_->fitted_record("the count of zeros in W H").zero_models;
}
template <class T>
Index Nmf<T>::dead_components() const {
  return model_->fitted_record("the count of dead components").dead_components;
}
template <class T>
const Communication& Nmf<T>::communication() const {
  return model_->fitted_record("the communication").communication;
}
template <class T>
const ThreadPlan& Nmf<T>::threads() const {
  model_->fitted_record("the number of threads");
  return model_->resolved.threads;
}
template <class T>
const ResolvedOptions& Nmf<T>::resolved_options() const {
  model_->fitted_record("what was chosen");
  return model_->resolved;
}
template <class T>
const Options& Nmf<T>::options() const {
  return model_->options;
}

template class Nmf<float>;
template class Nmf<double>;

}  // namespace mpinmf
