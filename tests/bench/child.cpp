#include "child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mpinmf/error.hpp"
#include "report/text_file.hpp"

namespace mpinmf::bench {
namespace {

constexpr int grace_seconds = 10;  // mpirun needs some to end its ranks

/// The description of how a child starts; freed at the end.
class ChildStart {
 public:
  ChildStart(const SignalWatch& watch, const std::string& err_file) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, err_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setsigmask(&attributes_, &watch.mask_before());
  }
  ~ChildStart() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  ChildStart(const ChildStart&) = delete;
  ChildStart& operator=(const ChildStart&) = delete;

  pid_t run(const std::vector<std::string>& arguments) const {
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_t child = 0;
    const int error = posix_spawnp(&child, argv[0], &files_, &attributes_, argv.data(), environ);
    if (error != 0) throw SystemError(fmt::format("{}: cannot be started: {}", argv[0], std::strerror(error)));
    return child;
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

/// Whether the child has ended, and how.
bool has_ended(pid_t child, int& code) {
  int status = 0;
  if (waitpid(child, &status, WNOHANG) != child) return false;
  code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

}  // namespace

SignalWatch::SignalWatch() {
  std::signal(SIGCHLD, SIG_DFL);  // inherited as ignored, it would hide how children end
  sigemptyset(&watched_);
  sigaddset(&watched_, SIGCHLD);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&watched_, number);
  }
  sigprocmask(SIG_BLOCK, &watched_, &before_);
}

SignalWatch::~SignalWatch() {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

ChildResult run_child(const SignalWatch& watch, const std::vector<std::string>& argv, const std::string& scratch) {
  const pid_t child = ChildStart(watch, scratch).run(argv);
  ChildResult result;
  int waits = 0;  // seconds since the child was told to end
  while (!has_ended(child, result.code)) {
    const timespec second = {1, 0};
    const int number = sigtimedwait(&watch.watched(), nullptr, &second);
    if (number > 0 && number != SIGCHLD) {
      result.signal = number;
      kill(-child, number);
    } else if (number < 0 && errno == EAGAIN && result.signal != 0 && ++waits >= grace_seconds) {
      kill(-child, SIGKILL);
    }
  }
  result.err = report::read_text_file(scratch);
  return result;
}

}  // namespace mpinmf::bench
