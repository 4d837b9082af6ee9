#include "data_names.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <map>

#include "io/npy.hpp"
#include "io/prepared_files.hpp"
#include "io/source.hpp"
#include "report/names.hpp"

namespace mpinmf::cli {

DataNames::DataNames(const Comm& comm, const InputArguments& input, Index rows, Index columns)
    : comm_(comm), path_(input.path), prepared_(input.prepared) {
  comm_.meet_on_root([&] {
    const io::Source source = io::open_for_labels(input.path, load_options(input, 1));
    rows_.reader = source.labels.rows;
    columns_.reader = source.labels.columns;
    io::require_names(rows_.reader, rows, source.name, input.transpose ? "columns" : "rows");
    io::require_names(columns_.reader, columns, source.name, input.transpose ? "rows" : "columns");
  });
  for (Names* names : {&rows_, &columns_}) {
    names->are_there = static_cast<bool>(names->reader);
    comm_.broadcast_value(names->are_there);
  }
}

void DataNames::require_columns_of(const std::string& model) const {
  comm_.meet_on_root([&] {
    const std::string path = (std::filesystem::path(model) / report::column_names_file).string();
    const io::NameReader of_model = io::names_in(path);
    if (!columns_.are_there || !of_model) return;
    std::vector<std::string> known;
    of_model([&](std::string_view name) { known.emplace_back(name); });
    std::size_t j = 0;
    columns_.reader([&](std::string_view name) {
      if (j < known.size() && known[j] == name) {
        ++j;
        return;
      }
      throw BadData(
          fmt::format("{}: column {} (counted from 0) is {}, but {} has {}: take the columns that the "
                      "model was fitted with, in their order",
                      path_, j, name, path, j < known.size() ? known[j] : "no more"));
    });
  });
}

std::string DataNames::write(const Names& names, const char* file, OutputFolder& folder,
                             std::vector<std::string>& written) const {
  if (!names.are_there) return "";
  const std::string path = folder.partial(file);
  comm_.meet_on_root([&] { io::write_names(names.reader, path); });
  written.emplace_back(file);
  return path;
}

std::string DataNames::write_rows(OutputFolder& folder, std::vector<std::string>& written) const {
  return write(rows_, report::row_names_file, folder, written);
}

std::string DataNames::write_columns(OutputFolder& folder, std::vector<std::string>& written) const {
  return write(columns_, report::column_names_file, folder, written);
}

void DataNames::write_preparation(OutputFolder& folder, std::vector<std::string>& written) const {
  if (!prepared_) return;
  std::map<std::string, std::string> paths;
  for (const char* name : io::preparation_files(*prepared_)) {
    paths[name] = folder.partial(name);
    written.emplace_back(name);
  }
  comm_.meet_on_root([&] { io::write_preparation(*prepared_, [&](const char* name) { return paths.at(name); }); });
}

void DataNames::write_kept_rows(OutputFolder& folder, std::vector<std::string>& written) const {
  if (!prepared_ || !prepared_->leaves_out_rows()) return;
  const std::string path = folder.partial(io::kept_rows_file);
  comm_.meet_on_root([&] { io::write_npy_integers(path, prepared_->rows.numbers()); });
  written.emplace_back(io::kept_rows_file);
}

}  // namespace mpinmf::cli
