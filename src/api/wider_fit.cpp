#include "wider_fit.hpp"

#include <cmath>
#include <span>
#include <utility>

#include "init/merge.hpp"
#include "kernels/gram.hpp"

namespace mpinmf {
namespace {

/// X' X. @pre x is padded
template <class T>
Matrix<double> gram_of(ConstMatrixView<T> x) {
  Matrix<double> gram(x.columns(), x.columns());
  std::vector<double> scratch(static_cast<std::size_t>(gram_scratch<T>(x.columns())));
  add_gram(x, gram.view(), scratch);
  return gram;
}

/// The root decides, so that all do the same. Collective.
template <class T>
Merging merging_of(const Comm& comm, const Nmf<T>& wider, Index components) {
  const auto all = static_cast<std::size_t>(wider.options().components);
  Matrix<double> gram_w;
  Merging merging;
  comm.meet([&] {
    gram_w = gram_of<T>(wider.w());
    merging = {components, std::vector<Index>(all), std::vector<double>(all), std::vector<double>(all)};
  });
  comm.sum(std::span(gram_w.data(), all * all));
  comm.meet_on_root([&] {
    Matrix<double> gram_h = gram_of<T>(wider.ht());
    merging = merge_components(gram_w.view(), gram_h.view(), components);
  });
  comm.broadcast(std::span(merging.into));
  comm.broadcast(std::span(merging.of_w));
  comm.broadcast(std::span(merging.of_h));
  return merging;
}

/// What a saved state holds of the fit that came first, behind the numbers of the solver.
std::vector<double> numbers_of(const WiderFit& wider) {
  return {static_cast<double>(wider.iterations), wider.seconds, wider.loss,
          static_cast<double>(wider.stop_reason)};
}
void take_back(std::vector<double>& numbers, WiderFit& wider) {
  const std::size_t first = numbers.size() - numbers_of(wider).size();
  wider.iterations = static_cast<Index>(numbers[first]);
  wider.seconds = numbers[first + 1];
  wider.loss = numbers[first + 2];
  wider.stop_reason = static_cast<StopReason>(numbers[first + 3]);
  numbers.resize(first);
}

/// `is_stop_left`: whether a request to stop came, which the fit that follows is told of. `seconds_before`: of the
/// run that this one continues. Both, and `asked`, must outlive the hooks.
template <class T>
FitHooks<T> hooks_of_wider(const FitHooks<T>& asked, bool& is_stop_left, double& seconds_before) {
  FitHooks<T> hooks = asked;
  if (asked.on_iteration) {
    hooks.on_iteration = [&asked](Progress progress) {
      progress.is_wider = true;
      asked.on_iteration(progress);
    };
  }
  if (asked.requests) {
    hooks.requests = [&asked, &is_stop_left] {
      const Requests requests = asked.requests();
      is_stop_left = is_stop_left || requests.stop;
      return requests;
    };
  }
  if (asked.load) {
    hooks.load = [&asked, &seconds_before](FitState<T>& state) {
      asked.load(state);
      seconds_before = state.seconds;
    };
  }
  return hooks;
}

/// Of the fit that follows. All three must outlive the hooks.
template <class T>
FitHooks<T> hooks_after(const FitHooks<T>& asked, WiderFit& wider, bool& is_stop_left) {
  FitHooks<T> hooks = asked;
  if (asked.on_iteration) {
    hooks.on_iteration = [&asked, &wider](Progress progress) {
      progress.seconds -= wider.seconds;  // speed is that of these iterations
      asked.on_iteration(progress);
    };
  }
  if (asked.requests) {
    hooks.requests = [&asked, &is_stop_left] {
      Requests requests = asked.requests();
      requests.stop = std::exchange(is_stop_left, false) || requests.stop;
      return requests;
    };
  }
  if (asked.save) {
    hooks.save = [&asked, &wider](FitState<T>& state) {
      const std::vector<double> more = numbers_of(wider);
      state.numbers.insert(state.numbers.end(), more.begin(), more.end());
      asked.save(state);
    };
  }
  if (asked.load) {
    hooks.load = [&asked, &wider](FitState<T>& state) {
      asked.load(state);
      take_back(state.numbers, wider);
    };
  }
  return hooks;
}

/// Iterations that are left when the wider fit was told to end: none, so that a state of it is the last one.
template <class T>
void end_with_merged_pair(const WiderFit& wider, ResolvedOptions& chosen, FitHooks<T>& hooks) {
  chosen.max_iterations = 0;
  hooks = {};
  if (wider.stop_reason == StopReason::request) hooks.requests = [] { return Requests{true, false}; };
}

template <class T>
void go_on_after_merging(NmfModel<T>& model, const DataMatrix<T>& v, const ResolvedOptions& chosen) {
  WiderFit wider{chosen.components + chosen.merge};
  bool is_stop_left = false;
  model.run(v, chosen, {}, hooks_after(model.hooks, wider, is_stop_left));
  model.record.wider_fit = wider;
}

}  // namespace

Options wider_options(const Options& options, const ResolvedOptions& chosen) {
  Options wider = options;
  wider.components += options.merge;
  wider.merge = 0;
  wider.tolerance = std::sqrt(chosen.tolerance);
  wider.final_w = false;
  wider.normalize = Norm::none;
  wider.diagonal = false;
  return wider;
}

template <class T>
void fit_by_merging(NmfModel<T>& model, const DataMatrix<T>& v, const ResolvedOptions& chosen) {
  const FitHooks<T>& asked = model.hooks;
  if (asked.load && asked.components_of_state == chosen.components) return go_on_after_merging(model, v, chosen);
  const Clock start;
  bool is_stop_left = false;
  double seconds_before = 0;
  auto fit = std::make_unique<Nmf<T>>(wider_options(model.options, chosen));
  fit->set_hooks(hooks_of_wider(asked, is_stop_left, seconds_before));
  fit->fit(v);
  const Merging merging = merging_of(v.comm(), *fit, chosen.components);
  WiderFit wider{fit->options().components, fit->iterations(), 0, fit->cost().loss, fit->stop_reason()};
  wider.seconds = seconds_before + v.comm().max(start.seconds());
  const bool is_told_to_end =
      wider.stop_reason == StopReason::request || wider.stop_reason == StopReason::max_seconds;
  ResolvedOptions then = chosen;
  FitHooks<T> hooks = hooks_after(asked, wider, is_stop_left);
  hooks.load = nullptr;
  if (!asked.seconds_used) hooks.seconds_used = [&start] { return start.seconds(); };
  if (is_told_to_end) end_with_merged_pair(wider, then, hooks);
  hooks.seconds_before = wider.seconds;
  const auto fill = [&](MatrixView<T> w, MatrixView<T> ht) {
    merge_columns<T>(fit->w(), merging, merging.of_w, w);
    if (v.comm().is_root()) merge_columns<T>(fit->ht(), merging, merging.of_h, ht);
    fit.reset();  // its memory is needed
  };
  model.run(v, then, fill, hooks, start);
  model.record.wider_fit = wider;
  if (is_told_to_end) model.record.stop_reason = wider.stop_reason;
  model.resolved.max_iterations = chosen.max_iterations;
}

template void fit_by_merging(NmfModel<float>&, const DataMatrix<float>&, const ResolvedOptions&);
template void fit_by_merging(NmfModel<double>&, const DataMatrix<double>&, const ResolvedOptions&);

}  // namespace mpinmf
