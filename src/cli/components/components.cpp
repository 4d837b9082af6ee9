// mpinmf components: pictures of what a fit has found. Starts no MPI.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/whole_number.hpp"
#include "kinds.hpp"
#include "report/gnuplot.hpp"
#include "report/say.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::pair<const PictureKind*, Drawing>> prepared(const Fitted& fitted) {
  std::vector<std::pair<const PictureKind*, Drawing>> drawings;
  for (const PictureKind* kind : chosen_kinds(fitted)) drawings.emplace_back(kind, kind->prepare(fitted));
  return drawings;
}

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw SystemError(fmt::format("cannot make the folder {}: {}", folder, error.message()));
}

void draw_components(const ComponentsArguments& a) {
  const Fitted fitted(a);
  const auto drawings = prepared(fitted);
  const std::string folder = a.output.empty() ? fitted.model().folder : a.output;
  make_folder(folder);
  for (const auto& [kind, draw] : drawings) {
    const std::string stem = (fs::path(folder) / kind->stem).string();
    const std::string fault = draw(stem);
    if (fault.empty()) {
      fmt::print("wrote {0}.svg and {0}.png\n", stem);
      const auto components = static_cast<std::size_t>(fitted.components());
      if (components > kind->most) {
        report::note(fmt::format("{}.svg shows the first {} of {} components", stem, kind->most, components));
      }
      continue;
    }
    const std::string message = fmt::format("{0}.svg and {0}.png were not drawn: {1}", stem, fault);
    if (fault != report::no_gnuplot) throw SystemError(message);
    report::note(message);
    return;
  }
}

void add_pictures_of_rows(CLI::App& app, ComponentsArguments& a) {
  app.add_option(
         "--rows", a.rows,
         "rows of V, counted from 0: each beside its reconstruction in W H, in reconstruction.svg and .png; "
         "as images with --image, else as curves")
      ->delimiter(',')
      ->transform(whole_number<Index>());
  app.add_option("--map", a.map,
                 "HEIGHTxWIDTH: W's columns as maps, where V's rows are pixels, in maps.svg and .png");
}

void add_other_pictures(CLI::App& app, ComponentsArguments& a) {
  app.add_flag("--curves", a.curves, "H's rows as lines, such as spectra, in curves.svg and .png");
  app.add_option(
      "--axis", a.axis,
      "what curves are drawn over: a number for each column of V, one a line or in a .npy file; its name "
      "without ending is written below");
  app.add_flag("--log", a.logarithmic, "curves on a logarithmic axis");
  app.add_flag("--bars", a.bars, "the terms that weigh most in each row of H, in terms.svg and .png");
  add_whole_number(app, "--terms", a.terms, "how many of them")->capture_default_str();
  app.add_option("--feature-names", a.feature_names,
                 "what V's columns are called, one name a line; default: column_names.txt in DIR, else the names "
                 "that V has");
  app.add_flag("--heat-map", a.heat_map,
               "W with rows in the order of their strongest component, in heat_map.svg and .png");
  app.add_flag("--residual", a.residual,
               "norms of V's rows and columns, and of what W H leaves of them, in residual.svg and .png");
}

}  // namespace

Command add_components(CLI::App& program) {
  auto arguments = std::make_shared<ComponentsArguments>();
  CLI::App* app = program.add_subcommand(
      "components", "pictures of what a fit has found: images, maps, curves, terms, a heat map (needs gnuplot)");
  app->add_option("DIR", arguments->folder,
                  "the folder that a fit wrote; of several fits the best is taken. Without other options: terms "
                  "where V's columns have names, else curves; and the heat map")
      ->required();
  add_image_options(*app, *arguments);
  add_pictures_of_rows(*app, *arguments);
  add_other_pictures(*app, *arguments);
  app->add_option("--data", arguments->data, "V, for --rows and --residual; default: what run.json names");
  app->add_option("--output", arguments->output, "folder for the pictures; default: DIR");
  return {app, [arguments] { check_components_arguments(*arguments); },
          [arguments](const Comm&) { draw_components(*arguments); }, false};
}

}  // namespace mpinmf::cli
