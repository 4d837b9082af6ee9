#include "ten_x.hpp"

#include <fmt/format.h>

#include "element.hpp"
#include "io/kept_features.hpp"
#include "mpinmf/error.hpp"
#include "strings.hpp"

namespace mpinmf::io::hdf5 {

bool is_ten_x_group(const File& file, const std::string& group) {
  const auto has = [&](const char* name) { return file.has_data_set(place_in(group, name)); };
  return file.has_group(group) && has("barcodes") && has("shape") && is_compressed(file, group);
}

std::vector<std::string> ten_x_groups(const File& file) {
  if (is_ten_x_group(file, "/matrix")) return {"/matrix"};
  std::vector<std::string> groups;
  for (const std::string& member : file.members("/")) {
    if (is_ten_x_group(file, "/" + member)) groups.push_back("/" + member);
  }
  return groups;
}

std::string only_ten_x_group(const File& file, const std::vector<std::string>& groups) {
  if (groups.size() == 1) return groups.front();
  std::string list;
  for (const std::string& group : groups) list += (list.empty() ? "" : ", ") + file.name_of(group);
  throw UsageError(
      fmt::format("{}: holds the counts of {} genomes; name one: {}", file.path(), groups.size(), list));
}

Source open_ten_x(const std::shared_ptr<const File>& file, const std::string& group, const LoadOptions& options) {
  const std::array<Index, 2> shape = shape_in(file, place_in(group, "shape"));  // features, cells
  CompressedPlace at{.group = group};
  at.major = shape[1];
  at.minor = shape[0];
  Source source = open_compressed(file, at, options.transpose);
  source.labels.rows = names_at(file, place_in(group, "barcodes"));
  source.labels.columns = names_at(file, place_in(group, "features/name"));
  if (!source.labels.columns) source.labels.columns = names_at(file, place_in(group, "gene_names"));
  const std::string& type = options.file.feature_type;
  if (type.empty()) return source;
  const NameReader types = names_at(file, place_in(group, "features/feature_type"));
  return keep_features(std::move(source), features_of_type(types, type, shape[0], file->name_of(group)),
                       options.transpose);
}

}  // namespace mpinmf::io::hdf5
