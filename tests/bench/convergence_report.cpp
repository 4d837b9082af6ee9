// What is shown of a race: a table, CSV and a picture.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "convergence.hpp"
#include "report/plot.hpp"

namespace mpinmf::bench {
namespace {

/// Infinite where half of the values are.
double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The median of number(start) over the starts.
template <class F>
double over_starts(const Race& race, F&& number) {
  std::vector<double> values;
  for (std::size_t start = 0; start < race.best.size(); ++start) values.push_back(number(start));
  return median(std::move(values));
}

std::string number(double value, const char* missing) {
  return std::isfinite(value) ? fmt::format("{:.4g}", value) : missing;
}

/// By which share a point is above the best.
double excess(const Race& race, std::size_t start, const Run::Point& point) {
  return race.measure(point.loss) / race.measure(race.best[start]) - 1;
}

constexpr int mark_width = 14;

std::string table_line(const Race& race, std::size_t variant) {
  std::string seconds, iterations;
  for (const Mark& mark : race.marks) {
    const auto arrival = [&](std::size_t start) { return race.arrival(variant, start, mark); };
    seconds += fmt::format(" {:>{}}", number(over_starts(race, [&](auto s) { return arrival(s).seconds; }), "-"),
                           mark_width);
    iterations += fmt::format(
        " {:>{}}", number(over_starts(race, [&](auto s) { return arrival(s).iteration; }), "-"), mark_width);
  }
  const auto last = [&](std::size_t start) { return race.runs[variant][start].points.back(); };
  return fmt::format("{:<20}{} |{} | {:>8.4g} {:>8.4g} {:>9.4g} %\n", race.variants[variant].name(), seconds,
                     iterations, over_starts(race, [&](auto s) { return last(s).seconds; }),
                     over_starts(race, [&](auto s) { return last(s).iteration; }),
                     100 * over_starts(race, [&](auto s) { return excess(race, s, last(s)); }));
}

}  // namespace

std::string race_table(const Race& race) {
  const std::string before =
      race.passes_before == 0 ? "" : fmt::format(", starts after {} passes of mu", race.passes_before);
  std::string marks;
  for (const Mark& mark : race.marks) marks += fmt::format(" {:>{}}", mark.title, mark_width);
  const std::size_t width = marks.size();
  std::string text = fmt::format(
      "{}: {} x {}, k = {}, {}{}, best {} {:.6g}; medians of {} starts, - where it was not reached\n", race.name,
      race.rows, race.columns, race.components, race.loss.name(), before, race.measure_name(),
      over_starts(race, [&](auto s) { return race.measure(race.best[s]); }), race.best.size());
  text += fmt::format("{:<20} {:<{}} | {:<{}} | {}\n", "", "seconds to", width - 1, "iterations to", width - 1,
                      "end of the run");
  text +=
      fmt::format("{:<20}{} |{} | {:>8} {:>8} {:>11}\n", "rule", marks, marks, "seconds", "iter.", "above best");
  for (std::size_t r = 0; r < race.variants.size(); ++r) text += table_line(race, r);
  return text + "\n";
}

std::string races_csv(const std::vector<Race>& races) {
  if (races.empty()) return {};
  std::string text = fmt::format("workload,components,rule,start,best_{0},end_{0},end_seconds,end_iterations",
                                 races.front().measure_name());
  for (const Mark& mark : races.front().marks) {
    text += fmt::format(",seconds_to_{0},iterations_to_{0}", mark.csv);
  }
  text += "\n";
  for (const Race& race : races) {
    for (std::size_t r = 0; r < race.variants.size(); ++r) {
      for (std::size_t start = 0; start < race.best.size(); ++start) {
        const Run::Point end = race.runs[r][start].points.back();
        text += fmt::format("{},{},{},{},{:.14g},{:.14g},{:.6g},{}", race.name, race.components,
                            race.variants[r].name(), start, race.measure(race.best[start]), race.measure(end.loss),
                            end.seconds, end.iteration);
        for (const Mark& mark : race.marks) {
          const Run::Point arrival = race.arrival(r, start, mark);
          text += fmt::format(",{},{}", number(arrival.seconds, ""), number(arrival.iteration, ""));
        }
        text += "\n";
      }
    }
  }
  return text;
}

std::string draw_race(const Race& race, const std::string& stem) {
  report::Picture picture;
  picture.title = fmt::format("{}: {} x {}, k = {}", race.name, race.rows, race.columns, race.components);
  picture.x = "Seconds";
  picture.y = race.loss == Loss() ? "Reconstruction error above the best, as a share of it"
                                  : "Loss above the best, as a share of it";
  picture.log_x = picture.log_y = true;
  picture.least_y = 1e-4;
  for (std::size_t r = 0; r < race.variants.size(); ++r) {
    report::Line line{race.variants[r].name(), {}};
    for (const Run::Point& point : race.runs[r].front().points) {
      line.points.push_back({point.seconds, excess(race, 0, point)});
    }
    picture.lines.push_back(std::move(line));
  }
  return report::draw(picture, stem + "-" + race.name);
}

}  // namespace mpinmf::bench
