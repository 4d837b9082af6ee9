// Where fits leave what.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "mpinmf/options.hpp"

namespace mpinmf::cli {

/// What one fit leaves in its folder.
inline constexpr std::array<const char*, 7> fit_result_names = {"run.json",  "W.npy",    "H.npy",   "D.npy",
                                                                "trace.csv", "cost.svg", "cost.png"};
/// What several fits leave beside their folders k*/seed*.
inline constexpr std::array<const char*, 3> summary_names = {"summary.csv", "summary.svg", "summary.png"};

/// "k20/seed3". A seed of more digits than a file name is shortened to some of them and its 64-bit key.
std::string series_folder(Index components, const Seed& seed);

/// The results of one or several fits that lie in `folder` now: those that say that all is complete first.
std::vector<std::filesystem::path> results_in(const std::filesystem::path& folder);
/// Removes them, but for those in `folder` itself that are named in `keep`, and the folders below that are empty
/// then. Throws nothing: what cannot be removed stays.
void remove_results_in(const std::filesystem::path& folder, const std::vector<std::string>& keep);

/// A fit beside that in `folder`, of the same k in the same series, which has W.npy; empty: there is none.
std::filesystem::path sibling_with_w(const std::filesystem::path& folder);

/// Throws UsageError, naming those there are, when `folder` holds several fits where one is needed.
void require_single_fit(const std::string& folder);

}  // namespace mpinmf::cli
