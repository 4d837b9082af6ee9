#include "results.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* components_prefix = "k";
constexpr const char* seed_prefix = "seed";
constexpr const char* best_name = "best";
constexpr CnmfTable cnmf_tables[] = {cnmf_usages, cnmf_spectra, cnmf_tpm_spectra, cnmf_scores,
                                     cnmf_starcat_spectra};
constexpr const char *of_group_prefix = "cross-validation-", *of_group_ending = ".json";

template <class Names>
void add_existing(const fs::path& folder, const Names& names, std::vector<fs::path>& found) {
  for (const char* name : names) {
    std::error_code ignored;
    if (fs::exists(folder / name, ignored)) found.push_back(folder / name);
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits that `text` begins with, or its first character.
std::string_view head_of(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return text.substr(0, std::max<std::size_t>(digits, 1));
}

bool is_numbered(const std::string& name, const std::string& prefix) {
  return name.size() > prefix.size() && name.starts_with(prefix) && is_digit(name[prefix.size()]);
}

/// The folders in `folder` whose names are `prefix` and a number, in the order of these.
std::vector<fs::path> numbered_folders(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (is_numbered(name, prefix) && entry->is_directory(ignored)) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end(), is_before);
  return found;
}

std::string cnmf_name(const fs::path& folder) {
  return fs::absolute(folder / "").lexically_normal().parent_path().filename().string();
}

template <class Wanted>
std::vector<fs::path> files_in(const fs::path& folder, Wanted&& is_wanted) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (is_wanted(entry->path().filename().string())) found.push_back(entry->path());
  }
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

bool is_before(const fs::path& a, const fs::path& b) {
  std::string_view rest_a = a.native(), rest_b = b.native();
  while (!rest_a.empty() && !rest_b.empty()) {
    const std::string_view head_a = head_of(rest_a), head_b = head_of(rest_b);
    if (head_a != head_b) {
      const bool are_numbers = is_digit(head_a.front()) && is_digit(head_b.front());
      return are_numbers && head_a.size() != head_b.size() ? head_a.size() < head_b.size() : head_a < head_b;
    }
    rest_a.remove_prefix(head_a.size());
    rest_b.remove_prefix(head_b.size());
  }
  return rest_a.size() < rest_b.size();
}

bool is_of_several(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return is_numbered(name, components_prefix) || is_numbered(name, seed_prefix);
}

std::string cnmf_file(const fs::path& folder, const CnmfTable& table, Index components, double density_threshold) {
  std::string threshold = fmt::format("{}", density_threshold);
  if (threshold.find_first_of(".e") == std::string::npos) threshold += ".0";  // as Python writes it
  std::replace(threshold.begin(), threshold.end(), '.', '_');
  return fmt::format("{}.{}.k_{}.dt_{}{}", cnmf_name(folder), table.name, components, threshold, table.ending);
}

std::string cnmf_genes_file(const fs::path& folder) {
  return cnmf_name(folder) + ".overdispersed_genes.txt";
}

bool is_cnmf_file(const fs::path& folder, const std::string& name) {
  const std::string start = cnmf_name(folder);
  return name == cnmf_genes_file(folder) ||
         std::any_of(std::begin(cnmf_tables), std::end(cnmf_tables), [&](const CnmfTable& table) {
           return name.starts_with(fmt::format("{}.{}.k_", start, table.name)) && name.ends_with(table.ending);
         });
}

std::string cross_validation_file_of(int group) {
  return fmt::format("{}{}{}", of_group_prefix, group, of_group_ending);
}

bool is_cross_validation_of_group(const std::string& name) {
  return is_numbered(name, of_group_prefix) && name.ends_with(of_group_ending);
}

std::vector<fs::path> cross_validations_of_groups(const fs::path& folder) {
  return files_in(folder, is_cross_validation_of_group);
}

std::string components_folder(Index components) {
  return fmt::format("{}{}", components_prefix, components);
}

std::string series_folder(Index components, const Seed& seed) {
  constexpr std::size_t most_digits = 40, digits_shown = 16;
  std::string text = seed.text();
  if (text.size() > most_digits) text = fmt::format("{}-{:016x}", text.substr(0, digits_shown), seed.key());
  return fmt::format("{}/{}{}", components_folder(components), seed_prefix, text);
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
  add_existing(folder, survey_names, found);
  add_existing(folder, summary_names, found);
  const std::vector<fs::path> others = files_in(folder, [&](const std::string& name) {
    return is_cnmf_file(folder, name) || is_cross_validation_of_group(name);
  });
  found.insert(found.end(), others.begin(), others.end());
  std::vector<fs::path> fits = folders_of_series(folder);
  fits.insert(fits.begin(), folder);
  for (const fs::path& of_k : numbered_folders(folder, components_prefix)) {
    fits.push_back(of_k / consensus_name);
    add_existing(of_k, clustering_names, found);
  }
  for (const fs::path& one : fits) {
    add_existing(one, fit_result_names, found);
    add_existing(one, topic_result_names, found);
  }
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
    const fs::path of_k = one.parent_path();
    if (fs::is_symlink(of_k / best_name, ignored)) fs::remove(of_k / best_name, ignored);
    for (const char* picture : {"cost.svg", "cost.png"}) fs::remove(of_k / picture, ignored);
    fs::remove(one, ignored);
    fs::remove(of_k / consensus_name, ignored);
    fs::remove(of_k, ignored);
  }
}

void link_best(const fs::path& fit) {
  const fs::path link = fit.parent_path() / best_name;
  const fs::path partial = link.string() + ".partial";
  std::error_code ignored;
  fs::remove(partial, ignored);
  fs::create_directory_symlink(fit.filename(), partial, ignored);
  fs::rename(partial, link, ignored);  // there is a best at any moment
  fs::remove(partial, ignored);        // where it could not be renamed
}

std::vector<fs::path> fit_folders_in(const fs::path& folder) {
  std::vector<fs::path> all = folders_of_series(folder);
  return all.empty() ? numbered_folders(folder, seed_prefix) : all;
}

}  // namespace mpinmf::cli
