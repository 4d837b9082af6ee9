#include "anndata.hpp"

#include "element.hpp"
#include "strings.hpp"

namespace mpinmf::io::hdf5 {
/// A table is a group of columns, or records (anndata before 0.7).
NameReader names_of_table(const std::shared_ptr<const File>& file, const std::string& table) {
  if (file->has_data_set(table)) return names_at(file, table, "index");
  if (!file->has_group(table)) return {};
  return names_at(file, place_in(table, file->text_attribute(table, "_index").value_or("_index")));
}

bool is_anndata(const File& file) {
  if (file.text_attribute("/", "encoding-type").value_or("") == "anndata") return true;
  return file.kind("/X") != Kind::nothing &&
         (file.kind("/obs") != Kind::nothing || file.kind("/var") != Kind::nothing);
}

Source open_anndata(const std::shared_ptr<const File>& file, const std::string& place, bool transpose) {
  const std::string at = place.empty() ? "/X" : place;
  Source source = open_element(file, at, transpose);
  const auto lies_in = [&](const char* group) { return at.starts_with(group); };
  const bool of_raw = lies_in("/raw/") || lies_in("/raw.");
  const bool has_variables = of_raw || lies_in("/layers/") || at == "/X";
  if (lies_in("/varm/") || lies_in("/varp/")) {
    source.labels.rows = names_of_table(file, "/var");
  } else {
    source.labels.rows = names_of_table(file, "/obs");
  }
  if (of_raw) source.labels.columns = names_of_table(file, lies_in("/raw/") ? "/raw/var" : "/raw.var");
  if (has_variables && !of_raw) source.labels.columns = names_of_table(file, "/var");
  return source;
}

}  // namespace mpinmf::io::hdf5
