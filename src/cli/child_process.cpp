#include "child_process.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include "mpinmf/error.hpp"

extern char** environ;

namespace mpinmf::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// How often a child is asked after where SIGCHLD does not come (it may be ignored): a guard, not the rule.
constexpr timespec longest_nap = {0, 200'000'000};
/// mpirun and srun need some seconds to end ranks on other hosts; then they are ended the hard way.
constexpr std::chrono::seconds grace(10);

constexpr int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/// The exit code when it has ended.
std::optional<int> ended(pid_t child) {
  int status = 0;
  const pid_t found = ::waitpid(child, &status, WNOHANG);
  if (found == 0 || (found < 0 && errno == EINTR)) return std::nullopt;
  if (found < 0) return 128;  // somebody else has waited for it
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool has_members(pid_t group) {
  return ::kill(-group, 0) == 0;
}

/// What a signal began.
struct Ending {
  int signal = 0;  // none yet
  Clock::time_point hard, given_up;

  bool begun() const { return signal != 0; }
  void begin(int with) {
    signal = with;
    hard = Clock::now() + grace;
    given_up = hard + grace;
  }
  /// The group may outlive its first member; a dead one may stay where nobody waits for it.
  bool waits_for(pid_t group) const { return begun() && has_members(group) && Clock::now() < given_up; }
};

}  // namespace

ProcessRunner::ProcessRunner() {
  ::sigemptyset(&held_);
  for (const int signal : ending_signals) {
    struct sigaction action = {};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) ::sigaddset(&held_, signal);
  }
  ::sigaddset(&held_, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &held_, &before_);
}

ProcessRunner::~ProcessRunner() {
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

/// The signal that came within a nap; 0: none.
int ProcessRunner::wait_for_signal() const {
  const int signal = ::sigtimedwait(&held_, nullptr, &longest_nap);
  return signal < 0 || signal == SIGCHLD ? 0 : signal;
}

pid_t ProcessRunner::start(const std::string& script, const std::vector<std::string>& words,
                           const std::string& output) const {
  std::vector<std::string> all = {"sh", "-c", script, "sh"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : all) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &before_);
  pid_t child = 0;
  const int refused = ::posix_spawn(&child, "/bin/sh", &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (refused != 0) throw SystemError(fmt::format("cannot start a shell: {}", std::strerror(refused)));
  return child;
}

EndedProcess ProcessRunner::run(const std::string& script, const std::vector<std::string>& words,
                                const std::string& output) {
  const auto begin = Clock::now();
  const pid_t child = start(script, words, output);
  Ending ending;
  std::optional<int> code;
  while (!(code = code ? code : ended(child)) || ending.waits_for(child)) {
    if (ending.begun() && Clock::now() > ending.hard) ::kill(-child, SIGKILL);
    const int signal = wait_for_signal();
    if (signal == 0) continue;
    // a second one is impatient
    ::kill(-child, ending.begun() ? SIGKILL : SIGTERM);
    if (!ending.begun()) ending.begin(signal);
  }
  if (ending.begun()) throw Interrupted{ending.signal};
  return {*code, std::chrono::duration<double>(Clock::now() - begin).count()};
}

}  // namespace mpinmf::cli
