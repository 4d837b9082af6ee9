// What a fit keeps between two iterations: all that is needed to go on as if it had never stopped.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

/// An array of `rows` x `columns` whose rows are spread over the ranks.
template <class E>
struct StateArray {
  /// Rows that this rank owns, consecutive in the array; padded or not.
  struct Block {
    Index first = 0;
    MatrixView<E> rows;
  };

  std::string name;  ///< fit for a file: "w", "ht", "w_previous"
  Index rows = 0, columns = 0;
  std::vector<Block> blocks;  ///< ascending; those of all ranks cover the array once
};

/// Views of the factors and of what the rule keeps with them, and numbers that are the same on every rank (those
/// of the root count). A checkpoint copies them out; going on from one copies into them. The rows of H transposed
/// ("ht" and all that begins with "h_") stand in the order of DataMatrix::column_order().
template <class T>
struct FitState {
  Index iteration = 0;       ///< of the pair that stands
  Index max_iterations = 0;  ///< after which the run ends at the latest; to look at
  double seconds = 0;        ///< of iterations so far, those before an interruption included
  double loss = Cost::unknown;
  Index loss_iteration = 0;         ///< the iteration it belongs to
  std::span<const TraceRow> trace;  ///< so far; to look at
  std::vector<StateArray<T>> factors;
  std::vector<StateArray<double>> sums;
  std::vector<double> numbers;
};

/// What a caller asks of a running fit.
struct Requests {
  bool stop = false;  ///< end after this iteration
  bool save = false;  ///< save the state after this iteration
};

/// What a fit calls between iterations. All but `requests` and `on_iteration` are needed for checkpoints only.
template <class T>
struct FitHooks {
  /// After each iteration, on every rank.
  std::function<void(const Progress&)> on_iteration;
  /// In each iteration, on every rank: what was asked of this rank since the last call. Ranks need not agree: what
  /// one was asked, all do at the same iteration. After the last one, too, while the KKT residual is computed:
  /// a request to stop leaves that out.
  std::function<Requests()> requests;
  /// After each iteration, on the root: whether the state is to be saved. A run that ends saves in any case.
  std::function<bool(Index iteration)> is_save_due;
  /// Collective. Whatever it throws has met.
  std::function<void(FitState<T>&)> save;
  /// Collective, once, before the first iteration: fills the views and replaces numbers, iteration and seconds by
  /// those of a state that was saved. Unset: a fit begins at its start.
  std::function<void(FitState<T>&)> load;
  /// How many components the state has that `load` fills in: more than k where it is one of the fit that comes
  /// first with Options::merge. Not looked at without that.
  Index components_of_state = 0;
  /// The seconds that Options::max_seconds limits, on the root: those since the program began, say, plus those
  /// that the program will need after the fit. Unset: those of the iterations of this run, and of a wider fit.
  std::function<double()> seconds_used;
  /// Of what came before the first iteration of this run and counts with it. Those of a state that is loaded
  /// replace them.
  double seconds_before = 0;
};

}  // namespace mpinmf
