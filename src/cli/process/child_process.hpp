// Commands that are run to their end, however the program itself ends.
#pragma once

#include <signal.h>

#include <string>
#include <vector>

namespace mpinmf::cli {

/// A signal that should end the program came while a command ran. The command has been ended.
struct Interrupted {
  int signal = 0;
};

struct EndedProcess {
  int code = 0;  ///< as a shell has it: 128 + signal when one ended it
  double seconds = 0;
};

/// Runs commands one after the other. While it lives, SIGINT, SIGTERM, SIGHUP and SIGQUIT (those that are not
/// ignored) wait until a command runs and then end it with all that it has started on this host, before
/// Interrupted is thrown. One at a time in a program, which must have no other children meanwhile.
class ProcessRunner {
 public:
  ProcessRunner();
  ~ProcessRunner();
  ProcessRunner(const ProcessRunner&) = delete;
  ProcessRunner& operator=(const ProcessRunner&) = delete;

  /// Waits for /bin/sh -c `script`, in which "$@" are the words; standard input is closed, what it prints goes to
  /// the file `output`. Throws SystemError when it cannot be started, Interrupted.
  EndedProcess run(const std::string& script, const std::vector<std::string>& words, const std::string& output);

 private:
  pid_t start(const std::string& script, const std::vector<std::string>& words, const std::string& output) const;
  int wait_for_signal() const;
  void end_children();

  sigset_t before_ = {}, held_ = {};
};

}  // namespace mpinmf::cli
