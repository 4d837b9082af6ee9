#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mpinmf/options.hpp"
#include "report/csv.hpp"

namespace mpinmf::scaling {
namespace {

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.4g}", value) : "?";
}
std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}
std::string ranks_text(int ranks) {
  return fmt::format("{} rank{}", ranks, ranks == 1 ? "" : "s");
}

std::string describe(const ScalingSummary& summary) {
  const ScalingRow& base = summary.base();
  const bool is_weak = base.study == ScalingStudy::weak;
  const Index rows = is_weak ? base.rows / base.ranks : base.rows;
  return fmt::format("{} scaling, V {} x {}{}, k = {}, {}, rule {}{}, {}, {} thread{} a rank",
                     is_weak ? "Weak" : "Strong", rows, base.columns, is_weak ? " a rank" : "", base.components,
                     Loss{base.beta}.name(), base.rule, base.extrapolated ? " extrapolated" : "",
                     base.single_precision ? "float" : "double", base.threads, base.threads == 1 ? "" : "s");
}

TextTable measured_table(const ScalingSummary& summary) {
  const std::vector<ScalingPoint> points = summary.measured();
  TextTable table;
  table.title =
      describe(summary) +
      fmt::format("; seconds of an iteration, the median of each number of ranks ({} runs in all)", summary.runs);
  table.heads = {"ranks", "nodes", "seconds",   "sweep",    "waiting",
                 "sum",   "rule",  "broadcast", "speed-up", "efficiency"};
  if (summary.model) table.heads.emplace_back("model");
  for (const ScalingPoint& point : points) {
    const IterationSeconds& s = point.run->seconds;
    table.rows.push_back({std::to_string(point.ranks), std::to_string(point.run->nodes), number(s.total()),
                          number(s.sweep), number(s.waiting), number(s.sum), number(s.rule), number(s.broadcast),
                          fmt::format("{:.2f}", point.speed_up), percent(point.efficiency)});
    if (summary.model) table.rows.back().push_back(number(point.prediction->seconds));
  }
  return table;
}

TextTable predicted_table(const ScalingSummary& summary) {
  const std::vector<ScalingPoint> points = summary.predicted();
  const bool is_marked = points.back().is_extrapolated;
  TextTable table;
  table.title = "Predicted by the model; 95 of 100 runs should lie between low and high";
  table.heads = {"ranks", "seconds", "low", "high", "speed-up", "efficiency", "communication"};
  if (is_marked) table.heads.emplace_back("beyond");
  for (const ScalingPoint& point : points) {
    const Prediction& p = *point.prediction;
    table.rows.push_back({std::to_string(point.ranks), number(p.seconds), number(p.low), number(p.high),
                          fmt::format("{:.2f}", point.predicted_speed_up), percent(point.predicted_efficiency),
                          percent(p.communication / p.seconds)});
    if (is_marked) table.rows.back().emplace_back(point.is_extrapolated ? "EXTRAPOLATED" : "");
  }
  return table;
}

/// Markdown reads | as the end of a cell.
std::string markdown_cell(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
  return result;
}

std::string latex_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::string("%_&#${}").find(c) != std::string::npos) result += '\\';
    result += c == '\\'              ? std::string("\\textbackslash{}")
              : c == '^' || c == '~' ? fmt::format("\\{}{{}}", c)
                                     : std::string(1, c);
  }
  return result;
}

/// Cells of a row, each formatted, with a separator between.
template <class F>
std::string joined(const std::vector<std::string>& cells, const std::string& separator, F&& format) {
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : separator) + format(cell);
  return line;
}

}  // namespace

std::string plain_text(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.heads.size(); ++c) {
    widths.push_back(table.heads[c].size());
    for (const auto& row : table.rows) widths[c] = std::max(widths[c], row[c].size());
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) text += fmt::format("  {:>{}}", cells[c], widths[c]);
    return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };
  std::string text = table.title + "\n" + line(table.heads);
  for (const auto& row : table.rows) text += line(row);
  return text;
}

std::string markdown(const TextTable& table) {
  std::string text = table.title + "\n\n| " + joined(table.heads, " | ", markdown_cell) + " |\n|";
  for (std::size_t c = 0; c < table.heads.size(); ++c) text += " ---: |";
  text += "\n";
  for (const auto& row : table.rows) text += "| " + joined(row, " | ", markdown_cell) + " |\n";
  return text;
}

std::string latex(const TextTable& table) {
  std::string text =
      fmt::format("\\begin{{table}}\n\\centering\n\\caption{{{}}}\n\\begin{{tabular}}{{{}}}\n\\hline\n",
                  latex_text(table.title), std::string(table.heads.size(), 'r'));
  text += joined(table.heads, " & ", latex_text) + " \\\\\n\\hline\n";
  for (const auto& row : table.rows) text += joined(row, " & ", latex_text) + " \\\\\n";
  return text + "\\hline\n\\end{tabular}\n\\end{table}\n";
}

std::vector<TextTable> scaling_tables(const ScalingSummary& summary) {
  std::vector<TextTable> tables = {measured_table(summary)};
  if (!summary.predicted().empty()) tables.push_back(predicted_table(summary));
  return tables;
}

std::vector<std::string> scaling_sentences(const ScalingSummary& summary) {
  if (!summary.model) {
    return {"No model: how long communication takes is known only after a run on two ranks or more."};
  }
  const ScalingModel& model = *summary.model;
  std::vector<std::string> all = {fmt::format(
      "Model: T(p) = {} s x the busiest rank's share of the rows + {} s x its share of the update of H + {} us x "
      "messages x ceil(log2 p) + {} ns x bytes x 2 (p - 1) / p.",
      number(model.sweep_seconds()), number(model.rule_seconds()), number(1e6 * model.step_seconds()),
      number(1e9 * model.byte_seconds()))};
  if (summary.check) {
    const ModelCheck& check = *summary.check;
    all.push_back(
        fmt::format("Check: fitted without the runs on {}, the model predicts {} s for them; measured {} s, so it "
                    "is {} too {}.",
                    ranks_text(check.ranks), number(check.predicted.seconds), number(check.measured),
                    percent(std::fabs(check.error())), check.error() > 0 ? "slow" : "fast"));
  }
  all.push_back(summary.half_communication
                    ? fmt::format("Communication takes half of the time from {} on.",
                                  ranks_text(*summary.half_communication))
                    : fmt::format("Communication takes less than half of the time up to {}.",
                                  ranks_text(summary.predicted_to)));
  const std::vector<ScalingPoint> measured = summary.measured(), predicted = summary.predicted();
  if (predicted.empty()) return all;
  if (measured.back().run->nodes == 1) {
    all.emplace_back("All runs were on one node: what a network costs is not in the model.");
  }
  if (predicted.back().is_extrapolated) {
    all.push_back(fmt::format("EXTRAPOLATED: more than {} times the {} that were measured; take it as a guess.",
                              predicted_multiple, ranks_text(measured.back().ranks)));
  }
  return all;
}

std::string scaling_text(const ScalingSummary& summary) {
  std::string text;
  for (const TextTable& table : scaling_tables(summary)) text += plain_text(table) + "\n";
  for (const std::string& sentence : scaling_sentences(summary)) text += sentence + "\n";
  return text;
}

std::string scaling_markdown(const ScalingSummary& summary) {
  std::string text;
  for (const TextTable& table : scaling_tables(summary)) text += markdown(table) + "\n";
  for (const std::string& sentence : scaling_sentences(summary)) text += "- " + sentence + "\n";
  return text;
}

std::string scaling_latex(const ScalingSummary& summary) {
  std::string text;
  for (const std::string& sentence : scaling_sentences(summary)) text += "% " + sentence + "\n";
  for (const TextTable& table : scaling_tables(summary)) text += latex(table);
  return text;
}

std::string prediction_csv(const ScalingSummary& summary) {
  std::string text = "ranks,seconds,low,high,communication_seconds,speed_up,efficiency,extrapolated\n";
  for (const ScalingPoint& point : summary.points) {
    const Prediction& p = *point.prediction;
    text += fmt::format("{},{},{},{},{},{},{},{}\n", point.ranks, report::csv_number(p.seconds),
                        report::csv_number(p.low), std::isfinite(p.high) ? report::csv_number(p.high) : "",
                        report::csv_number(p.communication), report::csv_number(point.predicted_speed_up),
                        report::csv_number(point.predicted_efficiency), point.is_extrapolated ? 1 : 0);
  }
  return text;
}

}  // namespace mpinmf::scaling
