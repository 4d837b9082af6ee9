// The front door, in scikit-learn's words.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/fit_state.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/resolved_options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

/// Non-negative matrix factorization V ~ W H. V is m x n with its rows spread over ranks, W (m x k) is spread
/// likewise, H (k x n) is the same on every rank. Nothing here prints or exits; errors are thrown, on every
/// rank alike. Calls that take a DataMatrix are collective over its communicator; V is needed until they return,
/// not afterwards. Any of them throws SystemError where a rank's memory does not suffice or a call of MPI fails.
template <class T = double>
class Nmf {
 public:
  /// Throws UsageError when an option is wrong. Sets the BLAS of this process to one thread: ranks own the cores.
  explicit Nmf(Options options);
  ~Nmf();
  Nmf(Nmf&&) noexcept;
  Nmf& operator=(Nmf&&) noexcept;

  /// What fit calls from now on: after each iteration, for requests from outside, and to save its state or to go
  /// on from one that was saved (then no start is made, nor is a given one used).
  void set_hooks(FitHooks<T> hooks);

  /// What is known of H, or of W, from the next fit on: these components (from 0, in any order, none twice) have
  /// these rows of H (c x n, the same on every rank), or columns of W (this rank's rows, rows_local x c), bit by
  /// bit, from the start of the fit to its end, and the others are learned. No components: nothing is known, as at
  /// first. A component of which one factor is known is not normalized, and never begins anew. KKT residuals are
  /// those of what is learned. Throws UsageError, ShapeMismatch, BadData (negative or non-finite entries); fit
  /// throws likewise where V or k does not fit.
  Nmf& fix_h(const std::vector<Index>& components, ConstMatrixView<T> h);
  Nmf& fix_w(const std::vector<Index>& components, ConstMatrixView<T> w);

  /// Learns W and H. Throws BadData (Itakura-Saito and other beta <= 0 with zeros in V; factors, or the singular
  /// values that a start is made from, that overflow), UsageError (Start::given, because this call takes no W
  /// and H; known components with Options::merge), SystemError (a start from an SVD that exceeds the sizes of
  /// ScaLAPACK), and what the hooks throw. An error leaves the model as it was, or unfitted.
  Nmf& fit(const DataMatrix<T>& v);
  /// The same from a given start: w0 is rows_local x k, h0 is k x n and the same on every rank.
  /// Options::start is ignored. Both are copied. Throws UsageError with Options::merge, ShapeMismatch, BadData
  /// (negative or non-finite entries, too), otherwise as above.
  Nmf& fit(const DataMatrix<T>& v, ConstMatrixView<T> w0, ConstMatrixView<T> h0);
  /// fit, then this rank's rows of W (rows_local x k).
  Matrix<T> fit_transform(const DataMatrix<T>& v);

  /// W for new rows with H fixed: rows_local x k. For Frobenius it is exact. For other losses each row goes by
  /// Newton steps to its optimum (for beta outside [1, 2], where there may be several, to a stationary point):
  /// until a step moves it by less than the tolerance of Options, as a share of itself. A row of W depends on that
  /// row of V and H alone; start, seed, max_iterations and max_seconds are ignored. Throws NotFitted,
  /// ShapeMismatch when v has another number of columns than H.
  Matrix<T> transform(const DataMatrix<T>& v, TransformRecord* record = nullptr) const;
  /// The same from a given w0 (rows_local x k), which matters where there may be several stationary points.
  Matrix<T> transform(const DataMatrix<T>& v, ConstMatrixView<T> w0, TransformRecord* record = nullptr) const;
  /// w (rows x k) times H: rows x n. Throws NotFitted, ShapeMismatch.
  Matrix<T> inverse_transform(ConstMatrixView<T> w) const;

  /// Divides the columns of W (or the rows of H) by their norms, over all ranks, and gives the other factor what
  /// was divided by; or keeps that apart as `diagonal()`, if `keep_diagonal`, and then W D H is the model. The
  /// model's product stays the same to rounding. A component whose norm is 0 stays as it is, with the scale 1.
  /// fit does this by itself where Options say so. Collective over `comm`, the communicator of fit. Throws
  /// NotFitted.
  void normalize(const Comm& comm, Norm norm, Factor factor = Factor::w, bool keep_diagonal = false);
  /// D, k numbers; empty unless kept apart. transform and inverse_transform multiply by it. Throws NotFitted.
  const std::vector<double>& diagonal() const;

  /// Takes H (k x n) as if it had been fitted, for transform. Throws BadData, ShapeMismatch.
  void set_components(ConstMatrixView<T> h);

  /// All of these throw NotFitted before fit. Views and references are good until the model is fitted anew,
  /// normalized, given other components, moved from or destroyed.
  Matrix<T> components() const;   ///< H, k x n
  ConstMatrixView<T> w() const;   ///< this rank's rows of W, rows_local x k
  ConstMatrixView<T> ht() const;  ///< H transposed, n x k
  double reconstruction_error() const;
  const Cost& cost() const;  ///< of the pair (w(), components()) as it was found
  Index iterations() const;
  const std::vector<TraceRow>& trace() const;
  StopReason stop_reason() const;
  const PhaseSeconds& phases() const;
  /// Bytes and messages of an iteration.
  const Communication& communication() const;
  /// How far the pair, before it was normalized, is from a stationary point of what is minimised: for each factor
  /// the norm of the projected gradient over that of the gradient's negative part. Not a number where the fit was
  /// asked to stop before it was known.
  double kkt_w() const;
  double kkt_h() const;
  /// What the steps of the last iteration were expected to lower what is minimised by, as a share of it: about
  /// what is left to gain before long. Not a number for rules that do not predict it (all but scd and mu-newton).
  double predicted_gain() const;
  /// Entries with (W H)_ij = 0 under V_ij > 0 in the final pair: for Kullback-Leibler and other beta < 2.
  Index zero_models() const;
  /// Components that add nothing to W H: their column of W or row of H is all zero. All k of them: W H is 0.
  Index dead_components() const;
  /// What came first where Options::merge is not 0; else nothing. Where it was asked to stop, or its time was
  /// over, its components were merged, and there was no iteration after that.
  const std::optional<WiderFit>& wider_fit() const;
  /// How many threads fit used.
  const ThreadPlan& threads() const;
  /// What fit did, where Options left a choice.
  const ResolvedOptions& resolved_options() const;

  const Options& options() const;

 private:
  struct Model;
  std::unique_ptr<Model> model_;
};

Nmf(Options)->Nmf<double>;

extern template class Nmf<float>;
extern template class Nmf<double>;

}  // namespace mpinmf
