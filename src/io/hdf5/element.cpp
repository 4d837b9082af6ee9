#include "element.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data_set_rows.hpp"
#include "io/npy_file.hpp"
#include "mpinmf/error.hpp"
#include "only_matrix.hpp"

namespace mpinmf::io::hdf5 {
namespace {

MatrixHeader header_of(const std::string& name, Index rows, Index columns) {
  check_sizes(name, rows, columns);
  MatrixHeader header;
  header.rows = rows;
  header.columns = columns;
  return header;
}

/// What a group that anndata wrote says of itself; empty: nothing.
std::string encoding_of(const File& file, const std::string& group) {
  for (const char* name : {"encoding-type", "h5sparse_format"}) {
    const std::string encoding = file.text_attribute(group, name).value_or("");
    if (!encoding.empty()) return encoding;
  }
  return "";
}

/// Rows and columns as the attributes say, or a data set beside the arrays.
std::array<Index, 2> shape_of(const std::shared_ptr<const File>& file, const std::string& group) {
  for (const char* name : {"shape", "h5sparse_shape"}) {
    if (!file->has_attribute(group, name)) continue;
    const auto shape = file->integer_attribute(group, name);
    if (shape && shape->size() == 2 && (*shape)[0] >= 0 && (*shape)[1] >= 0) return {(*shape)[0], (*shape)[1]};
    throw BadData(
        fmt::format("{}: its attribute {} must be two integers, rows and columns", file->name_of(group), name));
  }
  if (file->has_data_set(place_in(group, "shape"))) return shape_in(file, place_in(group, "shape"));
  throw BadData(
      fmt::format("{}: has no attribute shape, which says how many rows and columns there are; write it "
                  "with anndata, or add the attribute",
                  file->name_of(group)));
}

/// As it says, or else as its offsets are many; rows where it is square.
Lying lying_of(const std::shared_ptr<const File>& file, const std::string& group,
               const std::array<Index, 2>& shape) {
  const std::string encoding = encoding_of(*file, group);
  if (encoding.starts_with("csr")) return Lying::by_rows;
  if (encoding.starts_with("csc")) return Lying::by_columns;
  const Index offsets = DataSetVector(file, place_in(group, "indptr")).elements();
  return offsets != shape[0] + 1 && offsets == shape[1] + 1 ? Lying::by_columns : Lying::by_rows;
}

/// Throws BadData for what anndata wrote as something else.
void require_matrix(const File& file, const std::string& group) {
  const std::string encoding = encoding_of(file, group);
  if (encoding.empty() || encoding.starts_with("csr") || encoding.starts_with("csc")) return;
  if (encoding == "dataframe") {
    throw BadData(fmt::format("{}: is a data frame, not a matrix; write its numbers as an array (to_numpy)",
                              file.name_of(group)));
  }
  throw BadData(fmt::format("{}: is a {}, where a matrix is expected (csr_matrix, csc_matrix or array)",
                            file.name_of(group), encoding));
}

Source open_sparse_group(const std::shared_ptr<const File>& file, const std::string& group, bool transpose) {
  require_matrix(*file, group);
  const std::array<Index, 2> shape = shape_of(file, group);
  CompressedPlace at{.group = group};
  at.lying = lying_of(file, group, shape);
  const bool by_columns = at.lying == Lying::by_columns;
  at.major = shape[by_columns ? 1 : 0];
  at.minor = shape[by_columns ? 0 : 1];
  return open_compressed(file, at, transpose);
}

}  // namespace

Source open_dense(const std::shared_ptr<const File>& file, const std::string& place, Lying lying, bool transpose) {
  DataSet data(file, place);
  const std::vector<Index>& shape = data.shape();
  if (shape.size() != 2) {
    throw BadData(fmt::format("{}: has {} dimension{} ({}), where a matrix has two", data.name(), shape.size(),
                              shape.size() == 1 ? "" : "s", shape_text(shape)));
  }
  const bool turned = (lying == Lying::by_columns) != transpose;
  Source source{file->name_of(place), header_of(data.name(), shape[turned ? 1 : 0], shape[turned ? 0 : 1]), {}};
  source.header.stored = shape[0] * shape[1];
  source.header.single_precision = data.is_single_precision();
  source.header.held_as = data.storage_type();
  auto reader = std::make_unique<DataSetRows>(std::move(data), turned);
  source.header.reader_bytes = reader->bytes();
  source.reader = std::move(reader);
  return source;
}

Source open_compressed(const std::shared_ptr<const File>& file, const CompressedPlace& at, bool transpose) {
  const auto vector_of = [&](const std::string& name) {
    return std::make_unique<DataSetVector>(file, place_in(at.group, name));
  };
  auto offsets = vector_of(at.offsets), indices = vector_of(at.indices), values = vector_of(at.values);
  const bool by_columns = at.lying == Lying::by_columns;
  if (offsets->elements() != at.major + 1) {
    throw BadData(fmt::format(
        "{}: has {} numbers, but the matrix has {} {}, which need one more: {}; the file is damaged",
        offsets->name(), offsets->elements(), at.major, by_columns ? "columns" : "rows", at.major + 1));
  }
  const std::string name = file->name_of(at.group);
  auto arrays = std::make_unique<CompressedArrays>(
      name, CompressedVectors{std::move(offsets), std::move(indices), std::move(values), by_columns, at.has_room});
  arrays->set_columns(at.minor);
  return io::open_compressed(std::move(arrays), name, transpose != by_columns);
}

std::array<Index, 2> shape_in(const std::shared_ptr<const File>& file, const std::string& place) {
  DataSetVector vector(file, place);
  std::array<Index, 2> shape{};
  if (vector.holds_integers() && vector.elements() == 2) vector.read(0, shape);
  if (vector.holds_integers() && vector.elements() == 2 && shape[0] >= 0 && shape[1] >= 0) return shape;
  throw BadData(fmt::format("{}: must be two integers, rows and columns", vector.name()));
}

bool is_compressed(const File& file, const std::string& group) {
  const auto has = [&](const char* name) { return file.has_data_set(place_in(group, name)); };
  return has("indptr") && has("indices") && has("data");
}

Source open_element(const std::shared_ptr<const File>& file, const std::string& place, bool transpose) {
  const Kind kind = file->kind(place);
  if (kind == Kind::data_set) return open_dense(file, place, Lying::by_rows, transpose);
  const std::string name = file->name_of(place);
  if (kind == Kind::nothing) {
    const std::string matrices = list_of_matrices(*file);
    throw BadData(fmt::format("{}: there is nothing at this place of the file{}", name,
                              matrices.empty() ? ", nor a matrix at any other" : "; matrices are " + matrices));
  }
  if (kind == Kind::group && (is_compressed(*file, place) || !encoding_of(*file, place).empty())) {
    return open_sparse_group(file, place, transpose);
  }
  throw BadData(name + ": is no matrix, but a group without data, indices and indptr");
}

}  // namespace mpinmf::io::hdf5
