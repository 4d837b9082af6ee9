// The sections of the page, in the order in which they stand there. Each is empty where there is nothing to say.
#pragma once

#include <string>

#include "report/html_report.hpp"
#include "report/run_rows.hpp"

namespace mpinmf::report::html {

std::string asked_section(const RunRows& rows);
std::string result_section(const HtmlReport& report, const RunRows& rows);
std::string survey_section(const PageSurvey& survey);
std::string fits_section(const HtmlReport& report);
std::string curve_section(const HtmlReport& report);
std::string components_section(const HtmlReport& report);
std::string topics_section(const nlohmann::ordered_json& topics);
std::string labels_section(const nlohmann::ordered_json& topics);
std::string times_section(const RunRows& rows);
std::string notes_section(const RunRows& rows);

/// A picture, as a part of a section.
std::string figure_html(const PageImage& image);

}  // namespace mpinmf::report::html
