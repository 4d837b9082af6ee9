#include "feature_names.hpp"

#include <fmt/core.h>

#include <filesystem>

#include "report/names.hpp"

namespace mpinmf::cli {

std::vector<std::string> names_of_features(const Model& model, const std::string& asked, const NamesOfData& data) {
  const std::string what = fmt::format("columns in {}", model.h_path);
  if (!asked.empty()) return io::read_names(asked, model.h.columns, what);
  const std::string own = (std::filesystem::path(model.folder) / report::column_names_file).string();
  if (io::names_in(own)) return io::read_names(own, model.h.columns, what);
  std::vector<std::string> names;
  io::require_names(data.columns, model.h.columns, data.path, "columns");
  if (data.columns) data.columns([&](std::string_view name) { names.emplace_back(name); });
  return names;
}

}  // namespace mpinmf::cli
