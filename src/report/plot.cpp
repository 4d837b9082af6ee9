#include "plot.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <utility>

#include "io/unfinished.hpp"
#include "mpinmf/error.hpp"
#include "text_file.hpp"

extern char** environ;

namespace mpinmf::report {
namespace {

namespace fs = std::filesystem;

/// A text of gnuplot's in single quotes: nothing in it is interpreted, a quote is doubled.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'') result += '\'';
    result += c == '\n' ? ' ' : c;
  }
  return result + "'";
}

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

/// The gnuplot commands that draw it. Lines without points are left out.
std::string gnuplot_script(const Picture& picture, const std::string& terminal, const std::string& output) {
  constexpr std::size_t colours = 8;  // of gnuplot's, which begin again after them
  std::string data, lines;
  std::size_t drawn = 0;
  for (const Line& line : picture.lines) {
    std::string points;
    std::size_t count = 0;
    for (const Line::Point& point : line.points) {
      if (!std::isfinite(point.y) || (picture.logarithmic && !(point.x > 0 && point.y > 0))) continue;
      points += fmt::format("{} {:.17g}\n", point.x, point.y);
      ++count;
    }
    if (count == 0) continue;
    data += fmt::format("$curve{} << EOD\n{}EOD\n", drawn, points);
    lines += fmt::format("{}$curve{} using 1:2 with {} linewidth 2 dashtype {} title {}", drawn == 0 ? "" : ", ",
                         drawn, count > 1 ? "lines" : "points", drawn / colours + 1, quoted(line.title));
    ++drawn;
  }
  std::string text = data + fmt::format("set terminal {}\nset output {}\n", terminal, quoted(output));
  if (!picture.title.empty()) text += fmt::format("set title {} noenhanced\n", quoted(picture.title));
  text += fmt::format("set xlabel {}\nset ylabel {}\nset grid\n", quoted(picture.x), quoted(picture.y));
  if (picture.logarithmic) text += "set logscale xy\nset format y '%g'\nset key bottom left\n";
  text += drawn > 1 ? "set key noenhanced\n" : "unset key\n";
  return text + "plot " + lines + "\n";
}

/// Gives the commands that draw to `output` on `terminal`.
using Script = std::function<std::string(const std::string& terminal, const std::string& output)>;

std::string draw_one(const Script& commands, const std::string& terminal, const std::string& output) {
  const std::string script = fmt::format("{}.gnuplot-{}", output, ::getpid()),
                    partial = fmt::format("{}.partial-{}", output, ::getpid());
  for (const std::string& path : {script, partial}) remember_unfinished(path, false);
  std::string fault;
  try {
    write_text_file(script, commands(terminal, partial));
    fault = run_gnuplot(script);
  } catch (const Error& error) {
    fault = error.what();
  }
  std::error_code error;
  fs::remove(script, error);
  if (fault.empty() && !is_complete(partial)) fault = fmt::format("{} is incomplete; is the disk full?", output);
  if (fault.empty()) {
    fs::rename(partial, output, error);
    if (error) fault = fmt::format("cannot write {}: {}", output, error.message());
  }
  fs::remove(partial, error);
  for (const std::string& path : {script, partial}) forget_unfinished(path);
  return fault;
}

std::string draw(const Script& commands, const std::string& stem) {
  if (const std::string fault = draw_one(commands, "svg size 800,500 background 'white'", stem + ".svg");
      !fault.empty()) {
    return fault;
  }
  // a gnuplot without libgd has no png terminal; its cairo one serves as well
  if (draw_one(commands, "pngcairo size 800,500", stem + ".png").empty()) return "";
  return draw_one(commands, "png size 800,500", stem + ".png");
}

std::string start_of_script(const std::string& terminal, const std::string& output) {
  return fmt::format("set terminal {}\nset output {}\nset grid\n", terminal, quoted(output));
}

std::string spectrum_script(std::span<const SpectrumRow> rows, const std::string& terminal,
                            const std::string& output) {
  std::string text = "$spectrum << EOD\n";
  for (std::size_t c = 0; c < rows.size(); ++c) {
    text += fmt::format("{} {:.17g} {:.17g}\n", c + 1, rows[c].value, rows[c].cumulative_share);
  }
  text += "EOD\n" + start_of_script(terminal, output);
  // gnuplot leaves out what is 0, but needs something to show
  if (rows[0].value > 0) text += "set logscale y\n";
  text += "set xlabel 'Component'\nset ylabel 'Singular value'\nset y2label 'Cumulative share of ||V||^2'\n";
  text +=
      fmt::format("set xrange [0.5:{}.5]\nset y2range [0:1]\nset ytics nomirror\nset y2tics\nset key noenhanced\n",
                  rows.size());
  return text +
         "plot $spectrum using 1:2 with linespoints pointtype 7 title 'Singular value', "
         "$spectrum using 1:3 axes x1y2 with lines linewidth 2 title 'Cumulative share'\n";
}

}  // namespace

std::string draw(const Picture& picture, const std::string& stem) {
  return draw([&](const std::string& terminal,
                  const std::string& output) { return gnuplot_script(picture, terminal, output); },
              stem);
}

std::string draw_costs(std::span<const Curve> curves, const std::string& stem) {
  Picture picture;
  picture.x = "Number of updates";
  picture.y = "Reconstruction error";
  for (const Curve& curve : curves) {
    Line line{curve.title, {}};
    for (const TraceRow& row : curve.trace) {
      const double error = row.cost.reconstruction_error;
      if (std::isfinite(error)) line.points.push_back({static_cast<double>(row.iteration), error});
    }
    if (line.points.empty()) return fmt::format("{} has no reconstruction error to draw", curve.title);
    picture.lines.push_back(std::move(line));
  }
  return draw(picture, stem);
}

std::string draw_spectrum(std::span<const SpectrumRow> rows, const std::string& stem) {
  return draw([&](const std::string& terminal,
                  const std::string& output) { return spectrum_script(rows, terminal, output); },
              stem);
}

}  // namespace mpinmf::report
