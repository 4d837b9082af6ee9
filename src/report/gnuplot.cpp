#include "gnuplot.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "io/unfinished.hpp"
#include "mpinmf/error.hpp"
#include "text_file.hpp"

extern char** environ;

namespace mpinmf::report {
namespace {

namespace fs = std::filesystem;

/// Runs gnuplot on a script, without a shell, its output thrown away. Returns what went wrong, or nothing.
std::string run_gnuplot(const std::string& script) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string program = "gnuplot", argument = script;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int refused = posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (refused == ENOENT) return no_gnuplot;
  if (refused != 0) return std::string("gnuplot cannot be started: ") + std::strerror(refused);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return std::string("gnuplot cannot be waited for: ") + std::strerror(errno);
  }
  // a child that could not become gnuplot leaves with 127
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return no_gnuplot;
  return status == 0 ? "" : "gnuplot failed";
}

/// gnuplot does not notice a full disk, so the end of the picture is looked at.
bool is_complete(const std::string& picture) {
  constexpr std::size_t end_bytes = 16;
  std::string bytes;
  try {
    bytes = read_text_file(picture);
  } catch (const Error&) {
    return false;
  }
  const std::string end = bytes.substr(bytes.size() - std::min(bytes.size(), end_bytes));
  return end.find("</svg>") != std::string::npos || end.find("IEND") != std::string::npos;
}

/// Viewers smooth what they enlarge, unless told otherwise: the pixels of an image are to be seen as they are.
void sharpen_images(const std::string& svg) {
  std::string text = read_text_file(svg);
  constexpr std::string_view tag = "<image ", style = "style='image-rendering:pixelated' ";
  bool is_changed = false;
  for (std::size_t at = 0; (at = text.find(tag, at)) != std::string::npos; at += tag.size() + style.size()) {
    text.insert(at + tag.size(), style);
    is_changed = true;
  }
  if (is_changed) write_text_file(svg, text);
}

/// A picture on its way: under its name only when its like is complete, too.
class Partial {
 public:
  explicit Partial(std::string output)
      : output_(std::move(output)),
        script_(fmt::format("{}.gnuplot-{}", output_, ::getpid())),
        partial_(fmt::format("{}.partial-{}", output_, ::getpid())) {
    for (const std::string& path : {script_, partial_}) remember_unfinished(path, false);
  }
  ~Partial() {
    std::error_code ignored;
    for (const std::string& path : {script_, partial_}) {
      fs::remove(path, ignored);
      forget_unfinished(path);
    }
  }
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;

  /// Returns what went wrong, or nothing.
  std::string draw(const GnuplotScript& script_for, const std::string& terminal) const {
    try {
      write_text_file(script_, script_for(terminal, partial_));
      const std::string fault = run_gnuplot(script_);
      if (!fault.empty()) return fault;
      if (output_.ends_with(".svg")) sharpen_images(partial_);
    } catch (const Error& error) {
      return error.what();
    }
    return is_complete(partial_) ? "" : fmt::format("{} is incomplete; is the disk full?", output_);
  }
  std::string publish() const {
    std::error_code error;
    fs::rename(partial_, output_, error);
    return error ? fmt::format("cannot write {}: {}", output_, error.message()) : "";
  }

 private:
  std::string output_, script_, partial_;
};

}  // namespace

std::string gnuplot_quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'') result += '\'';
    result += c == '\n' ? ' ' : c;
  }
  return result + "'";
}

std::string gnuplot_head(const std::string& terminal, const std::string& output, const std::string& x_label,
                         const std::string& y_label) {
  return fmt::format("set terminal {}\nset encoding utf8\nset output {}\nset xlabel {}\nset ylabel {}\nset grid\n",
                     terminal, gnuplot_quoted(output), gnuplot_quoted(x_label), gnuplot_quoted(y_label));
}

std::string draw_picture(const GnuplotScript& script, const std::string& stem, PictureSize size) {
  const std::string sizes = fmt::format("size {},{} noenhanced", size.width, size.height);
  const Partial svg(stem + ".svg"), png(stem + ".png");
  std::string fault = svg.draw(script, "svg " + sizes + " font 'Arial,18' background 'white'");
  if (!fault.empty()) return fault;
  // a size in points; a gnuplot without cairo has a png terminal of libgd's, or none
  const std::string of_png = sizes + " font 'sans,13.5'";
  if (!png.draw(script, "pngcairo " + of_png).empty()) fault = png.draw(script, "png " + of_png);
  if (fault.empty()) fault = svg.publish();
  return fault.empty() ? png.publish() : fault;
}

}  // namespace mpinmf::report
