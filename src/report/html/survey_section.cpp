// What a survey left: which k each convention suggests, the figures of each k, and the pictures.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "markup.hpp"
#include "report/csv.hpp"
#include "sections.hpp"

namespace mpinmf::report::html {
namespace {

std::string suggestions_html(const std::vector<stability::Suggestion>& suggestions) {
  if (suggestions.empty()) return "";
  Table table{"Which k each convention suggests, and why", {"convention", "k", "why"}, {}, {}, false};
  for (const stability::Suggestion& s : suggestions) {
    const Cell k = s.k ? Cell{fmt::format("{}", *s.k), static_cast<double>(*s.k)} : Cell{"none", {}};
    table.rows.push_back({{s.convention, {}}, k, {s.why, {}}});
  }
  return table_html(table);
}

/// survey.csv without the columns that are empty throughout.
std::string figures_html(const std::string& csv) {
  std::istringstream in(csv);
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(csv_fields(line));
  if (lines.size() < 2) return "";
  Table table{
      "Figures of each k, as survey.csv has them", {}, std::vector<std::vector<Cell>>(lines.size() - 1), {}};
  for (std::size_t column = 0; column < lines.front().size(); ++column) {
    std::vector<Cell> cells;
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const std::string text = column < lines[i].size() ? lines[i][column] : "";
      cells.push_back(text.empty() ? Cell{} : number_cell(std::strtod(text.c_str(), nullptr)));
    }
    if (std::none_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.value.has_value(); }))
      continue;
    std::string& head = table.columns.emplace_back(lines.front()[column]);
    std::replace(head.begin(), head.end(), '_', ' ');
    for (std::size_t i = 0; i < cells.size(); ++i) table.rows[i].push_back(cells[i]);
  }
  return table_html(table);
}

}  // namespace

std::string survey_section(const PageSurvey& survey) {
  std::string html = suggestions_html(survey.suggestions) + figures_html(survey.table);
  for (const PageImage& image : survey.images)
    html += "<h3>" + escaped(image.title) + "</h3>\n" + figure_html(image);
  if (!survey.not_pictured.empty()) {
    std::string names;
    for (const std::string& path : survey.not_pictured) names += (names.empty() ? "" : ", ") + escaped(path);
    html += "<p class=\"soft\">Not shown here, as they would be too many: " + names + ".</p>\n";
  }
  return section_html("survey", "How many components", html);
}

}  // namespace mpinmf::report::html
