// Folders of several fits, as their readers see them: each stands for its best fit.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/json_fields.hpp"
#include "report/summary.hpp"

namespace mpinmf::cli {

/// One of several fits, as its run.json tells.
struct EndedFit {
  std::string folder;
  report::JsonFields run;
  report::SummaryRow row;
};

/// The fits below `folder` that have ended, by k and seed; the best of each k is marked. Throws BadData for a
/// broken run.json.
std::vector<EndedFit> ended_fits_in(const std::filesystem::path& folder);

/// The one that minimised most, whatever its k. @pre fits is not empty
const EndedFit& best_of(const std::vector<EndedFit>& fits);

/// One fit for each k: the folder itself where it holds a fit, or nothing that looks like several; else the best
/// of each k. `stands_for` is DIR/k20 then, or the folder itself.
struct FitOfFolder {
  std::string folder, stands_for;
};
std::vector<FitOfFolder> best_fits_in(const std::string& folder);

/// The folder of the fit that `folder` stands for: itself, or the best of those that it holds. Says so in a note
/// where `talks`. Throws SystemError where none of several has ended. Does not communicate.
std::string single_fit(const std::string& folder, bool talks);

}  // namespace mpinmf::cli
