// The progress bar on a pseudo-terminal: narrow and wide ones, one that is resized, and Ctrl-C.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "cli_support.hpp"

namespace {

using Clock = std::chrono::steady_clock;

/// A command in a terminal, and what the terminal shows: its lines, with carriage returns and "erase to the end".
class Terminal {
 public:
  Terminal(const std::string& command, const std::filesystem::path& folder, unsigned short columns) {
    const winsize size = {24, columns, 0, 0};
    child_ = ::forkpty(&screen_, nullptr, nullptr, &size);
    if (child_ != 0) return;
    const std::string line = "exec timeout --foreground -k 5 60 " + command;
    if (::chdir(folder.c_str()) == 0) ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }
  ~Terminal() {
    ::kill(child_, SIGKILL);
    ::close(screen_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(char key) { CHECK(::write(screen_, &key, 1) == 1); }
  void resize(unsigned short columns) {
    const winsize size = {24, columns, 0, 0};
    CHECK(::ioctl(screen_, TIOCSWINSZ, &size) == 0);
  }
  /// Reads until `done`, the end of the command, or for so long.
  void read_until(const std::function<bool()>& done, int seconds = 30) {
    const auto end = Clock::now() + std::chrono::seconds(seconds);
    while (!done() && Clock::now() < end) {
      pollfd ready = {screen_, POLLIN, 0};
      if (::poll(&ready, 1, 100) <= 0) continue;
      char bytes[4096];
      const ssize_t count = ::read(screen_, bytes, sizeof bytes);
      if (count <= 0) return;  // a terminal whose command has ended fails with EIO
      for (ssize_t i = 0; i < count; ++i) show(bytes[i]);
    }
  }
  /// Reads to the end. Returns the exit code.
  int finish() {
    read_until([] { return false; });
    int status = 0;
    if (::waitpid(child_, &status, 0) != child_) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  const std::vector<std::string>& lines() const { return lines_; }
  const std::string& line() const { return lines_.back(); }
  int draws() const { return draws_; }
  std::size_t widest() const { return widest_; }  ///< since the last resize, of lines of the bar
  void forget_widest() { widest_ = 0; }

 private:
  void show(char c) {
    if (!escape_.empty() || c == '\033') {
      escape_ += c;
      if (escape_ == "\033[K") {
        lines_.back().resize(std::min(column_, lines_.back().size()));
        if (contains(line(), "iteration ")) widest_ = std::max(widest_, line().size());
        ++draws_;
      }
      if (escape_.size() >= 3) escape_.clear();
    } else if (c == '\r') {
      column_ = 0;
    } else if (c == '\n') {
      lines_.emplace_back();
      column_ = 0;
    } else {
      lines_.back().resize(std::max(lines_.back().size(), column_ + 1), ' ');
      lines_.back()[column_++] = c;
    }
  }

  pid_t child_ = 0;
  int screen_ = -1;
  std::vector<std::string> lines_{1};
  std::size_t column_ = 0, widest_ = 0;
  std::string escape_;
  int draws_ = 0;
};

std::string long_fit(const std::string& limits) {
  return mpinmf_command(1, "fit generate:lowrank:rows=300,columns=200,rank=4 -k 8 --tolerance 0 " + limits);
}

bool has_line(const Terminal& terminal, const std::string& start) {
  const auto& lines = terminal.lines();
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(start); });
}

}  // namespace

TEST_CASE("the progress bar keeps to the width of the terminal", "[terminal]") {
  for (const unsigned short width : {40, 200}) {
    TemporaryFolder folder;
    Terminal terminal(long_fit("--max-iterations 300 --output out"), folder.path(), width);
    CHECK(terminal.finish() == 0);
    CHECK(terminal.draws() >= 2);
    CHECK(terminal.widest() < width);
    CHECK(terminal.widest() > (width == 40 ? 20U : 60U));
    CHECK(has_line(terminal, width == 40 ? "iteration 300/300" : "[####"));
    CHECK(has_line(terminal, "results: out"));
  }
}

TEST_CASE("the progress bar follows a terminal that is resized", "[terminal]") {
  TemporaryFolder folder;
  Terminal terminal(long_fit("--max-iterations 100000000 --output out"), folder.path(), 200);
  terminal.read_until([&] { return terminal.draws() >= 3; });
  CHECK(terminal.line().starts_with("["));
  terminal.resize(40);
  const int before = terminal.draws();
  terminal.read_until([&] { return terminal.draws() >= before + 2; });  // one may have been under way
  terminal.forget_widest();
  terminal.read_until([&] { return terminal.draws() >= before + 5; });
  CHECK(terminal.widest() > 0);
  CHECK(terminal.widest() < 40);
  terminal.type('\003');
  CHECK(terminal.finish() == 75);
}

TEST_CASE("Ctrl-C leaves a clean line", "[terminal]") {
  TemporaryFolder folder;
  Terminal terminal(long_fit("--max-iterations 100000000 --output out"), folder.path(), 120);
  terminal.read_until([&] { return terminal.draws() >= 3; });
  terminal.type('\003');
  CHECK(terminal.finish() == 75);
  CHECK(terminal.line().empty());
  CHECK(has_line(terminal, "results: out"));
  for (const std::string& line : terminal.lines()) {
    CHECK_FALSE(contains(line, "^C"));
    if (contains(line, "/100000000")) CHECK(line.ends_with(" s left"));
  }
}
