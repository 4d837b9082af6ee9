#include "prepared_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "file.hpp"
#include "npy.hpp"
#include "open_on_all.hpp"
#include "prepare.hpp"

namespace mpinmf::io {
namespace {

using Json = nlohmann::ordered_json;

/// What a folder says.
struct Saved {
  Preparation asked;
  Subset selected, columns;
  std::vector<double> scales;
};

std::string text_of(const std::string& path) {
  std::string text;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) text += std::string(line) + '\n';
  return text;
}

Subset subset_in(const std::string& path, Index all) {
  const std::vector<Index> numbers = read_npy_integers(path);
  bool is_ascending = !numbers.empty() && numbers.front() >= 0 && numbers.back() < all;
  for (std::size_t i = 1; i < numbers.size(); ++i) is_ascending = is_ascending && numbers[i - 1] < numbers[i];
  if (!is_ascending) throw BadData(fmt::format("{}: is no ascending list of some of {} columns", path, all));
  return Subset::of(all, numbers);
}

Saved read_saved(const std::filesystem::path& folder) {
  const std::string path = folder / preparation_file;
  Saved saved;
  Index all = 0;
  try {
    const Json json = Json::parse(text_of(path));
    saved.asked.rows = json.at("rows").get<std::string>();
    saved.asked.columns = json.at("columns").get<std::string>();
    saved.asked.min_row_sum = json.at("min_row_sum").get<double>();
    saved.asked.scale_rows = json.at("scale_rows").get<std::string>();
    saved.asked.log1p = json.at("log1p").get<bool>();
    saved.asked.min_column_count = json.at("min_column_count").get<Index>();
    saved.asked.scale_columns = json.at("scale_columns").get<std::string>();
    all = json.at("columns_before").get<Index>();
    saved.asked.check();
  } catch (const Json::exception& error) {
    throw BadData(fmt::format("{} is not the preparation of a fit: {}", path, error.what()));
  } catch (const UsageError& error) {
    throw BadData(fmt::format("{} is not the preparation of a fit: {}", path, error.what()));
  }
  saved.columns = subset_in(folder / kept_columns_file, all);
  const std::string selected = folder / selected_columns_file, scales = folder / column_scales_file;
  saved.selected = std::filesystem::exists(selected) ? subset_in(selected, all) : saved.columns;
  if (!std::filesystem::exists(scales)) {
    if (saved.asked.scale_columns.empty()) return saved;
    throw BadData(fmt::format("{} is missing, but {} scales columns", scales, path));
  }
  saved.scales = read_npy_numbers(scales);
  const auto is_bad = [](double scale) { return !(scale > 0) || std::isinf(scale); };
  if (static_cast<Index>(saved.scales.size()) != saved.columns.count() ||
      std::any_of(saved.scales.begin(), saved.scales.end(), is_bad)) {
    throw BadData(fmt::format("{}: is no list of {} positive numbers, one for each column that is kept", scales,
                              saved.columns.count()));
  }
  return saved;
}

/// On the root.
Prepared select_again(const Saved& saved, const Source& raw, const std::string& rows, const std::string& folder) {
  if (raw.header.columns != saved.columns.all()) {
    throw ShapeMismatch(
        fmt::format("{} has {} columns, but the model in {} was fitted to {} of {}: give the matrix "
                    "as it was before these were chosen",
                    raw.name, raw.header.columns, folder, saved.columns.count(), saved.columns.all()));
  }
  Preparation of_rows = saved.asked;
  of_rows.rows = rows;
  of_rows.columns.clear();
  Prepared prepared = select(of_rows, raw.header, {});
  prepared.asked.columns = saved.asked.columns;
  prepared.has_columns = true;
  prepared.selected = saved.selected;
  prepared.columns = saved.columns;
  prepared.column_scales = saved.scales;
  return prepared;
}

bool has_more_selected(const Prepared& prepared) {
  return prepared.selected.count() > prepared.columns.count();
}

}  // namespace

std::vector<const char*> preparation_files(const Prepared& prepared) {
  std::vector<const char*> names = {preparation_file, kept_columns_file};
  if (prepared.leaves_out_rows()) names.push_back(kept_rows_file);
  if (has_more_selected(prepared)) names.push_back(selected_columns_file);
  if (!prepared.column_scales.empty()) names.push_back(column_scales_file);
  return names;
}

void write_preparation(const Prepared& prepared, const std::function<std::string(const char*)>& path_of) {
  const Preparation& asked = prepared.asked;
  const Json json = {{"rows", asked.rows},
                     {"columns", asked.columns},
                     {"min_row_sum", asked.min_row_sum},
                     {"scale_rows", asked.scale_rows},
                     {"log1p", asked.log1p},
                     {"min_column_count", asked.min_column_count},
                     {"scale_columns", asked.scale_columns},
                     {"rows_before", prepared.rows.all()},
                     {"columns_before", prepared.columns.all()}};
  write_npy_integers(path_of(kept_columns_file), prepared.columns.numbers());
  if (prepared.leaves_out_rows()) write_npy_integers(path_of(kept_rows_file), prepared.rows.numbers());
  if (has_more_selected(prepared)) write_npy_integers(path_of(selected_columns_file), prepared.selected.numbers());
  if (!prepared.column_scales.empty()) write_npy_numbers(path_of(column_scales_file), prepared.column_scales);
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n",
                    path = path_of(preparation_file);
  File file = File::open_to_write(path, path);
  file.write_at(0, std::as_bytes(std::span(text)));
  file.shorten(static_cast<Index>(text.size()));
  file.sync_and_close();
}

std::shared_ptr<const Prepared> prepare_again(const Comm& comm, const std::string& path,
                                              const LoadOptions& options, const std::string& folder,
                                              bool same_rows) {
  bool is_there = false;
  comm.meet_on_root([&] { is_there = std::filesystem::exists(std::filesystem::path(folder) / preparation_file); });
  comm.broadcast_value(is_there);
  if (!is_there) return prepare(comm, path, options);
  return prepare_with(comm, path, options, [&](const Source& raw) {
    const Saved saved = read_saved(folder);
    return select_again(saved, raw, same_rows ? saved.asked.rows : options.preparation.rows, folder);
  });
}

}  // namespace mpinmf::io
