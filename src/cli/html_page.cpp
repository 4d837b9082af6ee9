#include "html_page.hpp"

#include <fmt/core.h>

#include <filesystem>

#include "cli/fit/results.hpp"
#include "io/unfinished.hpp"
#include "mpinmf/error.hpp"
#include "page_pictures.hpp"
#include "report/names.hpp"
#include "report/survey.hpp"
#include "report/text_file.hpp"
#include "report/topic_files.hpp"
#include "report/trace_csv.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

Json topics_in(const fs::path& folder) {
  const fs::path path = folder / report::topics_json_file;
  if (!is_file(path)) return {};
  try {
    return Json::parse(report::read_text_file(path.string()));
  } catch (const Json::exception& error) {
    throw BadData(fmt::format("{} is broken: {}; mpinmf topics writes it anew", path.string(), error.what()));
  }
}

void add_curve(const fs::path& folder, const std::string& title, std::vector<report::Curve>& curves) {
  const fs::path path = folder / "trace.csv";
  if (!is_file(path)) return;  // of transform, say
  curves.push_back({title, report::parse_trace_csv(report::read_text_file(path.string()), path.string())});
}

std::vector<report::Curve> curves_of(const fs::path& folder, const std::vector<EndedFit>& fits) {
  std::vector<report::Curve> curves;
  if (fits.empty()) add_curve(folder, "cost", curves);
  for (const EndedFit& fit : fits) {
    if (fit.row.best) add_curve(fit.folder, fmt::format("k = {}", fit.row.components), curves);
  }
  return curves;
}

}  // namespace

void require_free_page(const std::string& path, bool force) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return;
  if (!is_file(path)) throw UsageError(fmt::format("{} is not a file: give another name after --html", path));
  if (!force) {
    throw UsageError(fmt::format("{} is there already: give another --html, or --force to replace it", path));
  }
}

report::PageSurvey survey_in(const std::string& folder) {
  report::PageSurvey survey;
  const fs::path table = fs::path(folder) / survey_file, suggested = fs::path(folder) / suggestions_file;
  if (is_file(table)) survey.table = report::read_text_file(table.string());
  if (!is_file(suggested)) return survey;  // as older versions had it
  survey.suggestions = report::parse_suggestions(report::read_text_file(suggested.string()), suggested.string());
  return survey;
}

void write_page(const std::string& path, const std::string& folder, const report::JsonFields& run,
                const std::vector<EndedFit>& fits, const ComponentsArguments& images) {
  const std::string of_fit = fits.empty() ? folder : best_of(fits).folder;
  report::HtmlReport page{folder, of_fit,           run, {}, curves_of(folder, fits), {}, {}, topics_in(of_fit),
                          false,  survey_in(folder)};
  page.has_names = is_file(fs::path(of_fit) / report::column_names_file);
  for (const EndedFit& fit : fits) page.fits.push_back({fit.folder, fit.row, {}});
  add_pictures(page, images);
  const std::string text = report::html_report(page), unfinished = path + ".partial";
  remember_unfinished(unfinished, false);
  report::replace_text_file(path, text);
  forget_unfinished(unfinished);
  fmt::print("wrote {}\n", path);
}

}  // namespace mpinmf::cli
