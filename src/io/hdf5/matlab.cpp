#include "matlab.hpp"

#include <fmt/format.h>

#include "data_set.hpp"
#include "element.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io::hdf5 {
namespace {

constexpr const char* class_name = "MATLAB_class";
constexpr const char* sparse_rows = "MATLAB_sparse";  // holds the number of rows

}  // namespace

bool is_matlab(const File& file, const std::string& place) {
  return file.has_attribute(place, class_name);
}

bool is_matlab_sparse(const File& file, const std::string& group) {
  return file.has_attribute(group, sparse_rows);
}

bool is_matlab_text(const File& file, const std::string& place) {
  return file.text_attribute(place, class_name).value_or("") == "char";
}

Source open_matlab(const std::shared_ptr<const File>& file, const std::string& place, bool transpose) {
  const std::string name = file->name_of(place);
  if (file->has_attribute(place, "MATLAB_empty")) throw BadData(name + ": is empty");
  if (is_matlab_sparse(*file, place)) {
    const auto rows = file->integer_attribute(place, sparse_rows);
    if (!rows || rows->size() != 1 || rows->front() < 0) {
      throw BadData(fmt::format("{}: its attribute {} must be the number of rows", name, sparse_rows));
    }
    if (!file->has_data_set(place_in(place, "ir"))) throw BadData(name + ": has no entries");
    CompressedPlace at{.group = place, .offsets = "jc", .indices = "ir", .has_room = true};
    at.lying = Lying::by_columns;
    at.major = DataSetVector(file, place_in(place, at.offsets)).elements() - 1;
    at.minor = rows->front();
    return open_compressed(file, at, transpose);
  }
  if (is_matlab_text(*file, place)) throw BadData(name + ": is a text, where a matrix is expected");
  if (file->kind(place) != Kind::data_set) {
    throw BadData(fmt::format("{}: is a {} of MATLAB, where a matrix is expected; name what is in it", name,
                              file->text_attribute(place, class_name).value_or("group")));
  }
  return open_dense(file, place, Lying::by_columns, transpose);
}

}  // namespace mpinmf::io::hdf5
