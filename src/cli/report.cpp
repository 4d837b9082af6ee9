// mpinmf report: run.json of a result folder as a page. Starts no MPI.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <vector>

#include "cli/fit/several_fits.hpp"
#include "cli/process/run_lock.hpp"
#include "command.hpp"
#include "html_page.hpp"
#include "mpinmf/error.hpp"
#include "report/counted.hpp"
#include "report/run_report.hpp"
#include "report/survey.hpp"
#include "report/text_file.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* record_name = "run.json";

struct ReportArguments {
  std::string folder, html;
  bool force = false;
  ComponentsArguments images;
};

std::vector<EndedFit> series_in(const fs::path& folder) {
  std::vector<EndedFit> fits = ended_fits_in(folder);
  if (fits.empty()) {
    std::error_code ignored;
    const bool runs = fs::exists(lock_path(folder.string()), ignored);
    throw SystemError(fmt::format("{} does not exist: {}", (folder / record_name).string(),
                                  runs ? "a fit writes it when it ends, and one is at work there (or was killed)"
                                       : "name the folder that fit or transform wrote (--output)"));
  }
  return fits;
}

void report_series(const fs::path& folder, const std::vector<EndedFit>& fits) {
  const EndedFit& best = best_of(fits);
  fmt::print("{}: {}; * marks the best of each k\n{}", folder.string(), report::counted(fits.size(), "fit"),
             report::summary_head());
  for (const EndedFit& fit : fits) fmt::print("{}", report::summary_line(fit.row));
  const std::vector<stability::Suggestion> suggestions = survey_in(folder.string()).suggestions;
  if (!suggestions.empty()) fmt::print("\n{}", report::suggestions_text(suggestions));
  fmt::print("\nThe least loss of all: {}. For another: mpinmf report {}\n\n{}", best.folder, fits.front().folder,
             report::run_report(best.run));
}

void write_report(const ReportArguments& a) {
  const fs::path folder(a.folder);
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) throw SystemError(fmt::format("{} does not exist", a.folder));
  if (!fs::is_directory(folder, ignored)) {
    throw UsageError(fmt::format("{} is not a folder: name the one that holds run.json", a.folder));
  }
  if (!a.html.empty()) require_free_page(a.html, a.force);
  const fs::path path = folder / record_name;
  if (!fs::exists(path, ignored)) {
    const std::vector<EndedFit> fits = series_in(folder);
    return a.html.empty() ? report_series(folder, fits)
                          : write_page(a.html, a.folder, best_of(fits).run, fits, a.images);
  }
  const report::JsonFields run(report::read_text_file(path.string()), path.string());
  if (!a.html.empty()) return write_page(a.html, a.folder, run, {}, a.images);
  fmt::print("{}\n\n{}", path.string(), report::run_report(run));
}

}  // namespace

Command add_report(CLI::App& program) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* app = program.add_subcommand(
      "report", "how a run went, from its run.json: result, places, times, balance, memory, and hints");
  app->add_option("DIR", arguments->folder,
                  "the folder a fit or transform wrote; of several fits the best is shown")
      ->required();
  auto* html = app->add_option("--html", arguments->html,
                               "write a page for a browser instead, with the curve, pictures of components and "
                               "the topics that mpinmf topics left in DIR: one file that needs no other");
  app->add_flag("--force", arguments->force, "replace the page")->needs(html);
  add_image_options(*app, arguments->images);
  for (const char* name : {"--image", "--channels", "--order"}) app->get_option(name)->needs(html);
  return {app, [arguments] { check_components_arguments(arguments->images); },
          [arguments](const Comm&) { write_report(*arguments); }, false};
}

}  // namespace mpinmf::cli
