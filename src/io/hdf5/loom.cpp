#include "loom.hpp"

#include "element.hpp"
#include "strings.hpp"

namespace mpinmf::io::hdf5 {

bool is_loom(const File& file) {
  return file.has_data_set("/matrix") && file.has_group("/row_attrs") && file.has_group("/col_attrs");
}

Source open_loom(const std::shared_ptr<const File>& file, const std::string& place, bool transpose) {
  Source source = open_dense(file, place.empty() ? "/matrix" : place, Lying::by_columns, transpose);
  const auto first_of = [&](const char* usual, const char* of_scanpy) {
    NameReader names = names_at(file, usual);
    return names ? names : names_at(file, of_scanpy);
  };
  source.labels.rows = first_of("/col_attrs/CellID", "/col_attrs/obs_names");
  source.labels.columns = first_of("/row_attrs/Gene", "/row_attrs/var_names");
  return source;
}

}  // namespace mpinmf::io::hdf5
