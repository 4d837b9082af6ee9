#include "child_process.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

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

/// Waits for all children that have ended; orphans of a command are ours too. The exit code if `child` was among
/// them.
std::optional<int> reap(pid_t child) {
  std::optional<int> code;
  int status = 0;
  for (pid_t found = 0; (found = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (found == child) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return code;
}

/// The processes whose parent is this one.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    std::ifstream in(entry->path() / "stat");
    std::string line;
    // "PID (NAME) STATE PARENT ...": a name may hold anything
    if (!std::getline(in, line)) continue;
    std::istringstream rest(line.substr(line.rfind(')') + 1));
    char state = 0;
    pid_t parent = 0;
    if (rest >> state >> parent && parent == ::getpid()) found.push_back(std::stoi(entry->path().filename()));
  }
  return found;
}

}  // namespace

ProcessRunner::ProcessRunner() {
  ::sigemptyset(&held_);
  for (const int signal : ending_signals) {
    struct sigaction action = {};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) ::sigaddset(&held_, signal);
  }
  ::sigaddset(&held_, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &held_, &before_);
  // orphans become ours: a shell may die before the launcher that it waits for
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

ProcessRunner::~ProcessRunner() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
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

/// Each is asked once, which mpirun and srun pass on; the rest, after a while or a second signal, is ended for
/// good.
void ProcessRunner::end_children() {
  const auto hard = Clock::now() + grace, given_up = hard + grace;
  std::set<pid_t> asked;
  bool is_impatient = false;
  for (std::vector<pid_t> left = children(); !left.empty() && Clock::now() < given_up; left = children()) {
    is_impatient = is_impatient || Clock::now() > hard;
    for (const pid_t child : left) {
      if (is_impatient) {
        ::kill(child, SIGKILL);
      } else if (asked.insert(child).second) {
        ::kill(child, SIGTERM);
      }
    }
    if (wait_for_signal() != 0) is_impatient = true;
    reap(0);
  }
}

EndedProcess ProcessRunner::run(const std::string& script, const std::vector<std::string>& words,
                                const std::string& output) {
  const auto begin = Clock::now();
  const pid_t child = start(script, words, output);
  std::optional<int> code;
  while (!(code = reap(child))) {
    const int signal = wait_for_signal();
    if (signal == 0) continue;
    end_children();
    throw Interrupted{signal};
  }
  return {*code, std::chrono::duration<double>(Clock::now() - begin).count()};
}

}  // namespace mpinmf::cli
