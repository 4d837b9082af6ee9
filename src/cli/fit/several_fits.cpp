#include "several_fits.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/command.hpp"
#include "mpinmf/error.hpp"
#include "report/counted.hpp"
#include "report/run_report.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "results.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* record_name = "run.json";

bool is_better(const EndedFit& a, const EndedFit& b) {
  return report::minimised(a.row) < report::minimised(b.row);
}

/// Each k's stand together in `fits`.
void mark_best(std::vector<EndedFit>& fits) {
  for (auto first = fits.begin(); first != fits.end();) {
    const auto last = std::find_if(
        first, fits.end(), [&](const EndedFit& fit) { return fit.row.components != first->row.components; });
    std::min_element(first, last, is_better)->row.best = true;
    first = last;
  }
}

bool holds_single_fit(const fs::path& folder) {
  const auto has = [&](const char* name) {
    std::error_code ignored;
    return fs::exists(folder / name, ignored);
  };
  return has("H.npy") || has("trace.csv") || has(record_name);
}

/// Those that have ended of the fits that `folder` stands for; none: it stands for itself.
std::vector<EndedFit> several_in(const std::string& folder) {
  if (holds_single_fit(folder) || fit_folders_in(folder).empty()) return {};
  std::vector<EndedFit> fits = ended_fits_in(folder);
  if (fits.empty()) {
    throw SystemError(
        fmt::format("{0} is for several fits, of which none has ended (see mpinmf status {0})", folder));
  }
  return fits;
}

}  // namespace

std::vector<EndedFit> ended_fits_in(const fs::path& folder) {
  std::vector<EndedFit> fits;
  for (const fs::path& own : fit_folders_in(folder)) {
    const std::string path = (own / record_name).string();
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    report::JsonFields run(report::read_text_file(path), path);
    report::SummaryRow row = report::summary_row(run);
    fits.push_back({own.string(), std::move(run), std::move(row)});
  }
  mark_best(fits);
  return fits;
}

const EndedFit& best_of(const std::vector<EndedFit>& fits) {
  return *std::min_element(fits.begin(), fits.end(), is_better);
}

std::vector<FitOfFolder> best_fits_in(const std::string& folder) {
  std::vector<FitOfFolder> best;
  for (const EndedFit& fit : several_in(folder)) {
    if (fit.row.best) best.push_back({fit.folder, fs::path(fit.folder).parent_path().string()});
  }
  return best.empty() ? std::vector<FitOfFolder>{{folder, folder}} : best;
}

std::string single_fit(const std::string& folder, bool talks) {
  const std::vector<EndedFit> fits = several_in(folder);
  if (fits.empty()) return folder;
  const EndedFit& best = best_of(fits);
  const bool has_other_k = fits.front().row.components != fits.back().row.components;
  if (talks) {
    report::note(fmt::format("{} holds {}: taken is {}, which has the least loss{}", folder,
                             report::counted(fits.size(), "fit"), best.folder,
                             has_other_k ? fmt::format("; for another k name its folder, such as {}",
                                                       fs::path(fits.front().folder).parent_path().string())
                                         : ""));
  }
  return best.folder;
}

}  // namespace mpinmf::cli
