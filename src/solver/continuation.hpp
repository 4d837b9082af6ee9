// What a run takes over from the one that it continues, and the hooks by which a caller watches it and asks it to
// stop or to save.
#pragma once

#include <functional>
#include <utility>

#include "clock.hpp"
#include "ledger.hpp"
#include "mpinmf/fit_state.hpp"
#include "mpinmf/options.hpp"
#include "state_tape.hpp"

namespace mpinmf {

/// The iterations of this run follow those of the run that it continues, if it continues one.
template <class T>
class Continuation {
 public:
  /// `hooks` must outlive this.
  Continuation(const FitHooks<T>& hooks, Index max_iterations)
      : hooks_(hooks), max_iterations_(max_iterations), seconds_before_(hooks.seconds_before) {}

  /// The last iteration of the run that this one continues.
  Index first() const { return first_; }
  /// Of what came before the first of these iterations.
  double seconds_before() const { return seconds_before_; }
  /// Of all iterations so far.
  double seconds() const { return seconds_before_ + clock_.seconds(); }
  /// What Options::max_seconds is held against.
  double seconds_used() const { return hooks_.seconds_used ? hooks_.seconds_used() : clock_.seconds(); }
  /// What this rank was asked since the last call.
  Requests requests() const { return hooks_.requests ? hooks_.requests() : Requests(); }
  bool is_saved() const { return static_cast<bool>(hooks_.save); }
  bool is_save_due(Index i) const { return hooks_.is_save_due && hooks_.is_save_due(i); }
  void report(Index i, const Ledger& ledger) const {
    if (!hooks_.on_iteration) return;
    hooks_.on_iteration({i, max_iterations_, seconds(), ledger.newest_loss(), ledger.newest_loss_iteration()});
  }

  bool has_state() const { return static_cast<bool>(hooks_.load); }
  /// Fills the views. Returns the tape that all parts of the solver read from, in the order in which they wrote.
  /// Collective.
  StateTape load(FitState<T> views) {
    hooks_.load(views);
    first_ = views.iteration;
    seconds_before_ = views.seconds;
    return StateTape(std::move(views.numbers));
  }
  /// After iteration i. Collective.
  void save(Index i, const Ledger& ledger, FitState<T> state, StateTape tape) const {
    state.iteration = i;
    state.max_iterations = max_iterations_;
    state.seconds = seconds();
    state.loss = ledger.newest_loss();
    state.loss_iteration = ledger.newest_loss_iteration();
    state.trace = ledger.rows();
    state.numbers = tape.take();
    hooks_.save(state);
  }

 private:
  const FitHooks<T>& hooks_;
  Index max_iterations_;
  Clock clock_;
  Index first_ = 0;
  double seconds_before_;
};

}  // namespace mpinmf
