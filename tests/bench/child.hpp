// Programs that are started, waited for, and ended when this one is told to end.
#pragma once

#include <csignal>
#include <string>
#include <vector>

namespace mpinmf::bench {

/// While it lives, Ctrl-C and its like (SIGINT, SIGTERM, SIGHUP, unless ignored) are held back, so that run_child
/// can pass them on.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  const sigset_t& mask_before() const { return before_; }
  /// The signals held back, and SIGCHLD.
  const sigset_t& watched() const { return watched_; }

 private:
  sigset_t watched_, before_;
};

struct ChildResult {
  int code = 0;     ///< exit code; 128 + the signal that ended it
  std::string err;  ///< what it wrote to standard error
  int signal = 0;   ///< the signal that this program was told to end with while it waited, 0: none
};

/// Runs a program (found in PATH) in a process group of its own, without a shell; standard input is empty,
/// standard output goes nowhere. A signal that `watch` holds back ends the group: the child is given some seconds
/// to clean up. `scratch` is a file for its standard error. Throws SystemError when the program cannot be started.
ChildResult run_child(const SignalWatch& watch, const std::vector<std::string>& argv, const std::string& scratch);

}  // namespace mpinmf::bench
