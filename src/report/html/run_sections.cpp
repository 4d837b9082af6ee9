// What run.json and trace.csv say.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "chart.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace mpinmf::report::html {
namespace {

/// Costs that span more than this are shown on a logarithmic axis.
constexpr double much_change = 20;

Table named_rows(const std::string& caption, const std::vector<ReportRow>& rows) {
  Table table{caption, {}, {}, {}, false};
  for (const ReportRow& row : rows) table.rows.push_back({{row.name, {}}, {row.text, {}}});
  return table;
}

std::string rows_html(const std::string& caption, const std::vector<ReportRow>& rows) {
  return rows.empty() ? "" : table_html(named_rows(caption, rows));
}

bool spans_much(const std::vector<Line>& lines) {
  double least = INFINITY, most = 0;
  for (const Line& line : lines) {
    for (const auto& point : line.points) {
      if (!std::isfinite(point.y)) continue;
      least = std::min(least, point.y);
      most = std::max(most, point.y);
    }
  }
  return least > 0 && most > much_change * least;
}

std::string phases_html(const std::vector<PhaseRow>& rows) {
  if (rows.empty()) return "";
  Table table{"Seconds of each phase over the ranks",
              {"phase", "min", "mean", "max", "share, %", "most, on rank"},
              {},
              {}};
  bool is_foot = false;
  for (const PhaseRow& row : rows) {
    is_foot = is_foot || row.name == "rest";
    Cell share = number_cell(row.share);
    if (row.share) share.text = fmt::format("{:.1f}", *row.share);
    (is_foot ? table.foot : table.rows)
        .push_back({{row.name, {}},
                    number_cell(row.least),
                    number_cell(row.mean),
                    number_cell(row.most),
                    share,
                    {row.slowest, {}}});
  }
  return table_html(table);
}

std::string list_html(const std::vector<std::string>& texts) {
  std::string items;
  for (const std::string& text : texts) items += "<li>" + escaped(text) + "</li>\n";
  return "<ul class=\"notes\">\n" + items + "</ul>\n";
}

Table fits_table(const HtmlReport& report) {
  Table table{
      "All fits; the best of each k has the least loss",
      {"folder", "k", "seed", "loss", "explained, %", "iterations", "seconds", "stopped by", "best of its k"},
      {},
      {}};
  for (const PageFit& fit : report.fits) {
    Cell loss = number_cell(fit.row.cost.loss), seed{fit.row.seed, {}};
    if (loss.value) loss.text = fmt::format("{:.9g}", *loss.value);
    table.rows.push_back({{fit.folder, {}},
                          {fmt::format("{}", fit.row.components), static_cast<double>(fit.row.components)},
                          seed,
                          loss,
                          number_cell(100 * fit.row.explained_variance),
                          {fmt::format("{}", fit.row.iterations), static_cast<double>(fit.row.iterations)},
                          number_cell(fit.row.seconds),
                          {fit.row.stop_reason, {}},
                          {fit.row.best ? "best" : "", {}}});
  }
  return table;
}

/// Loss of the best of each k.
Picture losses_over_k(const HtmlReport& report) {
  Picture picture;
  picture.title = "Loss over the number of components";
  picture.x = "Number of components k";
  picture.y = "Loss";
  Line best{"best of each k", {}};
  for (const PageFit& fit : report.fits) {
    if (fit.row.best) best.points.push_back({static_cast<double>(fit.row.components), fit.row.cost.loss});
  }
  picture.lines = {best};
  picture.log_y = spans_much(picture.lines);
  return picture;
}

}  // namespace

std::string asked_section(const RunRows& rows) {
  return section_html("asked", "What was asked", rows_html("Data, model, and when to stop", rows.asked));
}

std::string result_section(const HtmlReport& report, const RunRows& rows) {
  std::vector<ReportRow> ended = rows.ended;
  const double explained = summary_row(report.run).explained_variance;
  if (std::isfinite(explained)) ended.push_back({"explained variance", fmt::format("{:.4g} %", 100 * explained)});
  if (const auto dead = report.run.number("/dead_components"); dead && *dead > 0) {
    ended.push_back({"dead components", fmt::format("{:.0f}", *dead)});
  }
  std::string means;
  const auto coherence = report.topics.is_object() ? report.topics.value("coherence", nlohmann::ordered_json())
                                                   : nlohmann::ordered_json();
  for (const auto& [field, name] : {std::pair{"umass", "UMass"}, {"npmi", "NPMI"}, {"c_v", "C_v"}}) {
    if (!coherence.is_object() || !coherence.contains(field) || !coherence[field].is_number()) continue;
    means += fmt::format("{}{} {:.4g}", means.empty() ? "" : ", ", name, coherence[field].get<double>());
  }
  if (!means.empty()) ended.push_back({"mean coherence", means});
  return section_html("result", "How it ended", rows_html("Quality of the result", ended));
}

std::string fits_section(const HtmlReport& report) {
  if (report.fits.empty()) return "";
  return section_html("fits", "Fits compared",
                      chart_html(losses_over_k(report), "losses") + table_html(fits_table(report)) +
                          "<p>The least loss of all: " + escaped(report.of_fit) +
                          ". What follows is of this fit, unless it names another k.</p>\n");
}

std::string curve_section(const HtmlReport& report) {
  Picture picture;
  picture.title = "Reconstruction error over the number of updates";
  picture.x = "Number of updates";
  picture.y = "Reconstruction error";
  for (const Curve& curve : report.curves) {
    Line line{curve.title, {}};
    for (const TraceRow& row : curve.trace) {
      line.points.push_back({static_cast<double>(row.iteration), row.cost.reconstruction_error});
    }
    picture.lines.push_back(std::move(line));
  }
  picture.log_y = spans_much(picture.lines);
  const std::string chart = chart_html(picture, "cost");
  return section_html("curve", "Cost over updates",
                      chart.empty() ? "<p class=\"soft\">There is no cost to draw: no trace.csv with a "
                                      "reconstruction error is in the folder.</p>\n"
                                    : chart);
}

std::string times_section(const RunRows& rows) {
  const std::string where = rows_html("Ranks, hosts and versions", rows.where);
  const std::string balance = rows_html("Work, speed, messages and memory of the ranks", rows.balance);
  const std::string phases = phases_html(rows.seconds);
  return section_html("times", "Times and balance",
                      (where.empty() ? "" : "<h3>Ran on</h3>\n" + where) +
                          (phases.empty() ? "" : "<h3>Seconds</h3>\n" + phases) +
                          (balance.empty() ? "" : "<h3>Balance</h3>\n" + balance));
}

std::string notes_section(const RunRows& rows) {
  const std::string warnings = rows.warnings.empty() ? "<p>None were given.</p>\n" : list_html(rows.warnings);
  const std::string hints = rows.hints.empty() ? "<p>None: nothing stands out.</p>\n" : list_html(rows.hints);
  return section_html("notes", "Warnings and hints",
                      "<h3>Warnings</h3>\n" + warnings + "<h3>Hints</h3>\n" + hints);
}

}  // namespace mpinmf::report::html
