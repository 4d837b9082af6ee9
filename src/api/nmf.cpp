#include "mpinmf/nmf.hpp"

#include <fmt/core.h>

#include <cmath>
#include <optional>
#include <utility>

#include "checks.hpp"
#include "init/start.hpp"
#include "init/start_table.hpp"
#include "kernels/blas.hpp"
#include "kernels/rows.hpp"
#include "known_components.hpp"
#include "losses/loss_table.hpp"
#include "model.hpp"
#include "scaled_pair.hpp"
#include "solver/clock.hpp"
#include "wider_fit.hpp"

namespace mpinmf {
namespace {

/// What a sum over V has added up: entries that the loss looks at, as it weighs them, or as V is scaled.
template <class T>
double known_entries(const DataMatrix<T>& v, const Loss& loss) {
  if (v.scales() != nullptr) return v.scales()->known;
  if (facts_of(loss).is_observed) return v.summary().weight;
  return static_cast<double>(v.rows_global()) * static_cast<double>(v.columns()) -
         static_cast<double>(v.summary().unknown);
}

/// sqrt(mean(V) / k), the mean being that of what the loss looks at, as it weighs that.
template <class T>
double start_scale(const DataMatrix<T>& v, const Loss& loss, Index components) {
  const double known = known_entries(v, loss);
  return std::sqrt(v.summary().sum / known / static_cast<double>(components));
}

}  // namespace

template <class T>
struct Nmf<T>::Model : NmfModel<T> {};

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
Nmf<T>& Nmf<T>::fix_h(const std::vector<Index>& components, ConstMatrixView<T> h) {
  Matrix<T> ht(h.columns(), h.rows());
  transpose_rows<T>(h, ht.view());
  model_->known_h = known_components<T>(components, ht.view(), "what is known of H");
  return *this;
}
template <class T>
Nmf<T>& Nmf<T>::fix_w(const std::vector<Index>& components, ConstMatrixView<T> w) {
  model_->known_w = known_components<T>(components, w, "what is known of W");
  return *this;
}

template <class T>
Nmf<T>& Nmf<T>::fit(const DataMatrix<T>& v) {
  const ResolvedOptions o = model_->resolve_for(v);
  if (o.merge > 0) {
    fit_by_merging(*model_, v, o);
    return *this;
  }
  const StartRow<T>& by = row_of<T>(o.start);
  if (by.facts.is_given && !model_->hooks.load) throw UsageError("the start must be given: call fit(v, w0, h0)");
  if (by.make != nullptr && !model_->hooks.load) {
    const Clock start;
    require_scales_suit(v, o);
    require_loss_allows(v, o.loss);
    FactorPair<T> first = by.make(v, {o.components, o.seed, o.threads.threads});
    model_->run(
        v, o,
        [&](MatrixView<T> w, MatrixView<T> ht) {
          copy_rows<T>(std::as_const(first.w).view(), w);
          copy_rows<T>(std::as_const(first.ht).view(), ht);
          first = {};           // its memory is needed
          scale_out(v, w, ht);  // run scales any start
        },
        model_->hooks, start);
    return *this;
  }
  const auto fill = [&](MatrixView<T> w, MatrixView<T> ht) {
    const double scale = start_scale(v, o.loss, o.components);
    fill_w<T>(o.start, o.seed, scale, v.first_row(), w);
    if (v.comm().is_root()) fill_ht<T>(o.start, o.seed, scale, v.rows_global(), ht);
  };
  model_->run(v, o, fill, model_->hooks);
  return *this;
}

template <class T>
Nmf<T>& Nmf<T>::fit(const DataMatrix<T>& v, ConstMatrixView<T> w0, ConstMatrixView<T> h0) {
  const Index k = model_->options.components;
  if (model_->options.merge > 0) throw UsageError("a given start cannot be made by merging: leave merge out");
  const auto fill = [&](MatrixView<T> w, MatrixView<T> ht) {
    require_shape("W0 (this rank's rows)", w0.rows(), w0.columns(), v.rows_local(), k);
    require_shape("H0", h0.rows(), h0.columns(), k, v.columns());
    require_valid_factor(w0, "W0", v.first_row());
    require_valid_factor(h0, "H0", 0);
    copy_rows<T>(w0, w);
    transpose_rows<T>(h0, ht);
  };
  model_->run(v, model_->resolve_for(v), fill, model_->hooks);
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
  transpose_rows<T>(h, model_->h->ht());
  model_->h->refresh();
  model_->has_h = true;
}

template <class T>
Matrix<T> Nmf<T>::components() const {
  const ConstMatrixView<T> tall = ht();
  Matrix<T> h(tall.columns(), tall.rows());
  transpose_rows<T>(tall, h.view());
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
double Nmf<T>::predicted_gain() const {
  return model_->fitted_record("the predicted gain").predicted_gain;
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
const std::optional<WiderFit>& Nmf<T>::wider_fit() const {
  return model_->fitted_record("the wider fit").wider_fit;
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
