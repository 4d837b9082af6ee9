#include "kinds.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "images.hpp"
#include "report/component_pictures.hpp"
#include "report/residual.hpp"
#include "topics/terms.hpp"

namespace mpinmf::cli {
namespace {

std::span<const double> component(const Fitted& f, Index c) {
  return {f.h().row(c), static_cast<std::size_t>(f.columns())};
}

Index panels_of(const Fitted& f) {
  return std::min(f.components(), static_cast<Index>(report::most_panels));
}

/// H's rows, each as shares of its largest number: their scale is arbitrary, W's columns have the other half of
/// it. Four have room in one panel.
Drawing prepare_curves(const Fitted& f) {
  constexpr Index in_one_panel = 4;
  const std::vector<double> axis = f.axis();
  report::CurvePicture picture{f.axis_name(), "share of the largest", f.asked().logarithmic, false, {}};
  if (f.components() <= in_one_panel) picture.panels.emplace_back();
  for (Index c = 0; c < panels_of(f); ++c) {
    std::vector<report::Line::Point> points = report::curve_points(component(f, c), axis);
    double most = 0;
    for (const auto& point : points) most = std::max(most, point.y);
    for (auto& point : points) point.y /= most > 0 ? most : 1;
    const std::string number = fmt::format("component {}", c);
    if (f.components() <= in_one_panel) {
      picture.panels[0].lines.push_back({number, std::move(points)});
    } else {
      picture.panels.push_back({number, {{number, std::move(points)}}});
    }
  }
  return [picture = std::move(picture)](const std::string& stem) { return report::draw_curves(picture, stem); };
}

std::vector<report::TermPanel::Term> heaviest(std::span<const double> weights,
                                              const std::vector<std::string>& names, Index wanted) {
  std::vector<report::TermPanel::Term> terms;
  for (const Index j : topics::heaviest_features(weights, wanted)) {
    const auto at = static_cast<std::size_t>(j);
    terms.push_back({names[at], weights[at]});
  }
  return terms;
}

Drawing prepare_terms(const Fitted& f) {
  const auto names = f.feature_names();
  if (!names) {
    throw UsageError(
        "--bars: nothing says what V's columns are called: name a file of that, one name a line, with "
        "--feature-names");
  }
  std::vector<report::TermPanel> panels;
  for (Index c = 0; c < panels_of(f); ++c) {
    panels.push_back({fmt::format("component {}", c), heaviest(component(f, c), *names, f.asked().terms)});
    if (panels.back().terms.empty()) panels.back().title += ": no terms";
  }
  return [panels = std::move(panels)](const std::string& stem) { return report::draw_terms(panels, stem); };
}

Drawing prepare_heat_map(const Fitted& f) {
  std::vector<double> sums;
  for (Index c = 0; c < f.components(); ++c) {
    const auto row = component(f, c);
    sums.push_back(std::accumulate(row.begin(), row.end(), 0.0));
  }
  report::HeatMap map = report::heat_map([&](const auto& take) { f.walk_w(take); }, sums);
  return [map = std::move(map)](const std::string& stem) { return report::draw_heat_map(map, stem); };
}

Drawing prepare_residual(const Fitted& f) {
  const Index rows = f.w_rows();
  std::vector<double> axis = f.axis();
  report::Norms norms = report::residual_norms(
      f.data(), f.data_options(), [&](Index first, Index count) { return f.read_w(first, count); }, rows, f.h());
  return [norms = std::move(norms), axis = std::move(axis)](const std::string& stem) {
    return report::draw_residual(norms, axis, stem);
  };
}

bool never(const Fitted&) {
  return false;
}

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

constexpr std::array<PictureKind, 7> kinds = {{
    {"components", report::most_tiles, [](const ComponentsArguments& a) { return !a.image.empty(); }, never,
     prepare_images},
    {"reconstruction", all, [](const ComponentsArguments& a) { return !a.rows.empty(); }, never,
     prepare_reconstruction},
    {"maps", report::most_tiles, [](const ComponentsArguments& a) { return !a.map.empty(); }, never, prepare_maps},
    {"curves", report::most_panels, [](const ComponentsArguments& a) { return a.curves; },
     [](const Fitted& f) { return !f.feature_names(); }, prepare_curves},
    {"terms", report::most_panels, [](const ComponentsArguments& a) { return a.bars; },
     [](const Fitted& f) { return f.feature_names().has_value(); }, prepare_terms},
    {"heat_map", all, [](const ComponentsArguments& a) { return a.heat_map; },
     [](const Fitted& f) { return f.has_w(); }, prepare_heat_map},
    {"residual", all, [](const ComponentsArguments& a) { return a.residual; }, never, prepare_residual},
}};

}  // namespace

std::span<const PictureKind> picture_kinds() {
  return kinds;
}

std::vector<const PictureKind*> chosen_kinds(const Fitted& fitted) {
  const ComponentsArguments& a = fitted.asked();
  const bool asked = std::any_of(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.is_asked(a); });
  std::vector<const PictureKind*> chosen;
  for (const PictureKind& kind : kinds) {
    if (asked ? kind.is_asked(a) : kind.suits(fitted)) chosen.push_back(&kind);
  }
  return chosen;
}

}  // namespace mpinmf::cli
