#include "topic_names.hpp"

#include <fmt/core.h>

#include <filesystem>

#include "cli/feature_names.hpp"
#include "io/source.hpp"
#include "model_data.hpp"
#include "report/counted.hpp"
#include "report/names.hpp"

namespace mpinmf::cli {
namespace {

std::string beside_factors(const Model& model, const char* name) {
  return (std::filesystem::path(model.folder) / name).string();
}

io::Labels labels_of_data(const Model& model, const DataPlace& data) {
  if (!data.is_there()) return {};
  return io::open_for_labels(data.input.path, load_options(data.input, model.h.rows)).labels;
}

}  // namespace

std::vector<std::string> names_of_features(const Model& model, const DataPlace& data, const std::string& asked) {
  return cli::names_of_features(model, asked, {labels_of_data(model, data).columns, data.input.path});
}

RowLines names_of_rows(const Model& model, const DataPlace& data) {
  const std::string own = beside_factors(model, report::row_names_file);
  RowLines names = {io::names_in(own), own};
  if (!names.lines) names = {labels_of_data(model, data).rows, data.input.path};
  return names;
}

std::map<Index, std::string> lines_of_rows(const RowLines& of_rows, const std::set<Index>& wanted, Index rows) {
  std::map<Index, std::string> found;
  if (!of_rows.lines) return found;
  Index row = 0;
  of_rows.lines([&](std::string_view line) {
    if (wanted.contains(row)) found.emplace(row, line);
    ++row;
  });
  if (row == rows) return found;
  throw BadData(fmt::format("{}: has {}, but W has {}", of_rows.path, report::counted(row, "line"),
                            report::counted(rows, "row")));
}

}  // namespace mpinmf::cli
