// NumPy's .npz and SciPy's sparse ones.
#include <cmath>
#include <filesystem>
#include <map>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "io/source.hpp"
#include "mpinmf/error.hpp"
#include "npz_files.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

using Places = std::map<std::pair<Index, Index>, double>;
using Entries = std::vector<ZipEntry>;

/// 4 x 6:  [. 2 . 1 . .]
///         [. . . . . .]
///         [5 . 3 . . .]   3 in two parts where a format can
///         [. . . . . 7]
const Places example = {{{0, 1}, 2}, {{0, 3}, 1}, {{2, 0}, 5}, {{2, 2}, 3}, {{3, 5}, 7}};

std::string integers(const std::vector<Index>& values, const std::string& type = "i8") {
  if (type == "i8") return npy_bytes(type, {static_cast<Index>(values.size())}, values);
  return npy_bytes(type, {static_cast<Index>(values.size())},
                   std::vector<std::int32_t>(values.begin(), values.end()));
}

std::string numbers(const std::vector<float>& values) {
  return npy_bytes("f4", {static_cast<Index>(values.size())}, values);
}

Entries csr() {
  return {{"indices.npy", integers({3, 1, 2, 0, 2, 5}, "i4")},
          {"indptr.npy", integers({0, 2, 2, 5, 6}, "i4")},
          {"format.npy", npy_word("csr")},
          {"shape.npy", integers({4, 6})},
          {"data.npy", numbers({1, 2, 1, 5, 2, 7})},
          {"_is_array.npy", npy_bytes<char>("b1", {}, {1})}};
}

Entries csc() {
  return {{"indices.npy", integers({2, 0, 2, 2, 0, 3}, "i4")},
          {"indptr.npy", integers({0, 1, 2, 4, 5, 5, 6}, "i4")},
          {"format.npy", npy_word("csc", 'U')},
          {"shape.npy", integers({4, 6})},
          {"data.npy", numbers({5, 2, 1, 2, 1, 7})}};
}

Entries coo() {
  return {{"row.npy", integers({3, 2, 0, 2, 0, 2}, "i4")},
          {"col.npy", integers({5, 2, 3, 2, 1, 0}, "i4")},
          {"format.npy", npy_word("coo")},
          {"shape.npy", integers({4, 6})},
          {"data.npy", numbers({7, 1, 1, 2, 2, 5})}};
}

Entries coo_of_arrays() {
  Entries entries = coo();
  entries.erase(entries.begin());
  entries[0] = {"coords.npy", npy_bytes<Index>("i8", {2, 6}, {3, 2, 0, 2, 0, 2, 5, 2, 3, 2, 1, 0})};
  return entries;
}

/// Blocks of 2 x 3: (0, 0) and (0, 1), then (1, 1) and (1, 0), with zeros in them.
Entries bsr() {
  return {{"indices.npy", integers({0, 1, 1, 0}, "i4")},
          {"indptr.npy", integers({0, 2, 4}, "i4")},
          {"format.npy", npy_word("bsr")},
          {"shape.npy", integers({4, 6})},
          {"data.npy", npy_bytes<float>("f4", {4, 2, 3}, {0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0,
                                                          0, 0, 0, 0, 0, 7, 5, 0, 3, 0, 0, 0})}};
}

/// Diagonals 1, 3, 0, -2, 2 and 99, of 5 columns, with numbers where there is no matrix.
Entries dia() {
  return {{"format.npy", npy_word("dia")},
          {"shape.npy", integers({4, 6})},
          {"data.npy",
           npy_bytes<float>("f4", {6, 7}, {9, 2, 0, 0, 0, 9, 9, 9, 9, 9, 1, 0, 0, 9, 0, 0, 3, 0, 9, 9, 9,
                                           5, 0, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 7, 9, 9, 9, 9, 9, 9, 9, 9})},
          {"offsets.npy", integers({1, 3, 0, -2, 2, 99}, "i4")}};
}

Entries with(Entries entries, bool deflated, bool zip64 = false) {
  for (ZipEntry& e : entries) e.deflated = deflated, e.zip64 = zip64;
  return entries;
}

Entries replaced(Entries entries, const std::string& name, const std::string& bytes) {
  for (ZipEntry& e : entries) {
    if (e.name == name + ".npy") e.bytes = bytes;
  }
  return entries;
}

/// Whatever the number of pieces, each entry is in one of them.
void check_pieces(EntryPieces* pieces, Index stored, const Places& expected) {
  if (pieces == nullptr) return;
  for (const int parts : {1, 2, 3, 7, 50}) {
    Places places;
    Index found = 0;
    for (int part = 0; part < parts; ++part) {
      pieces->read(part, parts, [&](std::span<const Entry> entries) {
        found += static_cast<Index>(entries.size());
        for (const Entry& e : entries) places[{e.row, e.column}] += e.value;
      });
    }
    CHECK(found == stored);
    CHECK(places == expected);
    CHECK_NOTHROW(pieces->require_total(found));
    CHECK_THROWS_WITH(pieces->require_total(found + 1), Contains("changed while it was read"));
  }
}

Places read(const std::string& path, bool transpose = false) {
  LoadOptions options;
  options.transpose = transpose;
  Source source = open_source(path, options);
  Places places;
  const auto take = [&](std::span<const Entry> entries) {
    for (const Entry& e : entries) {
      REQUIRE((e.row >= 0 && e.row < source.header.rows && e.column >= 0 && e.column < source.header.columns));
      if (e.value != 0) places[{e.row, e.column}] += e.value;
    }
  };
  if (auto* rows = std::get_if<std::unique_ptr<SparseRows>>(&source.reader)) {
    (*rows)->read(0, source.header.rows, take);
  } else if (auto* stream = std::get_if<std::unique_ptr<EntryStream>>(&source.reader)) {
    (*stream)->read_all(take);
    places.clear();
    (*stream)->read_all(take);  // again
    check_pieces((*stream)->pieces(), source.header.stored, places);
  } else {
    const Index n = source.header.columns;
    std::vector<double> values(static_cast<std::size_t>(source.header.rows * n));
    std::get<std::unique_ptr<DenseRows>>(source.reader)->read(0, source.header.rows, values.data());
    for (Index i = 0; i < source.header.rows * n; ++i) {
      if (values[static_cast<std::size_t>(i)] != 0) places[{i / n, i % n}] = values[static_cast<std::size_t>(i)];
    }
  }
  return places;
}

Places transposed(const Places& places) {
  Places turned;
  for (const auto& [place, value] : places) turned[{place.second, place.first}] = value;
  return turned;
}

/// What is said of an archive, or "no fault"; anything but BadData and UsageError flies.
std::string fault_of(const std::string& path) {
  try {
    read(path);
  } catch (const BadData& error) {
    return error.what();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no fault";
}

std::string fault(const TemporaryFolder& folder, const Entries& entries) {
  write_text(folder / "v.npz", zip_bytes(entries));
  const std::string said = fault_of(folder / "v.npz");
  CHECK_THAT(said, Contains(folder / "v.npz") || Contains("no fault"));
  return said;
}

}  // namespace

TEST_CASE("every format of SciPy is the same matrix, stored or deflated, as it is or transposed", "[npz]") {
  TemporaryFolder folder;
  for (const Entries& entries : {csr(), csc(), coo(), coo_of_arrays(), bsr(), dia()}) {
    for (const bool deflated : {false, true}) {
      for (const bool zip64 : {false, true}) {
        write_text(folder / "v.npz", zip_bytes(with(entries, deflated, zip64)));
        INFO(entries[2].bytes.substr(128) << entries[0].bytes.substr(128) << deflated << zip64);
        const Source source = open_source(folder / "v.npz", {});
        CHECK((source.header.rows == 4 && source.header.columns == 6));
        CHECK((source.header.sparse && source.header.single_precision && source.header.stored >= 6));
        CHECK(read(folder / "v.npz") == example);
        CHECK(read(folder / "v.npz", true) == transposed(example));
      }
    }
  }
}

TEST_CASE("what is stored is read in place, by rows or in pieces", "[npz]") {
  TemporaryFolder folder;
  const auto is_in_place = [&](const Entries& entries, bool transpose) {
    write_text(folder / "v.npz", zip_bytes(entries));
    LoadOptions options;
    options.transpose = transpose;
    const Source source = open_source(folder / "v.npz", options);
    return std::holds_alternative<std::unique_ptr<SparseRows>>(source.reader) ||
           std::holds_alternative<std::unique_ptr<DenseRows>>(source.reader);
  };
  const auto has_pieces = [&](const Entries& entries, bool transpose) {
    write_text(folder / "v.npz", zip_bytes(entries));
    LoadOptions options;
    options.transpose = transpose;
    const Source source = open_source(folder / "v.npz", options);
    auto* stream = std::get_if<std::unique_ptr<EntryStream>>(&source.reader);
    return stream != nullptr && (*stream)->pieces() != nullptr;
  };
  CHECK(is_in_place(csr(), false));
  CHECK(is_in_place(csc(), true));
  CHECK_FALSE(is_in_place(with(csr(), true), false));
  CHECK(has_pieces(csc(), false));
  CHECK(has_pieces(csr(), true));
  CHECK(has_pieces(coo(), false));
  CHECK(has_pieces(coo_of_arrays(), true));
  CHECK_FALSE(has_pieces(with(coo(), true), false));
  CHECK_FALSE(has_pieces(dia(), false));
  Entries mixed = csr();
  mixed[4].deflated = true;
  CHECK_FALSE(is_in_place(mixed, false));
  const std::string dense = npy_bytes<double>("f8", {2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(is_in_place({{"a.npy", dense}}, false));
  CHECK(is_in_place({{"a.npy", dense}}, true));
  CHECK_FALSE(is_in_place({{"a.npy", dense, true}}, false));
}

TEST_CASE("an array of an archive is read by its name, and the only matrix without", "[npz]") {
  TemporaryFolder folder;
  const Places six = {{{0, 0}, 1}, {{0, 1}, 2}, {{0, 2}, 3}, {{1, 0}, 4}, {{1, 1}, 5}, {{1, 2}, 6}};
  const std::string matrix = npy_bytes<double>("f8", {2, 3}, {1, 2, 3, 4, 5, 6});
  std::string fortran = npy_bytes<double>("f8", {3, 2}, {1, 2, 3, 4, 5, 6});
  fortran.replace(fortran.find("False"), 5, "True ");
  for (const bool deflated : {false, true}) {
    const ZipEntry a{"a.npy", matrix, deflated}, b{"b/of c d.npy", fortran, deflated},
        row{"row.npy", integers({1, 2, 3}), deflated}, text{"notes.txt", "mine", deflated};
    write_text(folder / "one.npz", zip_bytes({row, a, text}));
    CHECK(read(folder / "one.npz") == six);
    CHECK(read(folder / "one.npz", true) == transposed(six));
    CHECK(read(folder / "one.npz:/a") == six);
    CHECK(open_source(folder / "one.npz", {}).name == folder / "one.npz:/a");
    constexpr unsigned sizes_follow = 1U << 3, name_in_utf8 = 1U << 11;  // where the archive went into a pipe
    ZipEntry piped = b;
    piped.flags = sizes_follow | name_in_utf8;
    write_text(folder / "two.npz", zip_bytes({row, a, piped}, "a comment"));
    CHECK(read(folder / "two.npz:/b/of c d") == transposed(six));
    CHECK(read(folder / "two.npz:/b/of c d", true) == six);
    CHECK_THROWS_AS(open_source(folder / "two.npz", {}), UsageError);
    CHECK_THAT(fault_of(folder / "two.npz"), Contains("name one, such as " + folder / "two.npz:/a") &&
                                                 Contains("row (3), a (2 x 3), b/of c d (3 x 2)"));
    CHECK_THROWS_AS(open_source(folder / "two.npz:/c", {}), UsageError);
    CHECK_THAT(fault_of(folder / "two.npz:/c"), Contains("no such array") && Contains("a (2 x 3)"));
    CHECK_THAT(fault_of(folder / "two.npz:/row"), Contains("two.npz:/row: ") && Contains("1 dimension (") &&
                                                      Contains("np.load(sys.argv[1])[sys.argv[2]]"));
  }
}

TEST_CASE("an archive cut at any byte is one message that names it", "[npz]") {
  TemporaryFolder folder;
  for (const Entries& entries : {csr(), with(coo(), true), with(dia(), true, true),
                                 Entries{{"a.npy", npy_bytes<double>("f8", {1, 2}, {1, 2})}}}) {
    const std::string whole = zip_bytes(entries);
    write_text(folder / "v.npz", whole);
    CHECK(fault_of(folder / "v.npz") == "no fault");
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
      write_text(folder / "v.npz", whole.substr(0, bytes));
      const std::string said = fault_of(folder / "v.npz");
      INFO(bytes << " of " << whole.size() << ": " << said);
      CHECK(said.rfind(folder / "v.npz", 0) == 0);
    }
  }
}

TEST_CASE("an archive with any byte changed is read or refused, and ends", "[npz]") {
  TemporaryFolder folder;
  for (const Entries& entries : {csr(), with(csc(), true), with(bsr(), true, true), dia()}) {
    const std::string whole = zip_bytes(entries);
    for (std::size_t at = 0; at < whole.size(); at += 5) {
      for (const char change : {'\x01', '\x80'}) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ change);
        write_text(folder / "v.npz", changed);
        CHECK_NOTHROW(fault_of(folder / "v.npz"));
      }
    }
  }
}

TEST_CASE("archives that lie are found out", "[npz]") {
  TemporaryFolder folder;
  const std::string array = npy_bytes<double>("f8", {2, 3}, {1, 2, 3, 4, 5, 6});
  const auto of = [&](const ZipEntry& entry) { return fault(folder, {entry}); };
  CHECK_THAT(of({"a.npy", array.substr(0, array.size() - 8)}),
             Contains("v.npz:/a: has 168 bytes where its header promises 176"));
  CHECK_THAT(of({"a.npy", array + "more"}), Contains("has 180 bytes where its header promises 176"));
  ZipEntry lying{"a.npy", array, true};
  lying.said_bytes = 100;
  CHECK_THAT(of(lying), Contains("v.npz:/a: unpacks to more than the 100 bytes that the archive says"));
  lying.said_bytes = 176;
  lying.bytes = array + std::string(100000, '\0');
  CHECK_THAT(of(lying), Contains("unpacks to more than the 176 bytes that the archive says"));
  lying.bytes = array.substr(0, array.size() - 1);
  CHECK_THAT(of(lying), Contains("v.npz:/a: unpacks to 175 bytes, but the archive says 176"));
  lying.said_bytes = 0xfffffffe;
  lying.bytes = npy_header_bytes("f8", {1 << 20, 511});
  CHECK_THAT(of(lying), Contains("a.npy cannot have 4294967294 bytes that are packed in "));
  lying.deflated = false;
  CHECK_THAT(of(lying), Contains("a.npy has 4294967294 bytes, but only "));
  ZipEntry spoilt{"a.npy", array, true};
  spoilt.checksum = 0x12345678;
  CHECK_THAT(of(spoilt), Contains("v.npz:/a: is damaged: its checksum") && Contains("12345678"));
  CHECK_THAT(of({"a.npy", array, false, false, 1}), Contains("a.npy is encrypted"));
  CHECK_THAT(of({"a.npy", array, false, false, 0, 14}), Contains("a.npy is packed by method 14"));
  CHECK_THAT(fault(folder, {{"a.npy", array}, {"a.npy", array}}), Contains("two members a.npy"));
  CHECK_THAT(of({"a.npy", "not an array"}), Contains("v.npz:/a: is not a .npy file"));
  CHECK_THAT(of({"a.npy", ""}), Contains("v.npz:/a: ends within the .npy header"));
}

TEST_CASE("zip archives that are no .npz say what they are", "[npz]") {
  TemporaryFolder folder;
  CHECK_THAT(fault(folder, {}), Contains("this is an empty zip archive"));
  CHECK_THAT(fault(folder, {{"notes.txt", "mine"}}),
             Contains("a zip archive without arrays") && Contains("unzip"));
  CHECK_THAT(fault(folder, {{"[Content_Types].xml", "<"}}), Contains("an Excel workbook"));
  gzFile file = gzopen((folder / "v.npz").c_str(), "wb");
  const std::string bytes = zip_bytes(csr());
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  CHECK_THAT(fault_of(folder / "v.npz"), Contains("gzip'd; unpack it: gunzip"));
}

TEST_CASE("arrays that are no numbers say how to convert them", "[npz]") {
  TemporaryFolder folder;
  const auto retyped = [](std::string bytes, const std::string& type, const std::string& other) {
    return bytes.replace(bytes.find("'" + type + "'"), type.size() + 2, "'" + other + "'");
  };
  const std::string complex = retyped(npy_bytes<double>("f8", {1, 2}, {1, 2, 3, 4}), "<f8", "<c16");
  CHECK_THAT(fault(folder, {{"a.npy", complex}}),
             Contains("v.npz:/a: complex") && Contains("[sys.argv[2]].real") && Contains("/v.npz a"));
  const std::string object = retyped(npy_bytes<double>("f8", {}, {1}), "<f8", "|O");
  CHECK_THAT(fault(folder, {{"a.npy", object}}), Contains("Python objects") && Contains("allow_pickle=True"));
  CHECK_THAT(fault(folder, replaced(csr(), "data", retyped(numbers({1, 2, 1, 5, 2, 7}), "<f4", "<c8"))),
             Contains("v.npz:/data: complex") && Contains("s.load_npz(sys.argv[1]).real"));
  std::string big =
      npy_bytes<unsigned char>("u1", {1, 2}, {0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0});
  write_text(folder / "v.npz", zip_bytes({{"a.npy", retyped(big, "|u1", ">f8")}}));
  CHECK(read(folder / "v.npz") == Places{{{0, 0}, 1}, {{0, 1}, 2}});
}

TEST_CASE("sparse archives whose arrays do not go together name the array", "[npz]") {
  TemporaryFolder folder;
  for (const bool deflated : {false, true}) {
    INFO(deflated);
    const auto of = [&](const Entries& entries, const std::string& name, const std::string& bytes) {
      return fault(folder, with(replaced(entries, name, bytes), deflated));
    };
    CHECK_THAT(of(csr(), "indptr", integers({1, 2, 2, 5, 6})),
               Contains("v.npz:/indptr: must start with 0, not 1"));
    CHECK_THAT(of(csr(), "indptr", integers({0, 2, 2, 5, 7})),
               Contains("ends with 7") && Contains("has 6 entries"));
    CHECK_THAT(of(csr(), "indptr", integers({0, 3, 2, 5, 6})), Contains("falls from 3 to 2 at row 1"));
    CHECK_THAT(of(csr(), "indptr", integers({0, 2, 99, 5, 6})),
               Contains("row 2 (counted from 0) starts at entry 99"));
    CHECK_THAT(of(csr(), "indptr", integers({0, 2, 2, 5, -1})), Contains("ends with -1"));
    CHECK_THAT(of(csr(), "indptr", integers({0, 2, -2147483648, 5, 6}, "i4")),
               Contains("starts at entry -2147483648") && Contains("32-bit offsets have overflowed"));
    CHECK_THAT(of(csr(), "indptr", integers({0, 2, 2, 5, -1}, "i4")), Contains("32-bit offsets have overflowed"));
    CHECK_THAT(of(csr(), "indptr", integers({0, 2, 6})),
               Contains("v.npz:/indptr: has 3 numbers") && Contains("4 rows"));
    CHECK_THAT(of(csr(), "indptr", numbers({0, 2, 2, 5, 6})), Contains("v.npz:/indptr: must hold integers"));
    CHECK_THAT(of(csr(), "indices", integers({3, 1, 6, 0, 2, 5})),
               Contains("v.npz:/indices: row 2 has an entry in column 6") && Contains("4 x 6"));
    CHECK_THAT(of(csr(), "indices", integers({-3, 1, 2, 0, 2, 5})), Contains("row 0 has an entry in column -3"));
    CHECK_THAT(of(csr(), "indices", integers({3, 1, 2, 0, 2, Index{1} << 33})), Contains("column 8589934592"));
    CHECK_THAT(of(csr(), "indices", integers({3, 1, 2, 0, 2})), Contains("v.npz:/indices has 5 entries"));
    CHECK_THAT(of(csc(), "indices", integers({2, 0, 4, 2, 0, 3})),
               Contains("v.npz:/indices: column 2 has an entry in row 4") && Contains("4 x 6"));
    CHECK_THAT(of(csc(), "indptr", integers({0, 1, 2, 1, 5, 5, 6})), Contains("at column 2"));
    CHECK_THAT(of(csr(), "data", numbers({1, 2})), Contains("v.npz:/data has 2 entries"));
    CHECK_THAT(of(csr(), "shape", integers({4, 0})), Contains("empty (4 x 0)"));
    CHECK_THAT(of(csr(), "shape", integers({4, -6})), Contains("v.npz:/shape: says 4 x -6"));
    CHECK_THAT(of(csr(), "shape", integers({4})), Contains("v.npz:/shape: must hold 2 numbers, not 1"));
    CHECK_THAT(of(csr(), "format", npy_word("lil")), Contains("format 'lil'; read are csr, csc"));
    CHECK_THAT(of(csr(), "format", integers({1})), Contains("v.npz:/format: must be a word"));
    CHECK_THAT(of(coo(), "row", integers({3, 2, 0, 2, 0, 4})),
               Contains("entry 5 is in row 4, column 0 (all counted from 0)"));
    CHECK_THAT(of(coo(), "col", integers({-1, 2, 3, 2, 1, 0})), Contains("entry 0 is in row 3, column -1"));
    CHECK_THAT(of(coo(), "col", integers({5})), Contains("v.npz:/col: must hold 6 integers"));
    CHECK_THAT(of(coo_of_arrays(), "coords", integers({5})), Contains("v.npz:/coords: must have 2 dimensions"));
    CHECK_THAT(of(bsr(), "shape", integers({4, 7})),
               Contains("v.npz:/data: has blocks of 2 x 3") && Contains("4 x 7"));
    CHECK_THAT(of(bsr(), "shape", integers({6, 6})),
               Contains("v.npz:/indptr: has 3 numbers") && Contains("rows of blocks"));
    CHECK_THAT(of(bsr(), "indices", integers({0, 1, 2, 0})), Contains("row 1 has an entry in column 2"));
    CHECK_THAT(of(bsr(), "data", npy_bytes<float>("f4", {0, 0, 3}, {})), Contains("has blocks of 0 x 3"));
    CHECK_THAT(of(dia(), "offsets", integers({1, 3, 0, -2, 1, 99})), Contains("names diagonal 1 twice"));
    CHECK_THAT(of(dia(), "offsets", integers({1})), Contains("v.npz:/offsets: must hold 6 numbers, not 1"));
    for (const char* missing : {"indptr", "indices", "data", "shape"}) {
      Entries entries = with(csr(), deflated);
      std::erase_if(entries, [&](const ZipEntry& e) { return e.name == missing + std::string(".npy"); });
      CHECK_THAT(fault(folder, entries), Contains("has no array " + std::string(missing)));
    }
    // SciPy keeps room behind the last entry
    write_text(folder / "v.npz",
               zip_bytes(with(replaced(replaced(csr(), "indices", integers({3, 1, 2, 0, 2, 5, -7})), "data",
                                       numbers({1, 2, 1, 5, 2, 7, NAN})),
                              deflated)));
    CHECK(read(folder / "v.npz") == example);
  }
}
