// The page: its skeleton, and its sections in their order.
#include <fmt/core.h>

#include "markup.hpp"
#include "report/html_report.hpp"
#include "sections.hpp"
#include "style.hpp"

namespace mpinmf::report {
namespace {

struct PageSection {
  const char *id, *title;
  std::string html;
};

std::string contents_html(const std::vector<PageSection>& sections) {
  std::string items;
  for (const PageSection& section : sections) {
    if (!section.html.empty())
      items += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, section.title);
  }
  return "<nav aria-label=\"Contents\"><ul>\n" + items + "</ul></nav>\n";
}

}  // namespace

std::string html_report(const HtmlReport& report) {
  const RunRows rows = run_rows(report.run);
  const std::vector<PageSection> sections = {{"asked", "Asked", html::asked_section(rows)},
                                             {"result", "Result", html::result_section(report, rows)},
                                             {"survey", "Survey", html::survey_section(report.survey)},
                                             {"fits", "Fits", html::fits_section(report)},
                                             {"curve", "Cost", html::curve_section(report)},
                                             {"components", "Components", html::components_section(report)},
                                             {"topics", "Topics", html::topics_section(report.topics)},
                                             {"labels", "Labels", html::labels_section(report.topics)},
                                             {"times", "Times", html::times_section(rows)},
                                             {"notes", "Notes", html::notes_section(rows)}};
  const std::string title = html::escaped(report.folder);
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
      title + " - mpinmf report</title>\n<style>" + std::string(html::style) +
      "</style>\n</head>\n<body>\n<header>\n<h1>Factorization in " + title + "</h1>\n</header>\n" +
      contents_html(sections) + "<main>\n";
  for (const PageSection& section : sections) page += section.html;
  const std::string version = report.run.text("/versions/mpinmf");
  return page + "</main>\n<footer>Made by mpinmf report from " + html::escaped(report.of_fit) +
         (version.empty() ? "" : ", which mpinmf " + html::escaped(version) + " wrote") + ".</footer>\n<script>" +
         std::string(html::script) + "</script>\n</body>\n</html>\n";
}

}  // namespace mpinmf::report
