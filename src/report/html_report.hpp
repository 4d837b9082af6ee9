// A report as one page of HTML that needs nothing else: no script, font or picture from elsewhere.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "json_fields.hpp"
#include "plot.hpp"
#include "stability/decide.hpp"
#include "summary.hpp"

namespace mpinmf::report {

/// A picture as `mpinmf components` leaves it: the bytes of an SVG or PNG file.
struct PageImage {
  std::string title, alt;
  bool is_svg = true;
  std::string bytes;
};

/// One of several fits.
struct PageFit {
  std::string folder;
  SummaryRow row;
  std::vector<PageImage> images;  ///< of its components, small; of the fit that is shown none
};

/// What a survey left in its folder: nothing in that of other fits.
struct PageSurvey {
  std::vector<stability::Suggestion> suggestions;
  std::string table;                      ///< survey.csv
  std::vector<PageImage> images;          ///< its curves over k, and how the spectra of some k fall into clusters
  std::vector<std::string> not_pictured;  ///< files of pictures that would be too many
};

struct HtmlReport {
  std::string folder;         ///< what was asked for
  std::string of_fit;         ///< the folder of the fit that is shown: of several the best
  JsonFields run;             ///< its run.json
  std::vector<PageFit> fits;  ///< empty for a single one
  std::vector<Curve> curves;  ///< of costs; may be empty
  std::vector<PageImage> images;
  std::vector<std::string> not_pictured;  ///< folders of fits that would be too many pictures
  nlohmann::ordered_json topics;          ///< its topics.json, or null; what is not as expected is left out
  bool has_names = false;                 ///< V's columns have names
  PageSurvey survey = {};
};

/// The page. Names and paths are text in it, whatever characters they have. Does not communicate.
std::string html_report(const HtmlReport& report);

}  // namespace mpinmf::report
