// HDF5 on any number of ranks: the same bits of V as from .npy and a CSR folder, and faults that meet.
#include <cstring>

#include "catch.hpp"
#include "contains.hpp"
#include "hdf5_files.hpp"
#include "io/npy.hpp"
#include "mpinmf/load.hpp"
#include "shared_folder.hpp"

using namespace mpinmf;

namespace {

constexpr Index example_rows = 97, example_columns = 23;

double example_entry(Index i, Index j) {
  const Index mixed = (7 * i + 13 * j + i * j) % 11;
  return mixed % 3 != 0 || i % 5 == 4 ? 0 : static_cast<double>(mixed + 1) / 3;
}

/// The example row by row, or column by column.
struct Arrays {
  std::vector<std::int64_t> offsets = {0}, indices;
  std::vector<double> values, dense;

  explicit Arrays(bool by_columns) {
    const Index majors = by_columns ? example_columns : example_rows,
                minors = by_columns ? example_rows : example_columns;
    for (Index a = 0; a < majors; ++a) {
      for (Index b = 0; b < minors; ++b) {
        const double value = by_columns ? example_entry(b, a) : example_entry(a, b);
        dense.push_back(value);
        if (value == 0) continue;
        indices.push_back(b);
        values.push_back(value);
      }
      offsets.push_back(static_cast<std::int64_t>(values.size()));
    }
  }
};

template <class T>
void write_npy_vector(const std::string& path, const std::string& type, const std::vector<T>& values,
                      const std::vector<Index>& shape) {
  write_text(path, io::npy_header_bytes(type, shape) +
                       std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
}

void write_hdf5(const std::string& path) {
  const Arrays rows(false), columns(true);
  Hdf5Writer file(path);
  file.attribute("/", "encoding-type", "anndata");
  for (const auto& [place, arrays, encoding] :
       {std::tuple<std::string, const Arrays&, std::string>{"/X", rows, "csr_matrix"},
        {"/layers/csc", columns, "csc_matrix"}}) {
    const auto gzip = [](hid_t creation) {
      const hsize_t chunk = 50;
      H5Pset_chunk(creation, 1, &chunk);
      H5Pset_deflate(creation, 3);
    };
    file.numbers(place + "/indptr", arrays.offsets);
    file.numbers(place + "/indices", arrays.indices, {arrays.indices.size()}, H5T_STD_I32BE, gzip);
    file.numbers(place + "/data", arrays.values, {arrays.values.size()}, H5T_IEEE_F64LE, gzip);
    file.attribute(place, "encoding-type", encoding);
    file.attribute(place, "shape", std::vector<std::int64_t>{example_rows, example_columns});
  }
  file.numbers("/layers/dense", rows.dense, {example_rows, example_columns}, H5T_IEEE_F64LE, [](hid_t creation) {
    const hsize_t chunk[2] = {10, 7};
    H5Pset_chunk(creation, 2, chunk);
    H5Pset_deflate(creation, 3);
  });
}

std::vector<std::string> names_of(char letter, Index count) {
  std::vector<std::string> names;
  for (Index i = 0; i < count; ++i) names.push_back(letter + std::to_string(i));
  return names;
}

/// The example as 10x, loom, h5sparse and MATLAB 7.3 have it.
void write_others(const SharedFolder& folder) {
  const Arrays rows(false), columns(true);
  const auto compressed = [](Hdf5Writer& file, const std::string& group, const Arrays& arrays, const char* indices,
                             const char* offsets) {
    file.numbers(group + "/" + offsets, arrays.offsets);
    file.numbers(group + "/" + indices, arrays.indices);
    file.numbers(group + "/data", arrays.values);
  };
  Hdf5Writer ten_x(folder / "ten.h5"), loom(folder / "v.loom"), sparse(folder / "sparse.h5"),
      matlab(folder / "seven.h5");
  compressed(ten_x, "/matrix", rows, "indices", "indptr");
  ten_x.numbers("/matrix/shape", std::vector<std::int64_t>{example_columns, example_rows});
  ten_x.strings("/matrix/barcodes", names_of('c', example_rows));
  ten_x.strings("/matrix/features/name", names_of('g', example_columns));
  loom.numbers("/matrix", columns.dense, {example_columns, example_rows}, H5T_IEEE_F64LE, [](hid_t creation) {
    const hsize_t chunk[2] = {23, 40};
    H5Pset_chunk(creation, 2, chunk);
    H5Pset_deflate(creation, 3);
  });
  loom.strings("/row_attrs/Gene", names_of('g', example_columns));
  loom.strings("/col_attrs/CellID", names_of('c', example_rows));
  compressed(sparse, "/s", columns, "indices", "indptr");
  sparse.attribute("/s", "h5sparse_format", "csc");
  sparse.attribute("/s", "h5sparse_shape", std::vector<std::int64_t>{example_rows, example_columns});
  compressed(matlab, "/S", columns, "ir", "jc");
  matlab.attribute("/S", "MATLAB_class", "double");
  matlab.attribute("/S", "MATLAB_sparse", std::vector<std::int64_t>{example_rows});
}

void write_csr_folder(const std::string& path) {
  const Arrays rows(false);
  std::filesystem::create_directories(path);
  const auto stored = static_cast<Index>(rows.values.size());
  write_npy_vector(path + "/indptr.npy", "i8", rows.offsets, {example_rows + 1});
  write_npy_vector(path + "/indices.npy", "i8", rows.indices, {stored});
  write_npy_vector(path + "/data.npy", "f8", rows.values, {stored});
  write_npy_vector(path + "/shape.npy", "i8", std::vector<Index>{example_rows, example_columns}, {2});
}

/// Every stored entry of this rank's rows: row, column, bits.
template <class T>
std::vector<std::tuple<Index, Index, T>> stored_entries(const DataMatrix<T>& v) {
  std::vector<std::tuple<Index, Index, T>> all;
  for (Index p = 0; p < v.panels(); ++p) {
    const RowPanel<T> panel = v.panel(p);
    const Index first = v.panel_rows(p).first;
    for (Index i = 0; i < panel.rows(); ++i) {
      panel.for_stored(i, [&](Index j, T value) { all.emplace_back(v.first_row() + first + i, j, value); });
    }
  }
  return all;
}

template <class T>
void check_same(const std::string& path, const std::string& reference) {
  for (const bool transpose : {false, true}) {
    LoadOptions options;
    options.transpose = transpose;
    INFO(path << (transpose ? " transposed" : ""));
    const auto v = load<T>(world(), path, options), expected = load<T>(world(), reference, options);
    CHECK(v.is_sparse() == expected.is_sparse());
    CHECK(v.first_row() == expected.first_row());
    CHECK(stored_entries(v) == stored_entries(expected));
  }
}

}  // namespace

TEST_CASE("AnnData in every encoding gives the bits of .npy and of a CSR folder", "[hdf5]") {
  SharedFolder folder;
  if (world().is_root()) {
    write_hdf5(folder / "v.h5ad");
    write_npy_vector(folder / "v.npy", "f8", Arrays(false).dense, {example_rows, example_columns});
    write_csr_folder(folder / "csr");
  }
  world().wait_for_all();
  for (const std::string place : {"", ":/layers/csc"}) {
    check_same<double>((folder / "v.h5ad") + place, folder / "csr");
    check_same<float>((folder / "v.h5ad") + place, folder / "csr");
  }
  check_same<double>(folder / "v.h5ad:/layers/dense", folder / "v.npy");
  check_same<float>(folder / "v.h5ad:/layers/dense", folder / "v.npy");
}

TEST_CASE("10x, loom, h5sparse and MATLAB 7.3 give the same bits", "[hdf5]") {
  SharedFolder folder;
  if (world().is_root()) {
    write_others(folder);
    write_npy_vector(folder / "v.npy", "f8", Arrays(false).dense, {example_rows, example_columns});
    write_csr_folder(folder / "csr");
  }
  world().wait_for_all();
  for (const std::string file : {"ten.h5", "sparse.h5", "seven.h5"})
    check_same<double>(folder / file, folder / "csr");
  check_same<double>(folder / "v.loom", folder / "v.npy");
}

TEST_CASE("a fault that one rank meets is everybody's", "[hdf5]") {
  SharedFolder folder;
  if (world().is_root()) {
    Arrays rows(false);
    rows.indices[rows.indices.size() - 2] = example_columns;
    Hdf5Writer file(folder / "v.h5ad");
    file.attribute("/", "encoding-type", "anndata");
    file.numbers("/X/indptr", rows.offsets);
    file.numbers("/X/indices", rows.indices);
    file.numbers("/X/data", rows.values);
    file.attribute("/X", "encoding-type", "csr_matrix");
    file.attribute("/X", "shape", std::vector<std::int64_t>{example_rows, example_columns});
  }
  world().wait_for_all();
  std::string message = "loaded";
  try {
    load<double>(world(), folder / "v.h5ad");
  } catch (const BadData& error) {
    message = error.what();
    CHECK(error.has_met());
  }
  CHECK_THAT(message, Contains("v.h5ad:/X/indices: row 96 has an entry in column 23"));
}
