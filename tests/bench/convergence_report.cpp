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

double excess(const Race& race, std::size_t start, const Run::Point& point) {
  return point.error / race.best[start] - 1;
}

std::string table_line(const Race& race, std::size_t variant) {
  std::string seconds, iterations;
  for (const double level : levels) {
    const auto arrival = [&](std::size_t start) { return race.arrival(variant, start, level); };
    seconds += fmt::format(" {:>8}", number(over_starts(race, [&](auto s) { return arrival(s).seconds; }), "-"));
    iterations +=
        fmt::format(" {:>8}", number(over_starts(race, [&](auto s) { return arrival(s).iteration; }), "-"));
  }
  const auto last = [&](std::size_t start) { return race.runs[variant][start].points.back(); };
  return fmt::format("{:<20}{} |{} | {:>8.4g} {:>8.4g} {:>9.4f} %\n", race.variants[variant].name(), seconds,
                     iterations, over_starts(race, [&](auto s) { return last(s).seconds; }),
                     over_starts(race, [&](auto s) { return last(s).iteration; }),
                     100 * over_starts(race, [&](auto s) { return excess(race, s, last(s)); }));
}

}  // namespace

std::string race_table(const Race& race) {
  std::string marks;
  for (const double level : levels) marks += fmt::format(" {:>6.4g} %", 100 * level);
  std::string text =
      fmt::format("{}: {} x {}, k = {}, best error {:.6g}; medians of {} starts, - where it was not reached\n",
                  race.name, race.rows, race.columns, race.components,
                  over_starts(race, [&](auto s) { return race.best[s]; }), race.best.size());
  text += fmt::format("{:<20} {:<26} | {:<26} | {}\n", "", "seconds to the best +", "iterations to the best +",
                      "end of the run");
  text +=
      fmt::format("{:<20}{} |{} | {:>8} {:>8} {:>11}\n", "rule", marks, marks, "seconds", "iter.", "above best");
  for (std::size_t r = 0; r < race.variants.size(); ++r) text += table_line(race, r);
  return text + "\n";
}

std::string races_csv(const std::vector<Race>& races) {
  std::string text = "workload,components,rule,start,best_error,end_error,end_seconds,end_iterations";
  for (const double level : levels) text += fmt::format(",seconds_to_{0:g},iterations_to_{0:g}", level);
  text += "\n";
  for (const Race& race : races) {
    for (std::size_t r = 0; r < race.variants.size(); ++r) {
      for (std::size_t start = 0; start < race.best.size(); ++start) {
        const Run::Point end = race.runs[r][start].points.back();
        text +=
            fmt::format("{},{},{},{},{:.10g},{:.10g},{:.6g},{}", race.name, race.components,
                        race.variants[r].name(), start, race.best[start], end.error, end.seconds, end.iteration);
        for (const double level : levels) {
          const Run::Point arrival = race.arrival(r, start, level);
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
  picture.y = "Reconstruction error above the best, as a share of it";
  picture.log_x = picture.log_y = true;
  picture.least_y = levels.back() / 10;
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
