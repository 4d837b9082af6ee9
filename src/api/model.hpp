// What an Nmf holds: its options, and the pair that it has learnt.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "known_components.hpp"
#include "mpinmf/fit_state.hpp"
#include "mpinmf/nmf.hpp"
#include "solver/clock.hpp"
#include "solver/factorize.hpp"

namespace mpinmf {

template <class T>
struct NmfModel {
  /// Writes the first w (this rank's rows) and, on the root, the first ht.
  using Fill = std::function<void(MatrixView<T> w, MatrixView<T> ht)>;

  Options options;
  KnownComponents<T> known_w, known_h;
  FitHooks<T> hooks;
  Matrix<T> w;
  std::unique_ptr<SharedH<T>> h;
  std::vector<double> diagonal;
  RunRecord record;
  ResolvedOptions resolved;  // for V of fit
  bool has_h = false;        // from fit or set_components
  bool is_fitted = false;    // from fit

  /// Collective.
  ResolvedOptions resolve_for(const DataMatrix<T>& v) const;

  /// Fits as `chosen` and `watching` say, from what `fill` writes into fresh memory (it may read the old factors);
  /// the root's H becomes everyone's. `start`: since when the start has been made.
  void run(const DataMatrix<T>& v, const ResolvedOptions& chosen, const Fill& fill, const FitHooks<T>& watching,
           const Clock& start = {});

  /// W and H of V as it was, where it is scaled by weights; what is known of them bit by bit.
  void leave_scales(const DataMatrix<T>& v);

  void normalize(const Comm& comm, Norm norm, Factor factor, bool keep_diagonal);

  /// H as W is multiplied by: D H, made in `own`, where D stands apart, and scaled as v is, where there is such.
  const SharedH<T>& effective_h(std::optional<SharedH<T>>& own, const DataMatrix<T>* v = nullptr) const;

  /// From w0, where there is one.
  Matrix<T> transform(const DataMatrix<T>& v, const ConstMatrixView<T>* w0, TransformRecord* total) const;

  /// Both throw NotFitted.
  const NmfModel& fitted(const char* asked) const;
  const RunRecord& fitted_record(const char* asked) const;
};

}  // namespace mpinmf
