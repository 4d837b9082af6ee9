#include "html_page.hpp"

#include <fmt/core.h>

#include <array>
#include <filesystem>

#include "io/unfinished.hpp"
#include "mpinmf/error.hpp"
#include "report/html_report.hpp"
#include "report/text_file.hpp"
#include "report/topic_files.hpp"
#include "report/trace_csv.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct PictureText {
  const char *stem, *title, *alt;
};
/// Those of mpinmf components. Numbers behind a picture stand in the tables, as far as they fit.
constexpr std::array<PictureText, 7> picture_texts = {
    {{"components", "Components as images", "The rows of H as images in a grid, one for each component."},
     {"curves", "Components as curves", "The rows of H as curves, a panel for each component."},
     {"terms", "Leading terms", "Bars for the terms that weigh most, a panel for each component."},
     {"maps", "Abundance maps", "The columns of W as maps, one for each component."},
     {"reconstruction", "Data and reconstruction", "Chosen rows of V beside the same rows of W H."},
     {"heat_map", "What each row is made of",
      "A heat map of the share of each component in the rows of V, ordered by their strongest component."},
     {"residual", "What is left", "Norms of V and of what W H leaves of it, by row and by column."}}};

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// SVG, which is sharp at any size, rather than PNG.
std::vector<report::PageImage> images_in(const fs::path& folder) {
  std::vector<report::PageImage> images;
  for (const PictureText& picture : picture_texts) {
    for (const bool is_svg : {true, false}) {
      const fs::path path = folder / (std::string(picture.stem) + (is_svg ? ".svg" : ".png"));
      if (!is_file(path)) continue;
      images.push_back({picture.title, picture.alt, is_svg, report::read_text_file(path.string())});
      break;
    }
  }
  return images;
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

void write_page(const std::string& path, const std::string& folder, const report::JsonFields& run,
                const std::vector<EndedFit>& fits) {
  const std::string of_fit = fits.empty() ? folder : best_of(fits).folder;
  report::HtmlReport page{folder, of_fit, run, {}, curves_of(folder, fits), images_in(of_fit), topics_in(of_fit)};
  for (const EndedFit& fit : fits) page.fits.push_back({fit.folder, fit.row});
  const std::string text = report::html_report(page), unfinished = path + ".partial";
  remember_unfinished(unfinished, false);
  report::replace_text_file(path, text);
  forget_unfinished(unfinished);
  fmt::print("wrote {}\n", path);
}

}  // namespace mpinmf::cli
