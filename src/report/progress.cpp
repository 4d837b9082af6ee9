#include "progress.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "say.hpp"

namespace mpinmf::report {
namespace {

constexpr std::chrono::milliseconds redraw_every{100};
constexpr std::chrono::seconds line_every{5};
constexpr std::size_t least_bar = 8, most_bar = 60, usual_width = 80;  // columns

/// The columns of the terminal now: it may have been resized.
std::size_t terminal_width() {
  struct winsize size = {};
  const bool is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : usual_width;
}

std::string bar(const Progress& progress, std::size_t width) {
  const double most = static_cast<double>(std::max<Index>(progress.max_iterations, 1));
  const double share = std::min(1.0, static_cast<double>(progress.iteration) / most);
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  return fmt::format("[{:.<{}}]", std::string(full, '#'), width);
}

/// What is said of a running fit; empty parts are not known.
struct ProgressParts {
  std::string iteration, loss, speed, left;

  std::string text() const { return iteration + loss + speed + left; }
};

ProgressParts parts_of(const Progress& progress, double max_seconds) {
  ProgressParts parts;
  parts.iteration = fmt::format("{}iteration {}/{}", progress.is_wider ? "wider fit, " : "", progress.iteration,
                                progress.max_iterations);
  if (progress.loss_iteration > 0 && std::isfinite(progress.loss)) {
    parts.loss = fmt::format(", loss {:.6g}", progress.loss);
  }
  if (progress.iteration > 0 && progress.seconds > 0) {
    const double speed = static_cast<double>(progress.iteration) / progress.seconds;
    const double iterations_left = static_cast<double>(progress.max_iterations - progress.iteration) / speed;
    const double left = std::clamp(max_seconds - progress.seconds, 0.0, iterations_left);
    parts.speed = fmt::format(", {:.3g} iterations/s", speed);
    parts.left = fmt::format(", {:.0f} s left", std::ceil(left));
  }
  return parts;
}

}  // namespace

ProgressDisplay::ProgressDisplay(double max_seconds, std::string name)
    : terminal_(::isatty(STDERR_FILENO) == 1), max_seconds_(max_seconds), name_(std::move(name)) {}

ProgressDisplay::~ProgressDisplay() {
  finish();
}

void ProgressDisplay::show(const Progress& progress) {
  const auto now = Clock::now();
  const bool last = progress.iteration == progress.max_iterations;
  if (terminal_) {
    if (!drawn_.empty() && !last && now - last_ < redraw_every) return;
    drawn_ = progress_line(progress, max_seconds_, name_, terminal_width());
    say(fmt::format("\r{}\033[K", drawn_));
  } else {
    if (now - last_ < line_every) return;
    say(fmt::format("mpinmf: {}{}\n", name_, progress_text(progress, max_seconds_)));
  }
  last_ = now;
}

void ProgressDisplay::finish() {
  if (drawn_.empty()) return;
  say(fmt::format("\r{}\033[K\n", drawn_.substr(0, terminal_width() - 1)));
  drawn_.clear();
}

std::string progress_text(const Progress& progress, double max_seconds) {
  return parts_of(progress, max_seconds).text();
}

std::string progress_line(const Progress& progress, double max_seconds, const std::string& name,
                          std::size_t width) {
  const std::size_t room = std::max<std::size_t>(width, 2) - 1;  // in the last column a line may wrap
  ProgressParts parts = parts_of(progress, max_seconds);
  std::string text = name + parts.text();
  constexpr std::size_t around_bar = 3;  // brackets and a blank
  if (text.size() + around_bar + least_bar <= room) {
    return bar(progress, std::min(room - text.size() - around_bar, most_bar)) + " " + text;
  }
  for (std::string* part : {&parts.speed, &parts.loss, &parts.left}) {
    if (text.size() <= room) break;
    part->clear();
    text = name + parts.text();
  }
  return text.substr(0, room);
}

}  // namespace mpinmf::report
