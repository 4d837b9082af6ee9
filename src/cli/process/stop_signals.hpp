// Signals that ask a fit to stop or to save, kept until an iteration is over.
#pragma once

#include "mpinmf/fit_state.hpp"

namespace mpinmf::cli {

/// While one lives, SIGUSR1 asks to stop and SIGUSR2 to save; from `catch_all` on SIGINT and SIGTERM ask to stop,
/// too. A second signal that asks to stop ends the program at once, as one did before. One at a time.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  void catch_all();
  /// What was asked of this process since the last call.
  Requests take();
  /// Whether it has been asked to stop, ever.
  bool is_stop_asked() const;
};

}  // namespace mpinmf::cli
