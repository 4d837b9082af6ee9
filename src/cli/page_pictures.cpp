#include "page_pictures.hpp"

#include <fmt/core.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>
#include <vector>

#include "cli/components/kinds.hpp"
#include "cli/fit/results.hpp"
#include "io/unfinished.hpp"
#include "mpinmf/error.hpp"
#include "report/run_rows.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

/// Of a series, so many values of k have a picture: each may add 100 kB and more to the page.
constexpr std::size_t most_pictured = 6;

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

/// The first of them show the components themselves.
constexpr std::size_t texts_of_components = 3;

bool has_picture(const fs::path& folder, const std::string& stem) {
  std::error_code ignored;
  return fs::is_regular_file(folder / (stem + ".svg"), ignored) ||
         fs::is_regular_file(folder / (stem + ".png"), ignored);
}

/// A folder of its own in that for temporary files, gone with its pictures at the end, or on a signal.
class TemporaryPictures {
 public:
  TemporaryPictures() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "mpinmf-report-XXXXXX").string();
    if (error) {
      throw SystemError("TMPDIR does not name a folder for temporary files: " + error.message());
    }
    if (::mkdtemp(name.data()) == nullptr) {
      throw SystemError(fmt::format("cannot make the folder {}: {}", name, std::strerror(errno)));
    }
    path_ = name;
    remember_unfinished(name, true);
  }
  ~TemporaryPictures() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    for (const std::string& file : files_) forget_unfinished(file);
    forget_unfinished(path_.string());
  }
  TemporaryPictures(const TemporaryPictures&) = delete;
  TemporaryPictures& operator=(const TemporaryPictures&) = delete;

  const fs::path& path() const { return path_; }
  /// Draws and returns what is in the way, or nothing.
  std::string draw(const char* stem, const Drawing& drawing) {
    const std::string base = (path_ / stem).string();
    for (const char* ending : {".svg", ".png"}) {
      files_.push_back(base + ending);
      remember_unfinished(files_.back(), false);
    }
    return drawing(base);
  }

 private:
  fs::path path_;
  std::vector<std::string> files_;
};

/// SVG, which is sharp at any size, rather than PNG.
void add_image(const fs::path& folder, const PictureText& text, std::size_t components,
               std::vector<report::PageImage>& images) {
  const auto kinds = picture_kinds();
  const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                 [&](const PictureKind& one) { return std::strcmp(one.stem, text.stem) == 0; });
  std::string title = text.title;
  if (kind != kinds.end() && components > kind->most) {
    title += fmt::format(": the first {} of {}", kind->most, components);
  }
  std::error_code ignored;
  const bool is_svg = fs::is_regular_file(folder / (std::string(text.stem) + ".svg"), ignored);
  const fs::path path = folder / (std::string(text.stem) + (is_svg ? ".svg" : ".png"));
  images.push_back({title, text.alt, is_svg, report::read_text_file(path.string())});
}

/// The k of a survey whose clusters are shown, up to most_pictured: those that are suggested before others.
std::set<Index> pictured_components(const report::HtmlReport& page) {
  std::set<Index> shown;
  for (const stability::Suggestion& s : page.survey.suggestions) {
    if (s.k && shown.size() < most_pictured) shown.insert(*s.k);
  }
  for (const report::PageFit& fit : page.fits) {
    if (shown.size() < most_pictured) shown.insert(fit.row.components);
  }
  return shown;
}

/// Those that a survey has left: others are not drawn.
void add_survey_pictures(report::HtmlReport& page) {
  constexpr PictureText curves = {survey_stem, "Curves over the number of components",
                                  "Over k: the losses of all fits as boxes, and the measures of each convention."},
                        clusters = {clustering_stem, "Spectra of all fits by cluster",
                                    "The distances between all spectra, cluster by cluster, and a histogram of "
                                    "their local densities."};
  report::PageSurvey& survey = page.survey;
  if (survey.table.empty()) return;
  if (has_picture(page.folder, curves.stem)) add_image(page.folder, curves, 0, survey.images);
  const std::set<Index> shown = pictured_components(page);
  std::set<Index> seen;
  for (const report::PageFit& fit : page.fits) {
    const Index k = fit.row.components;
    const fs::path folder = fs::path(page.folder) / components_folder(k);
    if (!seen.insert(k).second || !has_picture(folder, clusters.stem)) continue;
    if (shown.contains(k)) {
      add_image(folder, clusters, 0, survey.images);
      survey.images.back().title += fmt::format(", k = {}", k);
    } else {
      survey.not_pictured.push_back((folder / clustering_names.front()).string());
    }
  }
}

/// The pictures of one fit after the other.
class Painter {
 public:
  explicit Painter(const ComponentsArguments& asked) : asked_(asked) {}

  /// All of a fit, or the first of its components only.
  std::vector<report::PageImage> pictures(const std::string& folder, std::size_t components, bool all) {
    std::vector<fs::path> places{folder};
    const auto drawn = draw(folder, all);
    if (drawn) places.insert(places.begin(), drawn->path());
    std::vector<report::PageImage> images;
    for (std::size_t i = 0; i < (all ? picture_texts.size() : texts_of_components); ++i) {
      const PictureText& text = picture_texts[i];
      const auto place = std::find_if(places.begin(), places.end(),
                                      [&](const fs::path& one) { return has_picture(one, text.stem); });
      if (place != places.end()) add_image(*place, text, components, images);
      if (!all && !images.empty()) break;
    }
    return images;
  }

 private:
  bool needs(const fs::path& folder) const {
    if (!asked_.image.empty()) return true;
    const auto shown = std::find_if(picture_texts.begin(), picture_texts.begin() + texts_of_components,
                                    [&](const PictureText& text) { return has_picture(folder, text.stem); });
    if (shown != picture_texts.begin() + texts_of_components) return false;
    std::error_code ignored;
    return fs::exists(folder / "H.npy", ignored);  // none where NEW was transformed
  }

  /// Nothing where nothing is to be drawn, or cannot be.
  std::unique_ptr<TemporaryPictures> draw(const std::string& folder, bool all) {
    if (is_hindered_ || !needs(folder)) return nullptr;
    ComponentsArguments own = asked_;
    own.folder = folder;
    const Fitted fitted(own);
    own.heat_map = !own.image.empty() && fitted.has_w();
    std::vector<const PictureKind*> kinds = chosen_kinds(fitted);
    if (!all) kinds.resize(std::min<std::size_t>(1, kinds.size()));
    std::vector<Drawing> drawings;
    for (const PictureKind* kind : kinds) drawings.push_back(kind->prepare(fitted));
    std::string fault;
    try {
      auto drawn = std::make_unique<TemporaryPictures>();
      for (std::size_t i = 0; i < kinds.size() && fault.empty(); ++i) {
        fault = drawn->draw(kinds[i]->stem, drawings[i]);
      }
      if (fault.empty()) return drawn;
    } catch (const SystemError& error) {
      fault = error.what();
    }
    is_hindered_ = true;
    report::note("no pictures of components were drawn for the page: " + fault);
    return nullptr;
  }

  const ComponentsArguments& asked_;
  bool is_hindered_ = false;
};

}  // namespace

void add_pictures(report::HtmlReport& page, const ComponentsArguments& asked) {
  add_survey_pictures(page);
  Painter painter(asked);
  const auto components = static_cast<std::size_t>(report::summary_row(page.run).components);
  page.images = painter.pictures(page.of_fit, components, true);
  std::size_t pictured = 1;
  for (report::PageFit& fit : page.fits) {
    if (!fit.row.best || fit.folder == page.of_fit) continue;
    if (pictured++ < most_pictured) {
      fit.images = painter.pictures(fit.folder, static_cast<std::size_t>(fit.row.components), false);
    } else {
      page.not_pictured.push_back(fit.folder);
    }
  }
}

}  // namespace mpinmf::cli
