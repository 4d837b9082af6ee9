#include "fit_results.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "mpinmf/error.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* components_prefix = "k";
constexpr const char* seed_prefix = "seed";

template <class Names>
void add_existing(const fs::path& folder, const Names& names, std::vector<fs::path>& found) {
  for (const char* name : names) {
    std::error_code ignored;
    if (fs::exists(folder / name, ignored)) found.push_back(folder / name);
  }
}

/// The folders in `folder` whose names are `prefix` and a number, sorted.
std::vector<fs::path> numbered_folders(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool fits = name.size() > prefix.size() && name.rfind(prefix, 0) == 0 && name[prefix.size()] >= '0' &&
                      name[prefix.size()] <= '9';
    std::error_code ignored;
    if (fits && entry->is_directory(ignored)) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<fs::path> folders_of_series(const fs::path& folder) {
  std::vector<fs::path> all;
  for (const fs::path& of_k : numbered_folders(folder, components_prefix)) {
    for (const fs::path& of_seed : numbered_folders(of_k, seed_prefix)) all.push_back(of_seed);
  }
  return all;
}

}  // namespace

std::string series_folder(Index components, const Seed& seed) {
  constexpr std::size_t most_digits = 40, digits_shown = 16;
  std::string text = seed.text();
  if (text.size() > most_digits) text = fmt::format("{}-{:016x}", text.substr(0, digits_shown), seed.key());
  return fmt::format("{}{}/{}{}", components_prefix, components, seed_prefix, text);
}

fs::path sibling_with_w(const fs::path& folder) {
  const fs::path own = fs::absolute(folder / "").lexically_normal().parent_path();
  if (own.filename().string().rfind(seed_prefix, 0) != 0) return {};
  for (const fs::path& of_seed : numbered_folders(own.parent_path(), seed_prefix)) {
    std::error_code ignored;
    if (fs::exists(of_seed / "W.npy", ignored)) return folder / ".." / of_seed.filename();
  }
  return {};
}

std::vector<fs::path> results_in(const fs::path& folder) {
  std::vector<fs::path> found;
  add_existing(folder, summary_names, found);
  add_existing(folder, fit_result_names, found);
  for (const fs::path& one : folders_of_series(folder)) add_existing(one, fit_result_names, found);
  return found;
}

void remove_results_in(const fs::path& folder, const std::vector<std::string>& keep) {
  std::error_code ignored;
  const std::vector<fs::path> below = folders_of_series(folder);
  const auto is_kept = [&](const fs::path& path) {
    return path.parent_path() == folder && std::find(keep.begin(), keep.end(), path.filename()) != keep.end();
  };
  for (const fs::path& path : results_in(folder)) {
    if (!is_kept(path)) fs::remove(path, ignored);
  }
  for (const fs::path& one : below) {
    fs::remove(one, ignored);
    fs::remove(one.parent_path(), ignored);
  }
}

void require_single_fit(const std::string& folder) {
  std::error_code ignored;
  const fs::path path(folder);
  if (fs::exists(path / "H.npy", ignored) || fs::exists(path / "trace.csv", ignored)) return;
  const std::vector<fs::path> fits = folders_of_series(path);
  if (fits.empty()) return;
  const auto complete = std::find_if(fits.begin(), fits.end(),
                                     [&](const fs::path& fit) { return fs::exists(fit / "W.npy", ignored); });
  throw UsageError(
      fmt::format("{} holds several fits (its summary.csv and summary.svg compare them): name one, such as {}",
                  folder, (complete != fits.end() ? *complete : fits.front()).string()));
}

}  // namespace mpinmf::cli
