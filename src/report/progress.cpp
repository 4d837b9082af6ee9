#include "progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

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

ProgressDisplay::ProgressDisplay() : ProgressDisplay(::isatty(STDERR_FILENO) == 1) {}

ProgressDisplay::~ProgressDisplay() {
  finish();
}

void ProgressDisplay::show(const Progress& progress) {
  const auto now = Clock::now();
  const bool last = progress.iteration == progress.max_iterations;
  if (terminal_) {
    if (drawn_ && !last && now - last_ < redraw_every) return;
    fmt::print(stderr, "\r{} {}\033[K", bar(progress), progress_text(progress));
    drawn_ = true;
  } else {
    if (now - last_ < line_every) return;
    fmt::print(stderr, "mpinmf: {}\n", progress_text(progress));
  }
  std::fflush(stderr);
  last_ = now;
}

void ProgressDisplay::finish() {
  if (!drawn_) return;
  std::fputs("\n", stderr);
  drawn_ = false;
}

std::string progress_text(const Progress& progress) {
  std::string text = fmt::format("iteration {}/{}", progress.iteration, progress.max_iterations);
  if (progress.loss_iteration > 0 && std::isfinite(progress.loss)) {
    text += fmt::format(", loss {:.6g}", progress.loss);
  }
  if (progress.iteration > 0 && progress.seconds > 0) {
    const double speed = static_cast<double>(progress.iteration) / progress.seconds;
    const auto left = static_cast<double>(progress.max_iterations - progress.iteration) / speed;
    text += fmt::format(", {:.3g} iterations/s, {:.0f} s left", speed, std::ceil(left));
  }
  return text;
}

}  // namespace mpinmf::report
