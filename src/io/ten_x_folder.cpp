// Folders of 10x Genomics' Cell Ranger, and of others who write the same: counts of features x cells in Matrix
// Market, with a list of barcodes (cells) and one of features. Version 2 calls that genes.tsv; version 3 has
// features.tsv, with their types, and gzip'd files. Names may have a prefix, as archives put it there.
#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "file.hpp"
#include "format.hpp"
#include "kept_features.hpp"
#include "matrix_market.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;

struct TenXFiles {
  std::string matrix, barcodes, features;
  bool are_all() const { return !matrix.empty() && !barcodes.empty() && !features.empty(); }
};

/// Takes `ending`, or it gzip'd, from `name`.
bool take_ending(std::string_view& name, std::string_view ending) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  if (!name.ends_with(ending)) return false;
  name.remove_suffix(ending.size());
  return true;
}

/// The complete sets of files, by prefix. Of a plain and a gzip'd file the plain one counts.
std::map<std::string, TenXFiles> ten_x_files(const std::string& folder) {
  struct Role {
    std::string_view ending;
    std::string TenXFiles::*file;
  };
  constexpr Role roles[] = {{"matrix.mtx", &TenXFiles::matrix},
                            {"barcodes.tsv", &TenXFiles::barcodes},
                            {"features.tsv", &TenXFiles::features},
                            {"genes.tsv", &TenXFiles::features}};
  std::map<std::string, TenXFiles> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    for (const Role& role : roles) {
      std::string_view prefix = name;
      if (!take_ending(prefix, role.ending)) continue;
      std::string& file = found[std::string(prefix)].*role.file;
      if (file.empty() || !name.ends_with(".gz")) file = entry.path().string();
    }
  }
  std::erase_if(found, [](const auto& set) { return !set.second.are_all(); });
  return found;
}

bool is_ten_x_folder(const std::string& folder) {
  return !ten_x_files(folder).empty();
}

/// Throws UsageError where there are several and none is named, or none of this name.
TenXFiles files_at(const Location& at) {
  const auto sets = ten_x_files(at.file);
  if (at.place.empty() && sets.size() == 1) return sets.begin()->second;
  std::string list;
  for (const auto& [prefix, files] : sets) {
    if (!at.place.empty() && prefix == at.place.substr(1)) return files;
    list += (list.empty() ? "" : ", ") + Location{at.file, "/" + prefix}.text();
  }
  if (sets.empty()) {
    throw BadData(fmt::format(
        "{}: has no barcodes.tsv, features.tsv (or genes.tsv) and matrix.mtx (plain or gzip'd)", at.file));
  }
  throw UsageError(fmt::format("{}: {}; name one: {}", at.text(),
                               at.place.empty()
                                   ? fmt::format("holds {} matrices", sets.size())
                                   : "there is no such prefix of barcodes.tsv, features.tsv and matrix.mtx",
                               list));
}

std::string_view field_of(std::string_view line, int wanted) {
  for (; wanted > 0; --wanted) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return {};
    line.remove_prefix(tab + 1);
  }
  return line.substr(0, line.find('\t'));
}

/// One name a line: this field, or the first where that is empty. Throws BadData unless there are `wanted`.
NameReader fields_in(const std::string& path, int field, Index wanted, const std::string& what) {
  return [=](const std::function<void(std::string_view)>& take) {
    LineReader lines(path);
    Index found = 0;
    for (std::string_view line; lines.next(line); ++found) {
      const std::string_view name = field_of(line, field);
      take(name.empty() ? field_of(line, 0) : name);
    }
    if (found == wanted) return;
    throw BadData(fmt::format("{}: has {} lines, but the matrix beside it has {} {}", path, found, wanted, what));
  };
}

/// Whether lines have a third field.
bool has_types(const std::string& path) {
  LineReader lines(path);
  std::string_view line;
  return lines.next(line) && !field_of(line, 2).empty();
}

Source open_ten_x_folder(const Location& at, const LoadOptions& options) {
  const TenXFiles files = files_at(at);
  // the file's rows are the features
  Source source = open_matrix_market(files.matrix, !options.transpose, ValueLimits(options));
  if (!source.header.sparse) {
    throw BadData(files.matrix + ": is a dense array, but counts of cells and features are coordinates");
  }
  const MatrixHeader& header = source.header;
  const auto [cells, features] =
      options.transpose ? std::pair(header.columns, header.rows) : std::pair(header.rows, header.columns);
  constexpr int name_field = 1, type_field = 2;
  source.labels.rows = fields_in(files.barcodes, 0, cells, "cells (columns)");
  source.labels.columns = fields_in(files.features, name_field, features, "features (rows)");
  const std::string& type = options.file.feature_type;
  if (type.empty()) return source;
  NameReader types;
  if (has_types(files.features)) types = fields_in(files.features, type_field, features, "features (rows)");
  return keep_features(std::move(source), features_of_type(types, type, features, files.features),
                       options.transpose);
}

}  // namespace

template <class Row>
Row format_row(FormatFile<struct TenXFolderFormat>) {
  return {.name = "10x folder (barcodes.tsv, features.tsv or genes.tsv, matrix.mtx)",
          .key = "10x",
          .folder_with = "barcodes.tsv, features.tsv or genes.tsv, and matrix.mtx",
          .recognises_folder = is_ten_x_folder,
          .has_places = true,
          .takes = "feature-type",
          .open = open_ten_x_folder};
}
template Format format_row(FormatFile<struct TenXFolderFormat>);

}  // namespace mpinmf::io
