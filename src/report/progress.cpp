#include "progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "say.hpp"

namespace mpinmf::report {
namespace {

constexpr std::chrono::milliseconds redraw_every{100};
constexpr std::chrono::seconds line_every{5};
constexpr Index bar_width = 24;  // characters; the whole line then fits 100 columns

std::string bar(const Progress& progress) {
  const Index most = std::max<Index>(progress.max_iterations, 1);
  const Index full = std::min(bar_width, progress.iteration * bar_width / most);
  return fmt::format("[{:.<{}}]", std::string(static_cast<std::size_t>(full), '#'), bar_width);
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
    if (drawn_ && !last && now - last_ < redraw_every) return;
    say(fmt::format("\r{} {}{}\033[K", bar(progress), name_, progress_text(progress, max_seconds_)));
    drawn_ = true;
  } else {
    if (now - last_ < line_every) return;
    say(fmt::format("mpinmf: {}{}\n", name_, progress_text(progress, max_seconds_)));
  }
  last_ = now;
}

void ProgressDisplay::finish() {
  if (!drawn_) return;
  say("\n");
  drawn_ = false;
}

std::string progress_text(const Progress& progress, double max_seconds) {
  std::string text = fmt::format("iteration {}/{}", progress.iteration, progress.max_iterations);
  if (progress.loss_iteration > 0 && std::isfinite(progress.loss)) {
    text += fmt::format(", loss {:.6g}", progress.loss);
  }
  if (progress.iteration > 0 && progress.seconds > 0) {
    const double speed = static_cast<double>(progress.iteration) / progress.seconds;
    const double iterations_left = static_cast<double>(progress.max_iterations - progress.iteration) / speed;
    const double left = std::clamp(max_seconds - progress.seconds, 0.0, iterations_left);
    text += fmt::format(", {:.3g} iterations/s, {:.0f} s left", speed, std::ceil(left));
  }
  return text;
}

}  // namespace mpinmf::report
