#include "model.hpp"

#include <fmt/core.h>

#include <utility>

#include "checks.hpp"
#include "kernels/rows.hpp"
#include "kernels/simd.hpp"
#include "losses/loss_table.hpp"
#include "machine/threads.hpp"
#include "normalize.hpp"
#include "scaled_pair.hpp"
#include "solver/transform.hpp"
#include "unseen.hpp"

namespace mpinmf {
namespace {

template <class T>
TransformRecord solve_for_w(const DataMatrix<T>& v, const ResolvedOptions& options, const SharedH<T>& h,
                            bool has_start, MatrixView<T> w) {
  const LossFacts loss = facts_of(options.loss);
  if (!loss.has_least_squares() && !loss.beta) {
    throw UsageError(fmt::format("transform cannot solve for W in the loss {}", options.loss.name()));
  }
  if (!loss.is_solved_by_least_squares()) return solve_w_by_rows<T>(v, options, h.ht(), has_start, w);
  FixedH<T> fixed = h.fixed();
  Matrix<T> ordered;
  fixed.ht = v.taken_in(fixed.ht, ordered);
  return solve_w_exactly<T>(v, options, fixed, h.gram(), w);
}

TransformRecord total_over_ranks(const Comm& comm, const TransformRecord& own, const ThreadPlan& threads) {
  TransformRecord all = own;
  all.threads = threads;
  all.iterations = static_cast<Index>(comm.max(static_cast<double>(own.iterations)));
  all.unconverged = comm.sum(own.unconverged);
  if (all.unconverged > 0) all.stop_reason = StopReason::max_iterations;
  return all;
}

}  // namespace

template <class T>
ResolvedOptions NmfModel<T>::resolve_for(const DataMatrix<T>& v) const {
  ResolvedOptions chosen = resolve(options, v.rows_global(), v.columns(), threads_for(v.comm(), options.threads));
  chosen.fixed_w = known_w.components;
  chosen.fixed_h = known_h.components;
  if (chosen.merge > 0 && !(known_w.components.empty() && known_h.components.empty())) {
    throw UsageError("components that are known cannot be merged: leave merge, or fix_w and fix_h, out");
  }
  const bool both = (chosen.sum_to_one == SumToOne::w && !known_w.components.empty()) ||
                    (chosen.sum_to_one == SumToOne::h && !known_h.components.empty());
  if (both) {
    throw UsageError(
        fmt::format("components of {} cannot be fixed where they sum up to 1", name_of(chosen.sum_to_one)));
  }
  return chosen;
}

template <class T>
void NmfModel<T>::run(const DataMatrix<T>& v, const ResolvedOptions& chosen, const Fill& fill,
                      const FitHooks<T>& watching, const Clock& start) {
  require_scales_suit(v, chosen);
  require_loss_allows(v, options.loss);
  const Unseen unseen = unseen_parts(v);
  v.comm().meet([&] {
    auto first_w = Matrix<T>::padded(v.rows_local(), options.components);
    auto first_h = std::make_unique<SharedH<T>>(v.columns(), options.components, chosen.threads.threads);
    vector_level();  // throws where this rank's processor lacks what MPINMF_SIMD asks for
    require_known_fits<T>(known_w, "W (this rank's rows)", first_w.view());
    require_known_fits<T>(known_h, "H", first_h->ht());
    if (!watching.load) {
      fill(first_w.view(), first_h->ht());
      clear_rows(unseen.rows, first_w.view());
      clear_rows(unseen.columns, first_h->ht());
      put_known<T>(known_w, first_w.view());
      put_known<T>(known_h, first_h->ht());
      scale_in(v, first_w.view(), first_h->ht());
    }
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
  record = factorize(v, resolved, w.view(), *h, watching);
  v.comm().meet([&] {
    v.give_out(h->ht());
    leave_scales(v);
  });
  record.phases.start = start_seconds;
  has_h = is_fitted = true;
  if (options.normalize != Norm::none) {
    normalize(v.comm(), options.normalize, options.normalize_factor, options.diagonal);
  }
}

template <class T>
void NmfModel<T>::leave_scales(const DataMatrix<T>& v) {
  if (v.scales() == nullptr) return;
  scale_out(v, w.view(), h->ht());
  put_known<T>(known_w, w.view());
  put_known<T>(known_h, h->ht());
  h->refresh();
}

template <class T>
void NmfModel<T>::normalize(const Comm& comm, Norm norm, Factor factor, bool keep_diagonal) {
  const bool of_w = factor == Factor::w;
  // H is on every rank
  std::vector<double> scales = of_w ? column_norms<T>(comm, std::as_const(w).view(), norm)
                                    : column_norms<T>(Comm::self(), std::as_const(*h).ht(), norm);
  for (const auto* known : {&known_w, &known_h}) {
    for (const Index c : known->components) scales[static_cast<std::size_t>(c)] = 1;
  }
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

template <class T>
const SharedH<T>& NmfModel<T>::effective_h(std::optional<SharedH<T>>& own, const DataMatrix<T>* v) const {
  const bool is_scaled = v != nullptr && v->scales() != nullptr;
  if (diagonal.empty() && !is_scaled) return *h;
  const ConstMatrixView<T> ht = std::as_const(*h).ht();
  own.emplace(ht.rows(), ht.columns());
  copy_rows<T>(ht, own->ht());
  if (!diagonal.empty()) multiply_columns(own->ht(), diagonal);
  if (is_scaled) scale_in(*v, {}, own->ht());
  own->refresh();
  return *own;
}

template <class T>
Matrix<T> NmfModel<T>::transform(const DataMatrix<T>& v, const ConstMatrixView<T>* w0,
                                 TransformRecord* total) const {
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
    copy_rows<T>(*w0, own_w.view());
  });
  require_loss_allows(v, options.loss);
  v.comm().meet([&] {
    if (!v.summary().has_weights) return;
    throw UsageError(fmt::format("{}: its entries have weights, which transform does not know of", v.name()));
  });
  ResolvedOptions chosen = resolve_for(v);
  // H is what it is, whatever it was held to
  const bool scales_h = v.scales() != nullptr && !v.scales()->of_columns.empty();
  scales_h ? require_scales_suit(v, options.loss) : require_scales_suit(v, chosen);
  chosen.fixed_w.clear();  // these were of other rows
  TransformRecord own;
  v.comm().meet([&] {
    vector_level();
    std::optional<SharedH<T>> own_h;
    scale_in(v, own_w.view(), {});
    own = solve_for_w(v, chosen, effective_h(own_h, &v), w0 != nullptr, own_w.view());
    scale_out(v, own_w.view(), {});
    require_valid_factor(std::as_const(own_w).view(), "W", v.first_row());
  });
  if (total != nullptr) *total = total_over_ranks(v.comm(), own, chosen.threads);
  return own_w;
}

template <class T>
const NmfModel<T>& NmfModel<T>::fitted(const char* asked) const {
  if (!has_h) throw NotFitted(fmt::format("{} was asked for before fit", asked));
  return *this;
}

template <class T>
const RunRecord& NmfModel<T>::fitted_record(const char* asked) const {
  if (!is_fitted) throw NotFitted(fmt::format("{} was asked for before fit", asked));
  return record;
}

template struct NmfModel<float>;
template struct NmfModel<double>;

}  // namespace mpinmf
