#include "plot.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "report/gnuplot.hpp"

namespace mpinmf::scaling {
namespace {

/// What the ordinate shows, from seconds: the speed-up or, of a weak study, the efficiency.
double shown(const ScalingSummary& summary, double seconds) {
  const ScalingRow& base = summary.base();
  const double ratio = base.seconds.total() / seconds;
  return base.study == ScalingStudy::weak ? ratio : ratio * base.ranks;
}

/// Tics at numbers of ranks that were measured or predicted, no more than have room.
std::string rank_tics(const ScalingSummary& summary) {
  constexpr std::size_t most_tics = 8;
  const std::size_t count = summary.points.size(), stride = (count + most_tics - 1) / most_tics;
  std::string tics;
  for (std::size_t i = (count - 1) % stride; i < count; i += stride) {
    tics += fmt::format("{}'{}' {}", tics.empty() ? "" : ", ", summary.points[i].ranks, summary.points[i].ranks);
  }
  return "set xtics (" + tics + ")\n";
}

/// Ranks, model, low, high (a speed-up is low where the seconds are high) of the points from `first` to before
/// `last`.
std::string model_data(const ScalingSummary& summary, const std::string& name, std::size_t first,
                       std::size_t last) {
  // an interval that reaches no time at all would reach for infinity
  constexpr double lowest_share = 0.1;
  std::string text = fmt::format("${} << EOD\n", name);
  for (std::size_t i = first; i < last; ++i) {
    const ScalingPoint& point = summary.points[i];
    const Prediction& p = *point.prediction;
    text += fmt::format("{} {:.9g}", point.ranks, shown(summary, p.seconds));
    if (std::isfinite(p.high)) {
      text += fmt::format(" {:.9g} {:.9g}", shown(summary, p.high),
                          shown(summary, std::max(p.low, lowest_share * p.seconds)));
    }
    text += "\n";
  }
  return text + "EOD\n";
}

/// How many points are not extrapolated; these come first.
std::size_t trusted_points(const ScalingSummary& summary) {
  const auto first =
      std::find_if(summary.points.begin(), summary.points.end(), [](const auto& p) { return p.is_extrapolated; });
  return static_cast<std::size_t>(first - summary.points.begin());
}

std::string scaling_script(const ScalingSummary& summary, const std::string& terminal, const std::string& output) {
  const bool is_weak = summary.base().study == ScalingStudy::weak;
  const std::size_t trusted = trusted_points(summary), all = summary.points.size();
  std::string text = "$measured << EOD\n", plots;
  double most = 1;
  for (const ScalingPoint& point : summary.measured()) {
    most = std::max(most, point.efficiency);
    text += fmt::format("{} {:.9g}\n", point.ranks, shown(summary, point.run->seconds.total()));
  }
  text += "EOD\n";
  if (summary.model) {
    text += model_data(summary, "interval", 0, all) + model_data(summary, "model", 0, trusted);
    plots += "$interval using 1:3:4 with filledcurves fillcolor '#d8e4f0' title '95 % interval', ";
    plots += "$model using 1:2 with lines linewidth 2 dashtype 2 linecolor '#4477aa' title 'Model', ";
  }
  if (summary.model && trusted < all) {
    text += model_data(summary, "beyond", trusted - 1, all);
    plots += "$beyond using 1:2 with lines linewidth 2 dashtype 3 linecolor '#ee7733' title 'Extrapolated', ";
  }
  text += report::gnuplot_head(terminal, output, "Ranks", is_weak ? "Efficiency" : "Speed-up");
  text += "set logscale x 2\nset key outside right\n" + rank_tics(summary);
  text += is_weak ? fmt::format("set yrange [0:{:.9g}]\n", 1.2 * most) : "set logscale y 2\nset format y '%g'\n";
  text +=
      fmt::format("set xrange [{}:{}]\n", 0.9 * summary.points.front().ranks, 1.1 * summary.points.back().ranks);
  plots += fmt::format("{} with lines linecolor '#888888' title 'Ideal', ", is_weak ? "1" : "x");
  plots += "$measured using 1:2 with linespoints linewidth 2 pointtype 7 linecolor '#cc3311' title 'Measured'";
  return text + "plot " + plots + "\n";
}

std::string phases_script(const ScalingSummary& summary, const std::string& terminal, const std::string& output) {
  std::string text = "$phases << EOD\n";
  double most = 0;
  for (const ScalingPoint& point : summary.measured()) {
    const IterationSeconds& s = point.run->seconds;
    text += fmt::format("{} {:.9g} {:.9g} {:.9g} {:.9g} {:.9g}\n", point.ranks, s.sweep, s.waiting, s.sum, s.rule,
                        s.broadcast);
    most = std::max(most, s.total());
  }
  text += "EOD\n" + report::gnuplot_head(terminal, output, "Ranks", "Seconds of an iteration");
  text +=
      "set style data histograms\nset style histogram rowstacked\nset style fill solid 0.9 border -1\n"
      "set boxwidth 0.6\nset key outside right top invert\n";
  text += fmt::format("set yrange [0:{:.9g}]\n", 1.05 * most);
  constexpr const char* names[] = {"Sweep", "Waiting", "Sum", "Rule", "Broadcast"};
  constexpr const char* colours[] = {"#4477aa", "#cccccc", "#ee6677", "#ccbb44", "#aa3377"};
  text += "plot ";
  for (int phase = 0; phase < 5; ++phase) {
    text += fmt::format("{}$phases using {}:xtic(1) linecolor '{}' title '{}'", phase == 0 ? "" : ", ", phase + 2,
                        colours[phase], names[phase]);
  }
  return text + "\n";
}

}  // namespace

std::string draw_scaling(const ScalingSummary& summary, const std::string& stem) {
  return report::draw_picture([&](const std::string& terminal,
                                  const std::string& output) { return scaling_script(summary, terminal, output); },
                              stem);
}

std::string draw_scaling_phases(const ScalingSummary& summary, const std::string& stem) {
  return report::draw_picture([&](const std::string& terminal,
                                  const std::string& output) { return phases_script(summary, terminal, output); },
                              stem);
}

}  // namespace mpinmf::scaling
