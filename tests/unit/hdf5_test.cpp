// HDF5 files of every kind, written here through the library's C interface: what is read, and what is refused.
#include <fmt/format.h>
#include <cmath>
#include <map>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "hdf5_files.hpp"
#include "io/hdf5/data_set_rows.hpp"
#include "io/hdf5/lzf.hpp"
#include "io/npy_file.hpp"
#include "io/source.hpp"
#include "mpinmf/error.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

using Places = std::map<std::pair<Index, Index>, double>;
using Names = std::vector<std::string>;
using I32 = std::vector<std::int32_t>;
using I64 = std::vector<std::int64_t>;
using F32 = std::vector<float>;
using F64 = std::vector<double>;

/// 3 x 4:  [. 2 . 1]
///         [. . . .]
///         [5 . 3 .]
const Places example = {{{0, 1}, 2}, {{0, 3}, 1}, {{2, 0}, 5}, {{2, 2}, 3}};
const F64 example_dense = {0, 2, 0, 1, 0, 0, 0, 0, 5, 0, 3, 0};
const Names cells = {"cell 1", "zelle 2", "C\xc3\xa9ll 3"}, genes = {"A", "B", "C", "D"};

Places turned(const Places& places) {
  Places result;
  for (const auto& [place, value] : places) result[{place.second, place.first}] = value;
  return result;
}

/// What is not 0, in parts: rows one by one, or all of a stream.
Places entries_of(Source& source) {
  Places places;
  const auto take = [&](std::span<const Entry> entries) {
    for (const Entry& e : entries) places[{e.row, e.column}] += e.value;
  };
  if (auto* rows = std::get_if<std::unique_ptr<SparseRows>>(&source.reader)) {
    for (Index i = 0; i < source.header.rows; ++i) {
      Index length = 0;
      (*rows)->lengths(i, std::span(&length, 1));
      (*rows)->read(i, 1, take);
    }
  } else if (auto* dense = std::get_if<std::unique_ptr<DenseRows>>(&source.reader)) {
    std::vector<double> row(static_cast<std::size_t>(source.header.columns));
    for (Index i = 0; i < source.header.rows; ++i) {
      (*dense)->read(i, 1, row.data());
      for (Index j = 0; j < source.header.columns; ++j) {
        if (row[static_cast<std::size_t>(j)] != 0) places[{i, j}] = row[static_cast<std::size_t>(j)];
      }
    }
  } else {
    std::get<std::unique_ptr<EntryStream>>(source.reader)->read_all(take);
  }
  return places;
}

Names all_of(const NameReader& reader) {
  Names names;
  if (reader) reader([&](std::string_view name) { names.emplace_back(name); });
  return names;
}

Source open(const std::string& name, bool transpose = false) {
  LoadOptions options;
  options.transpose = transpose;
  return open_source(name, options);
}

/// The example, as it is and transposed, with shape and type as told.
void check_example(const std::string& name, bool sparse, bool single_precision = false) {
  INFO(name);
  for (const bool transpose : {false, true}) {
    Source source = open(name, transpose);
    CHECK(source.name.starts_with(name));
    CHECK(source.header.rows == (transpose ? 4 : 3));
    CHECK(source.header.columns == (transpose ? 3 : 4));
    CHECK(source.header.sparse == sparse);
    CHECK(source.header.stored == (sparse ? 4 : 12));
    CHECK(source.header.single_precision == single_precision);
    CHECK(entries_of(source) == (transpose ? turned(example) : example));
  }
}

void check_labels(const std::string& name, const Names& rows, const Names& columns) {
  INFO(name);
  const Source as_is = open(name), transposed = open(name, true);
  CHECK(all_of(as_is.labels.rows) == rows);
  CHECK(all_of(as_is.labels.columns) == columns);
  CHECK(all_of(transposed.labels.rows) == columns);
  CHECK(all_of(transposed.labels.columns) == rows);
}

/// What opening and reading all of it, names and numbers, says; "" when there is no fault.
std::string fault(const std::string& name, bool transpose = false) {
  try {
    Source source = open(name, transpose);
    entries_of(source);
    all_of(source.labels.rows);
    all_of(source.labels.columns);
  } catch (const BadData& error) {
    return error.what();
  } catch (const UsageError& error) {  // which of several matrices is to be read is for the command line to say
    return error.what();
  }
  return "";
}

void write_csr(Hdf5Writer& file, const std::string& place) {
  file.numbers(place + "/indptr", I32{0, 2, 2, 4});
  file.numbers(place + "/indices", I32{3, 1, 0, 2});
  file.numbers(place + "/data", F32{1, 2, 5, 3});
}

void write_csc(Hdf5Writer& file, const std::string& place) {
  file.numbers(place + "/indptr", I64{0, 1, 2, 3, 4});
  file.numbers(place + "/indices", I64{2, 0, 2, 0});
  file.numbers(place + "/data", F64{5, 2, 3, 1});
}

void say_encoding(Hdf5Writer& file, const std::string& place, const std::string& encoding) {
  file.attribute(place, "encoding-type", encoding);
  file.attribute(place, "shape", I64{3, 4});
}

void write_index(Hdf5Writer& file, const std::string& table, const Names& names, std::size_t length = 0) {
  file.strings(table + "/index of it", names, length);
  file.attribute(table, "_index", "index of it");
}

/// X in compressed rows, other matrices beside it.
void write_anndata(const std::string& path) {
  Hdf5Writer file(path);
  file.attribute("/", "encoding-type", "anndata");
  write_csr(file, "/X");
  say_encoding(file, "/X", "csr_matrix");
  write_csc(file, "/layers/columns");
  say_encoding(file, "/layers/columns", "csc_matrix");
  file.numbers("/layers/dense", example_dense, {3, 4});
  file.attribute("/layers/dense", "encoding-type", "array");
  write_index(file, "/obs", cells);
  write_index(file, "/var", genes, 5);
  write_csc(file, "/raw/X");
  file.attribute("/raw/X", "encoding-type", "csr_matrix");  // the same arrays are those of a 4 x 3 matrix
  file.attribute("/raw/X", "shape", I64{4, 3});
  write_index(file, "/raw/var", {"x", "y", "z"});
  file.numbers("/obsm/X_pca", F64{1, 2, 3, 4, 5, 6}, {3, 2});
  file.numbers("/obsm/flat", F64{1, 2, 3});
}

std::string gzip_chunks(const std::string& path, const std::function<void(hid_t)>& describe, hid_t type) {
  Hdf5Writer file(path);
  file.attribute("/", "encoding-type", "anndata");
  file.numbers("/X", example_dense, {3, 4}, type, describe);
  return path;
}

}  // namespace

TEST_CASE("AnnData: X and its layers, raw and obsm, in every encoding, with their names", "[hdf5]") {
  TemporaryFolder folder;
  const std::string path = folder / "a.h5ad";
  write_anndata(path);
  check_example(path, true, true);
  check_example(path + ":/X", true, true);
  check_example(path + ":/layers/columns", true);
  check_example(path + ":/layers/dense", false);
  for (const std::string place : {"", ":/X", ":/layers/columns", ":/layers/dense"}) {
    check_labels(path + place, cells, genes);
  }
  check_labels(path + ":/obsm/X_pca", cells, {});
  check_labels(path + ":/raw/X", cells, {"x", "y", "z"});
  Source pca = open(path + ":/obsm/X_pca");
  CHECK(entries_of(pca) == Places{{{0, 0}, 1}, {{0, 1}, 2}, {{1, 0}, 3}, {{1, 1}, 4}, {{2, 0}, 5}, {{2, 1}, 6}});
  Source raw = open(path + ":/raw/X");
  CHECK(entries_of(raw) == turned(example));
  CHECK_THAT(fault(path + ":/obsm/flat"),
             Contains("a.h5ad:/obsm/flat: has 1 dimension (3), where a matrix has two"));
  CHECK_THAT(fault(path + ":/layers/none"), Contains(":/layers/none: there is nothing at this place"));
  CHECK_THAT(fault(path + ":/X/data/deeper"), Contains("there is nothing at this place"));
  CHECK_THAT(fault(path + ":/obs"), Contains(":/obs: is no matrix"));
}

TEST_CASE("an index of categories has their names", "[hdf5]") {
  TemporaryFolder folder;
  const auto path_of = [&](const I32& codes, bool legacy) {
    const std::string path = folder / "a.h5ad";
    Hdf5Writer file(path);
    file.numbers("/X", example_dense, {3, 4});
    write_index(file, "/var", genes);
    if (legacy) {
      file.numbers("/obs/_index", codes);
      file.strings("/obs/__categories/_index", {"b", "a"});
      file.attribute("/obs/_index", "categories", "a reference");
    } else {
      file.numbers("/obs/_index/codes", codes);
      file.strings("/obs/_index/categories", {"b", "a"});
      file.attribute("/obs/_index", "encoding-type", "categorical");
    }
    return path;
  };
  for (const bool legacy : {false, true}) {
    INFO(legacy);
    check_labels(path_of({1, 0, 1}, legacy), {"a", "b", "a"}, genes);
    check_labels(path_of({1, -1, 0}, legacy), {"a", "", "b"}, genes);
    CHECK_THAT(fault(path_of({0, 2, 1}, legacy)), Contains("has the code 2, but there are 2 categories"));
  }
}

TEST_CASE("AnnData as it was written years ago", "[hdf5]") {
  TemporaryFolder folder;
  const std::string path = folder / "old.h5ad";
  {
    Hdf5Writer file(path);
    write_csc(file, "/X");
    file.attribute("/X", "h5sparse_format", "csc", true);
    file.attribute("/X", "h5sparse_shape", I64{3, 4});
    write_csr(file, "/raw.X");
    file.attribute("/raw.X", "h5sparse_format", "csr");
    file.attribute("/raw.X", "h5sparse_shape", I64{3, 4});
    struct Record {
      double size;
      char index[4];
    };
    const Record records[3] = {{1, "a"}, {2, {'b', 'c', 'd', 'e'}}, {3, "f"}};
    const hid_t text = H5Tcopy(H5T_C_S1), type = H5Tcreate(H5T_COMPOUND, sizeof(Record));
    H5Tset_size(text, 4);
    H5Tset_strpad(text, H5T_STR_NULLPAD);
    H5Tinsert(type, "size", HOFFSET(Record, size), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "index", HOFFSET(Record, index), text);
    const hsize_t count = 3;
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t data = H5Dcreate2(file.id(), "obs", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, records);
    H5Dclose(data);
    H5Sclose(space);
    H5Tclose(type);
    H5Tclose(text);
    file.numbers("/var/_index", I64{7, 8, 9, 10});  // names that are numbers
  }
  check_example(path, true);
  check_example(path + ":/raw.X", true, true);
  check_labels(path, {"a", "bcde", "f"}, {"7", "8", "9", "10"});
}

TEST_CASE("every type of number, byte order and compression is read alike", "[hdf5]") {
  TemporaryFolder folder;
  const auto chunked = [](const std::vector<hsize_t>& sizes, const std::function<void(hid_t)>& filter) {
    return [=](hid_t creation) {
      H5Pset_chunk(creation, 2, sizes.data());
      filter(creation);
    };
  };
  const hid_t half = H5Tcopy(H5T_IEEE_F32LE);  // as NumPy's float16
  H5Tset_fields(half, 15, 10, 5, 0, 10);
  H5Tset_size(half, 2);
  H5Tset_ebias(half, 15);
  const std::vector<hid_t> types = {
      H5T_STD_I8LE,       H5T_STD_I16BE, H5T_STD_I32LE,  H5T_STD_I64BE,  H5T_STD_U8BE,   H5T_STD_U16LE,
      H5T_STD_U32BE,      H5T_STD_U64LE, H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE,
      H5T_NATIVE_LDOUBLE, half};
  for (const hid_t type : types) {
    const bool is_single = H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) == 4;
    check_example(gzip_chunks(folder / "types.h5ad", {}, type), false, is_single);
    check_example(gzip_chunks(folder / "types.h5ad", chunked({2, 3}, [](hid_t) {}), type), false, is_single);
  }
  H5Tclose(half);
  const std::vector<std::function<void(hid_t)>> filters = {[](hid_t creation) { H5Pset_deflate(creation, 4); },
                                                           [](hid_t creation) {
                                                             H5Pset_shuffle(creation);
                                                             H5Pset_deflate(creation, 9);
                                                             H5Pset_fletcher32(creation);
                                                           },
                                                           [](hid_t creation) {
                                                             if (H5Zfilter_avail(H5Z_FILTER_SZIP) > 0)
                                                               H5Pset_szip(creation, H5_SZIP_NN_OPTION_MASK, 2);
                                                           }};
  for (const auto& filter : filters) {
    for (const auto& sizes : {std::vector<hsize_t>{1, 4}, {2, 3}, {3, 1}, {3, 4}}) {
      check_example(gzip_chunks(folder / "filters.h5ad", chunked(sizes, filter), H5T_IEEE_F64LE), false);
    }
  }
  // truth values of h5py
  {
    Hdf5Writer file(folder / "truth.h5ad");
    file.attribute("/", "encoding-type", "anndata");
    const hid_t truth = H5Tenum_create(H5T_NATIVE_INT8);
    const std::int8_t no = 0, yes = 1;
    H5Tenum_insert(truth, "FALSE", &no);
    H5Tenum_insert(truth, "TRUE", &yes);
    const hsize_t shape[2] = {1, 3};
    const std::int8_t values[3] = {1, 0, 1};
    const hid_t space = H5Screate_simple(2, shape, nullptr);
    const hid_t data = H5Dcreate2(file.id(), "X", truth, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(data, truth, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(data);
    H5Sclose(space);
    H5Tclose(truth);
  }
  Source truth = open(folder / "truth.h5ad");
  CHECK(entries_of(truth) == Places{{{0, 0}, 1}, {{0, 2}, 1}});
}

TEST_CASE("large pieces come in the order of the file, whatever the chunks", "[hdf5]") {
  TemporaryFolder folder;
  const Index m = 700, n = 301;
  F32 values(static_cast<std::size_t>(m * n));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  for (const hsize_t height : {0U, 1U, 64U, 700U}) {
    {
      Hdf5Writer file(folder / "x.h5ad");
      file.attribute("/", "encoding-type", "anndata");
      file.numbers("/X", values, {700, 301}, H5T_IEEE_F32LE, [&](hid_t creation) {
        const hsize_t sizes[2] = {height, 50};
        if (height > 0) H5Pset_chunk(creation, 2, sizes);
        if (height > 0) H5Pset_deflate(creation, 1);
      });
    }
    for (const bool transpose : {false, true}) {
      Source source = open(folder / "x.h5ad", transpose);
      auto& rows = std::get<std::unique_ptr<DenseRows>>(source.reader);
      const Index count = source.header.rows - 5, columns = source.header.columns;
      std::vector<double> got(static_cast<std::size_t>(count * columns));
      rows->read(3, count, got.data());
      Index wrong = 0;
      for (Index i = 0; i < count; ++i) {
        for (Index j = 0; j < columns; ++j) {
          const Index expected = transpose ? j * n + 3 + i : (3 + i) * n + j;
          wrong += got[static_cast<std::size_t>(i * columns + j)] != static_cast<double>(expected);
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("rows of chunks that are larger than may be kept are put together in bounded memory", "[hdf5]") {
  TemporaryFolder folder;
  const Index m = 700, n = 301;
  F32 values(static_cast<std::size_t>(m * n));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  {
    Hdf5Writer file(folder / "x.h5");
    file.numbers("/X", values, {700, 301}, H5T_IEEE_F32LE, [&](hid_t creation) {
      const hsize_t sizes[2] = {300, 50};
      H5Pset_chunk(creation, 2, sizes);
      H5Pset_deflate(creation, 1);
    });
  }
  for (const bool turned : {false, true}) {
    for (const double most : {1e3, 1e5, 1e7}) {  // less than a row, less than the chunks that a row passes, more
      INFO("turned " << turned << ", " << most << " bytes");
      hdf5::DataSetRows rows(hdf5::DataSet(std::make_shared<hdf5::File>(folder / "x.h5"), "/X"), turned, most);
      const Index columns = turned ? m : n, count = turned ? n : m;
      const double chunk = 300 * 50 * 4, row = 4.0 * static_cast<double>(columns), strip = turned ? 1 << 20 : 0;
      CHECK(rows.bytes() <= strip + std::max(most, chunk + std::max(most, row)));
      Index wrong = 0;
      for (const Index at_once : {Index{1}, Index{37}, Index{290}}) {
        std::vector<double> got(static_cast<std::size_t>(at_once * columns));
        for (Index first = 3; first < count; first += at_once) {
          const Index here = std::min(at_once, count - first);
          rows.read(first, here, got.data());
          for (Index i = 0; i < here; ++i) {
            for (Index j = 0; j < columns; ++j) {
              const Index expected = turned ? j * n + first + i : (first + i) * n + j;
              wrong += got[static_cast<std::size_t>(i * columns + j)] != static_cast<double>(expected);
            }
          }
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("compressed arrays that do not fit together name place and row", "[hdf5]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.h5ad";
  const auto with = [&](const std::string& encoding, const I32& offsets, const I32& indices, const F32& data,
                        const I64& shape = {3, 4}) {
    {
      Hdf5Writer file(path);
      file.attribute("/", "encoding-type", "anndata");
      file.numbers("/X/indptr", offsets);
      file.numbers("/X/indices", indices);
      file.numbers("/X/data", data);
      file.attribute("/X", "encoding-type", encoding);
      file.attribute("/X", "shape", shape);
    }
    return fault(path);
  };
  const I32 offsets = {0, 2, 2, 4}, indices = {3, 1, 0, 2};
  const F32 data = {1, 2, 5, 3};
  CHECK(with("csr_matrix", offsets, indices, data) == "");
  CHECK_THAT(with("csr_matrix", {0, 2, 4}, indices, data),
             Contains("v.h5ad:/X/indptr: has 3 numbers") && Contains("3 rows") && Contains("one more: 4"));
  CHECK_THAT(with("csc_matrix", offsets, indices, data), Contains("has 4 numbers") && Contains("4 columns"));
  CHECK_THAT(with("csr_matrix", {1, 2, 2, 4}, indices, data), Contains("/X/indptr: must start with 0, not 1"));
  CHECK_THAT(with("csr_matrix", {0, 3, 2, 4}, indices, data), Contains("falls from 3 to 2 at row 1"));
  CHECK_THAT(with("csr_matrix", {0, 2, 9, 4}, indices, data),
             Contains("row 2 (counted from 0) starts at entry 9"));
  CHECK_THAT(with("csr_matrix", {0, 2, 2, 5}, indices, data),
             Contains("/X/indptr: ends with 5, but") && Contains("/X/indices has 4 entries"));
  CHECK_THAT(with("csr_matrix", {0, 2, 2, 3}, indices, data),  // an entry would be lost
             Contains("/X/indptr: ends with 3, but") && Contains("/X/indices has 4 entries"));
  CHECK_THAT(with("csr_matrix", offsets, {3, 1, 0}, data), Contains("/X/indices has 3 entries"));
  CHECK_THAT(with("csr_matrix", offsets, {3, 1, 4, 2}, data),
             Contains("/X/indices: row 2 has an entry in column 4") && Contains("3 x 4"));
  CHECK_THAT(with("csr_matrix", offsets, {3, -1, 0, 2}, data), Contains("row 0 has an entry in column -1"));
  CHECK_THAT(with("csc_matrix", {0, 1, 2, 3, 4}, {2, 0, 3, 0}, data),
             Contains("/X/indices: column 2 has an entry in row 3") && Contains("3 x 4"));
  CHECK_THAT(with("csr_matrix", offsets, indices, data, {3, 4, 1}),
             Contains("attribute shape must be two integers"));
  CHECK_THAT(with("csr_matrix", offsets, indices, data, {-3, 4}),
             Contains("attribute shape must be two integers"));
  CHECK_THAT(with("csr_matrix", {0}, {}, {}, {0, 4}), Contains("v.h5ad:/X: "));
  CHECK_THAT(with("bsr_matrix", offsets, indices, data), Contains("/X: is a bsr_matrix"));
  // what 32 bits did to offsets above 2^31 - 1
  for (const I32& overflowed : {I32{0, 2, -2147483640, 4}, I32{0, 2, 2, -2147483648}}) {
    CHECK_THAT(with("csr_matrix", overflowed, indices, data),
               Contains("/X/indptr: ") && Contains("32-bit offsets have overflowed") && Contains("astype('i8')"));
  }
}

TEST_CASE("objects of another kind or type are named", "[hdf5]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.h5ad";
  const auto without = [&](const std::function<void(Hdf5Writer&)>& write) {
    {
      Hdf5Writer file(path);
      file.attribute("/", "encoding-type", "anndata");
      write(file);
    }
    return fault(path);
  };
  CHECK_THAT(without([](Hdf5Writer&) {}),
             Contains("v.h5ad:/X: there is nothing at this place of the file, nor a matrix"));
  CHECK_THAT(without([](Hdf5Writer& file) {
               write_csr(file, "/layers/counts");
               file.numbers("/obsm/X_pca", F64{1, 2, 3}, {3, 1});
             }),
             Contains("/X: there is nothing at this place of the file; matrices are /layers/counts (sparse), "
                      "/obsm/X_pca (3 x 1)"));
  CHECK_THAT(without([](Hdf5Writer& file) {
               file.numbers("/X/x", F64{1, 2, 3});
               file.attribute("/X", "encoding-type", "dataframe");
             }),
             Contains("/X: is a data frame, not a matrix"));
  CHECK_THAT(without([](Hdf5Writer& file) {
               file.group("/X");
               file.attribute("/X", "encoding-type", "dict");
             }),
             Contains("/X: is a dict, where a matrix is expected"));
  CHECK_THAT(without([](Hdf5Writer& file) { file.group("/X"); }), Contains("/X: is no matrix, but a group"));
  CHECK_THAT(without([](Hdf5Writer& file) { write_csr(file, "/X"); }), Contains("/X: has no attribute shape"));
  CHECK_THAT(without([](Hdf5Writer& file) { file.strings("/X", {"a"}); }),
             Contains("/X: holds strings, where numbers are expected"));
  CHECK_THAT(without([](Hdf5Writer& file) { file.numbers("/X", F64{}, {0, 4}); }), Contains("v.h5ad:/X: "));
  CHECK_THAT(without([](Hdf5Writer& file) {
               file.numbers("/X", F64(8, 1), {2, 2, 2});
             }),
             Contains("has 3 dimensions (2 x 2 x 2)"));
  CHECK_THAT(without([](Hdf5Writer& file) {
               file.numbers("/X", F64{}, {3, 4});
             }),
             Contains("/X: is 3 x 4, but none of it was ever written"));
  CHECK_THAT(without([](Hdf5Writer& file) {
               file.numbers("/X", F64{}, {1000000000, 100000}, H5T_IEEE_F32LE, [](hid_t creation) {
                 const hsize_t sizes[2] = {10, 10};
                 H5Pset_chunk(creation, 2, sizes);
               });
               const hid_t data = H5Dopen2(file.id(), "/X", H5P_DEFAULT);
               const hsize_t first[2] = {0, 0};
               const F32 chunk(100, 1);
               H5Dwrite_chunk(data, H5P_DEFAULT, 0, first, 400, chunk.data());
               H5Dclose(data);
             }),
             Contains("/X: is 1000000000 x 100000, which takes 4e+14 bytes, but only 400 bytes"));
  CHECK_THAT(without([](Hdf5Writer& file) {
               const hid_t pair = H5Tcreate(H5T_COMPOUND, 16);
               H5Tinsert(pair, "r", 0, H5T_NATIVE_DOUBLE);
               H5Tinsert(pair, "i", 8, H5T_NATIVE_DOUBLE);
               file.numbers("/X", F64{}, {1, 1}, pair);
               H5Tclose(pair);
             }),
             Contains("complex"));
  CHECK_THAT(without([](Hdf5Writer& file) {
               write_csr(file, "/X");
               say_encoding(file, "/X", "csr_matrix");
               H5Ldelete(file.id(), "/X/indptr", H5P_DEFAULT);
               file.numbers("/X/indptr", F64{0, 2, 2, 4});
             }),
             Contains("/X/indptr: must hold integers"));
  CHECK_THAT(without([](Hdf5Writer& file) {
               write_csr(file, "/X");
               say_encoding(file, "/X", "csr_matrix");
               H5Ldelete(file.id(), "/X/data", H5P_DEFAULT);
               file.group("/X/data");
             }),
             Contains("v.h5ad:/X"));
}

TEST_CASE("links stay within the file, and end", "[hdf5]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.h5ad";
  write_anndata(folder / "other.h5ad");
  {
    Hdf5Writer file(path);
    file.attribute("/", "encoding-type", "anndata");
    write_csr(file, "/layers/rows");
    say_encoding(file, "/layers/rows", "csr_matrix");
    file.soft_link("/layers/rows", "/X");
    file.soft_link("/layers/rows/none", "/layers/dangling");
    file.soft_link("/layers/circle", "/layers/ring");
    file.soft_link("/layers/ring", "/layers/circle");
    file.external_link("other.h5ad", "/X", "/layers/outside");
    file.soft_link("/layers/outside", "/layers/through");
    file.numbers("/layers/elsewhere", F64{}, {1, 2}, H5T_NATIVE_DOUBLE,
                 [](hid_t creation) { H5Pset_external(creation, "/etc/passwd", 0, 16); });
    H5Lcreate_hard(file.id(), "/", file.id(), "/layers/root", H5P_DEFAULT, H5P_DEFAULT);
  }
  check_example(path, true, true);
  check_example(path + ":/layers/root/layers/root/X", true, true);
  CHECK_THAT(fault(path + ":/layers/dangling"), Contains("is a link to /layers/rows/none, where nothing lies"));
  CHECK_THAT(fault(path + ":/layers/ring"),
             Contains(":/layers/ring: is a link to /layers/circle that cannot be followed"));
  CHECK_THAT(fault(path + ":/layers/outside"), Contains("not followed; name that one: other.h5ad:/X"));
  CHECK_THAT(fault(path + ":/layers/outside/data"), Contains("name that one: other.h5ad:/X"));
  CHECK_THAT(fault(path + ":/layers/through"), Contains(":/layers/through: is a link to /layers/outside"));
  CHECK_THAT(fault(path + ":/layers/elsewhere"), Contains("keeps its numbers in other files"));
}

TEST_CASE("a filter that is missing is named with where it comes from", "[hdf5]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.h5ad";
  const auto compressed_by = [&](H5Z_filter_t filter) {
    // HDF5 writes with filters that it has: one that only seems to be there
    const H5Z_class2_t pretended = {
        H5Z_CLASS_T_VERS,
        filter,
        1,
        1,
        "made up",
        nullptr,
        nullptr,
        [](unsigned, std::size_t, const unsigned*, std::size_t count, std::size_t*, void**) { return count; }};
    H5Zregister(&pretended);
    gzip_chunks(
        path,
        [&](hid_t creation) {
          const hsize_t sizes[2] = {3, 4};
          H5Pset_chunk(creation, 2, sizes);
          H5Pset_filter(creation, filter, 0, 0, nullptr);
        },
        H5T_IEEE_F64LE);
    H5Zunregister(filter);
    return fault(path);
  };
  CHECK_THAT(compressed_by(32015), Contains("v.h5ad:/X: is compressed by Zstandard (HDF5 filter 32015)") &&
                                       Contains("HDF5_PLUGIN_PATH"));
  CHECK_THAT(compressed_by(32001), Contains("Blosc") && Contains("hdf5-filter-plugin-blosc-serial"));
  unsetenv("HDF5_PLUGIN_PATH");
  CHECK_THAT(compressed_by(32008), Contains("is not installed; install it (Debian: bitshuffle;"));
  setenv("HDF5_PLUGIN_PATH", "/none/at/all", 1);
  CHECK_THAT(compressed_by(307), Contains("is not in HDF5_PLUGIN_PATH (/none/at/all); install it"));
  unsetenv("HDF5_PLUGIN_PATH");
  CHECK_THAT(compressed_by(511), Contains("made up (HDF5 filter 511)"));
}

TEST_CASE("LZF expands, and damage is noticed", "[hdf5]") {
  const auto expand = [](const std::vector<unsigned char>& in, std::size_t capacity) {
    std::vector<unsigned char> out(capacity);
    out.resize(hdf5::expand_lzf(in.data(), in.size(), out.data(), capacity));
    return std::string(out.begin(), out.end());
  };
  CHECK(expand({2, 'a', 'b', 'c'}, 3) == "abc");
  CHECK(expand({0, 'a', 0x80, 0}, 9) == "aaaaaaa");  // 1 + 6 that overlap
  CHECK(expand({1, 'a', 'b', 0xe0, 3, 1}, 99) ==
        "ab" + std::string("abababababab"));  // 12: a length in a byte more
  CHECK(expand({2, 'a', 'b', 'c'}, 2) == "");
  CHECK(expand({2, 'a', 'b'}, 9) == "");
  CHECK(expand({0, 'a', 0x80, 1}, 9) == "");  // before the beginning
  CHECK(expand({0, 'a', 0x80}, 9) == "");
  CHECK(expand({0, 'a', 0xe0}, 9) == "");
}

TEST_CASE("a file that was cut short anywhere is refused in one line", "[hdf5]") {
  TemporaryFolder folder;
  write_anndata(folder / "whole.h5ad");
  gzip_chunks(
      folder / "dense.h5ad",
      [](hid_t creation) {
        const hsize_t sizes[2] = {2, 3};
        H5Pset_chunk(creation, 2, sizes);
        H5Pset_deflate(creation, 4);
      },
      H5T_IEEE_F64LE);
  for (const std::string name : {"whole.h5ad", "dense.h5ad"}) {
    const std::string whole = read_text(folder / name);
    const std::string path = folder / "part.h5ad";
    std::size_t refused = 0, tried = 0;
    for (std::size_t length = 9; length < whole.size(); length += length < 200 ? 1 : 37) {
      write_text(path, whole.substr(0, length));
      const std::string message = fault(path);
      INFO(length << " bytes: " << message);
      CHECK(message.find(path) != std::string::npos);
      CHECK(message.find('\n') == std::string::npos);
      ++tried;
      refused += !message.empty();
    }
    CHECK(refused == tried);
    CHECK_THAT(fault(path), Contains("cut short: copy it again"));
  }
}

TEST_CASE("a file with one matrix needs no place, others list what lies in them", "[hdf5]") {
  TemporaryFolder folder;
  {
    Hdf5Writer one(folder / "one.h5"), group(folder / "group.h5"), several(folder / "several.h5"),
        none(folder / "none.h5");
    one.numbers("/deep/er/x", example_dense, {3, 4}, H5T_STD_I16BE);
    one.numbers("/deep/flat", F64{1, 2, 3});
    one.strings("/names", cells);
    H5Lcreate_hard(one.id(), "/deep", one.id(), "/deep/er/circle", H5P_DEFAULT, H5P_DEFAULT);
    H5Ldelete(one.id(), "/deep/er/circle", H5P_DEFAULT);
    write_csc(group, "/g");
    group.numbers("/g/shape", I32{3, 4});
    for (int i = 0; i < 12; ++i) several.numbers(fmt::format("/m{:02}", i), example_dense, {3, 4});
    write_csr(several, "/s");
    several.attribute("/s", "h5sparse_format", "csr");
    several.attribute("/s", "h5sparse_shape", I64{3, 4});
    none.numbers("/flat", F64{1, 2, 3});
    none.group("/empty");
    H5Lcreate_hard(none.id(), "/", none.id(), "/empty/circle", H5P_DEFAULT, H5P_DEFAULT);
  }
  check_example(folder / "one.h5", false);
  check_example(folder / "one.h5:/deep/er/x", false);
  check_example(folder / "group.h5", true);  // columns, as the number of offsets says
  check_example(folder / "group.h5:/g", true);
  check_example(folder / "several.h5:/m03", false);
  check_example(folder / "several.h5:/s", true, true);
  CHECK_THAT(fault(folder / "several.h5"), Contains("several.h5: holds 13 matrices; name one, as in ") &&
                                               Contains("several.h5:/m00: ") &&
                                               Contains("/m09 (3 x 4) and 3 more"));
  CHECK_THAT(fault(folder / "none.h5"), Contains("none.h5: holds no matrix"));
  CHECK_THAT(fault(folder / "one.h5:/deep"), Contains("one.h5:/deep: is no matrix, but a group"));
}

TEST_CASE("counts of 10x are cells x features, of both versions", "[hdf5]") {
  TemporaryFolder folder;
  const auto write = [](Hdf5Writer& file, const std::string& group, const std::string& names) {
    write_csr(file, group);
    file.numbers(group + "/shape", I32{4, 3});
    file.strings(group + "/barcodes", cells, 12);
    file.strings(group + names, genes, 3);
  };
  {
    Hdf5Writer third(folder / "3.h5"), second(folder / "2.h5"), both(folder / "both.h5");
    write(third, "/matrix", "/features/name");
    write(second, "/GRCh38", "/gene_names");
    write(both, "/hg19", "/gene_names");
    write(both, "/mm10", "/gene_names");
    both.numbers("/notes", F64{1, 2}, {1, 2});
  }
  for (const std::string name : {"3.h5", "3.h5:/matrix", "2.h5", "both.h5:/mm10"}) {
    check_example(folder / name, true, true);
    check_labels(folder / name, cells, genes);
  }
  CHECK_THAT(fault(folder / "both.h5"), Contains("both.h5: holds the counts of 2 genomes; name one: ") &&
                                            Contains("both.h5:/hg19, ") && Contains("both.h5:/mm10"));
  {
    Hdf5Writer file(folder / "3.h5");
    write(file, "/matrix", "/features/name");
    H5Ldelete(file.id(), "/matrix/shape", H5P_DEFAULT);
    file.numbers("/matrix/shape", I32{3, 4});
  }
  CHECK_THAT(fault(folder / "3.h5"), Contains("3.h5:/matrix/indptr: has 4 numbers, but the matrix has 4 rows"));
}

TEST_CASE("loom files are read as cells x genes", "[hdf5]") {
  TemporaryFolder folder;
  const F64 upright = {0, 0, 5, 2, 0, 0, 0, 0, 3, 1, 0, 0};
  {
    Hdf5Writer file(folder / "v.loom");
    file.numbers("/matrix", upright, {4, 3}, H5T_IEEE_F32LE);
    file.numbers("/layers/spliced", upright, {4, 3}, H5T_STD_U16LE);
    file.strings("/row_attrs/Gene", genes);
    file.strings("/col_attrs/obs_names", cells);
  }
  check_example(folder / "v.loom", false, true);
  check_example(folder / "v.loom:/layers/spliced", false);
  check_labels(folder / "v.loom", cells, genes);
  check_labels(folder / "v.loom:/layers/spliced", cells, genes);
}

TEST_CASE("MATLAB's variables have the rows and columns that they have there", "[hdf5]") {
  TemporaryFolder folder;
  const F64 stored = {0, 0, 5, 2, 0, 0, 0, 0, 3, 1, 0, 0};
  const auto signed_by_matlab = [&](const std::string& name) {
    std::string bytes = read_text(folder / name);
    bytes.replace(0, 10, "MATLAB 7.3");
    write_text(folder / name, bytes);
  };
  {
    Hdf5Writer file(folder / "d.mat", 512), sparse(folder / "s.mat", 512), three(folder / "t.mat", 512);
    file.numbers("/V", stored, {4, 3});
    file.attribute("/V", "MATLAB_class", "double", true);
    file.numbers("/text", I32{65, 66}, {2, 1});
    file.attribute("/text", "MATLAB_class", "char", true);
    for (Hdf5Writer* to : {&sparse, &three}) {
      to->numbers("/V/jc", I64{0, 1, 2, 3, 4});
      to->numbers("/V/ir", I64{2, 0, 2, 0});
      to->numbers("/V/data", F64{5, 2, 3, 1});
      to->attribute("/V", "MATLAB_sparse", I64{3});
      to->attribute("/V", "MATLAB_class", "double", true);
    }
    three.numbers("/W", stored, {4, 3});
    three.attribute("/W", "MATLAB_class", "double", true);
    three.numbers("/none", I64{0, 0});
    three.attribute("/none", "MATLAB_class", "double", true);
    three.attribute("/none", "MATLAB_empty", I64{1});
    three.group("/S");
    three.attribute("/S", "MATLAB_class", "struct", true);
  }
  for (const char* name : {"d.mat", "s.mat", "t.mat"}) signed_by_matlab(name);
  check_example(folder / "d.mat", false);
  check_example(folder / "d.mat:/V", false);
  check_example(folder / "s.mat", true);
  check_example(folder / "t.mat:/V", true);
  check_example(folder / "t.mat:/W", false);
  CHECK_THAT(fault(folder / "d.mat:/text"), Contains("/text: is a text"));
  CHECK_THAT(fault(folder / "t.mat"), Contains("holds 2 matrices") && Contains("/V (sparse), /W (3 x 4)"));
  CHECK_THAT(fault(folder / "t.mat:/none"), Contains("/none: is empty"));
  CHECK_THAT(fault(folder / "t.mat:/S"), Contains("/S: is a struct of MATLAB"));
}

// found by libFuzzer: the library took 4 GB for these 49 bytes
TEST_CASE("a superblock that names driver information is refused before the library reads it", "[hdf5]") {
  TemporaryFolder folder;
  const std::string bytes = std::string("\x89HDF\r\n\x1a\n") + std::string(5, '\0') + "\x08\x08\xf9\x04" +
                            std::string("\0\x10\0\0\0", 5) + std::string(26, 'c') + "\x08";
  write_text(folder / "driver.h5", bytes);
  CHECK_THAT(fault(folder / "driver.h5"), Contains("driver.h5") && Contains("it was cut short"));
  write_text(folder / "driver.h5", bytes + std::string(60, '\0'));
  CHECK_THAT(fault(folder / "driver.h5"), Contains("driver.h5: is damaged, or one of several files"));
}

TEST_CASE("a file on which the HDF5 library itself fails is refused, and others are read after it", "[hdf5]") {
  TemporaryFolder folder;
  write_anndata(folder / "good.h5ad");
  write_text(folder / "bad.h5ad", with_spoilt_strings(read_text(folder / "good.h5ad")));
  CHECK_THAT(fault(folder / "bad.h5ad"), Contains("bad.h5ad:/: its attribute encoding-type cannot be read"));
  check_example(folder / "good.h5ad", true, true);
  CHECK_THAT(fault(folder / "bad.h5ad"), Contains("cannot be read"));
}
