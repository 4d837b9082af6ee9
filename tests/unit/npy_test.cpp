#include "io/npy.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "io/file.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

/// A header as NumPy writes it, in any version.
std::string header(int version, const std::string& descr, const std::string& fortran, const std::string& shape) {
  const std::string text =
      "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
  std::string bytes = "\x93NUMPY";
  bytes += {static_cast<char>(version), '\0'};
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>(text.size() >> (8 * i) & 0xff);
  return bytes + text;
}

template <class T>
std::string elements(const std::vector<double>& values, bool swapped = false) {
  std::string bytes;
  for (double value : values) {
    const T element = static_cast<T>(value);
    char raw[sizeof(T)];
    std::memcpy(raw, &element, sizeof(T));
    if (swapped) std::reverse(raw, raw + sizeof(T));
    bytes.append(raw, sizeof(T));
  }
  return bytes;
}

void write_gzip(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

/// Row by row.
std::vector<double> all_of(const Matrix<double>& m) {
  std::vector<double> values;
  for (Index i = 0; i < m.rows(); ++i) values.insert(values.end(), m.row(i), m.row(i) + m.columns());
  return values;
}

const std::vector<double> six = {1, 2, 3, 4, 5, 6};

template <class T>
void check_type(const std::string& type) {
  TemporaryFolder folder;
  for (const bool swapped : {false, true}) {
    const std::string descr = std::string("'") + (sizeof(T) == 1 ? '|' : swapped ? '>' : '<') + type + "'";
    write_text(folder / "v.npy", header(1, descr, "False", "(2, 3)") + elements<T>(six, swapped && sizeof(T) > 1));
    INFO(descr);
    const Matrix<double> m = read_npy<double>(folder / "v.npy");
    CHECK((m.rows() == 2 && m.columns() == 3));
    CHECK(all_of(m) == six);
  }
}

struct FileSizeLimit {
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit now{bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before); }
  rlimit before{};
};

}  // namespace

TEST_CASE("every number type in both byte orders reads as the same matrix", "[npy]") {
  check_type<double>("f8");
  check_type<float>("f4");
  if constexpr (sizeof(long double) == 16) check_type<long double>("f16");
  check_type<std::int8_t>("i1");
  check_type<std::int16_t>("i2");
  check_type<std::int32_t>("i4");
  check_type<std::int64_t>("i8");
  check_type<std::uint8_t>("u1");
  check_type<std::uint16_t>("u2");
  check_type<std::uint32_t>("u4");
  check_type<std::uint64_t>("u8");
}

TEST_CASE("bool reads as 0 and 1", "[npy]") {
  TemporaryFolder folder;
  write_text(folder / "v.npy", header(1, "'|b1'", "False", "(1, 2)") + std::string("\1\0", 2));
  CHECK(all_of(read_npy<double>(folder / "v.npy")) == std::vector<double>{1, 0});
}

TEST_CASE("versions 1 to 3, C and Fortran order, plain and gzip'd agree", "[npy]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.npy";
  for (const int version : {1, 2, 3}) {
    for (const bool fortran : {false, true}) {
      const std::vector<double> order = fortran ? std::vector<double>{1, 4, 2, 5, 3, 6} : six;
      const std::string bytes =
          header(version, "'<f8'", fortran ? "True" : "False", "(2, 3)") + elements<double>(order);
      INFO("version " << version << ", Fortran " << fortran);
      write_text(path, bytes);
      CHECK(all_of(read_npy<double>(path)) == six);
      CHECK(all_of(read_npy_rows<double>(path, 1, 1)) == std::vector<double>{4, 5, 6});
      write_gzip(path, bytes);
      CHECK(all_of(read_npy<double>(path)) == six);
      CHECK(all_of(read_npy_rows<double>(path, 1, 1)) == std::vector<double>{4, 5, 6});
    }
  }
}

TEST_CASE("transposing a file is reading it in the other order", "[npy]") {
  TemporaryFolder folder;
  const Index m = 40, n = 19;
  std::vector<double> values;
  for (Index i = 0; i < m * n; ++i) values.push_back(static_cast<double>(i));
  write_text(folder / "v.npy", header(1, "'<f8'", "False", "(40, 19)") + elements<double>(values));
  Source source = open_npy(folder / "v.npy", true);
  REQUIRE((source.header.rows == n && source.header.columns == m));
  auto& rows = *std::get<std::unique_ptr<DenseRows>>(source.reader);
  for (const Index count : {Index{3}, n}) {
    std::vector<double> out(static_cast<std::size_t>(count * m));
    rows.read(n - count, count, out.data());
    for (Index i = 0; i < count; ++i) {
      for (Index j = 0; j < m; ++j) {
        CHECK(out[static_cast<std::size_t>(i * m + j)] == values[static_cast<std::size_t>(j * n + n - count + i)]);
      }
    }
  }
}

TEST_CASE("numbers of 16 bits are read as they are", "[npy]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.npy";
  // 1, 65504 (the largest), 2^-14 (the least normal one), 2^-24 (the least), 0.333251953125, 0
  const std::vector<unsigned> bits = {0x3c00, 0x7bff, 0x0400, 0x0001, 0x3555, 0x0000};
  const std::vector<double> wanted = {1, 65504, 0x1p-14, 0x1p-24, 0.333251953125, 0};
  for (const bool big : {false, true}) {
    std::string data;
    for (const unsigned b : bits) {
      data += static_cast<char>(big ? b >> 8 : b & 0xff);
      data += static_cast<char>(big ? b & 0xff : b >> 8);
    }
    write_text(path, header(1, big ? "'>f2'" : "'<f2'", "False", "(2, 3)") + data);
    CHECK(all_of(read_npy<double>(path)) == wanted);
  }
}

TEST_CASE("what cannot be read says how to convert it", "[npy]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.npy";
  const auto message = [&](const std::string& descr) {
    write_text(path, header(1, descr, "False", "(2, 3)") + std::string(200, '\0'));
    try {
      open_npy(path, false);
    } catch (const BadData& error) {
      return std::string(error.what());
    }
    return std::string("read it");
  };
  CHECK_THAT(message("'<c16'"), Contains("complex") && Contains("np.save") && Contains(path));
  CHECK_THAT(message("'|O'"), Contains("objects") && Contains("allow_pickle=True"));
  CHECK_THAT(message("'<f12'"), Contains("'<f12' is not supported") && Contains("astype('f8')"));
  CHECK_THAT(message("'<U5'"), Contains("not supported"));
  CHECK_THAT(message("[('a', '<f8'), ('b', '<i4')]"), Contains("structured") && Contains("['FIELD']"));
}

TEST_CASE("malformed files are bad data", "[npy]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.npy";
  const auto rejects = [&](const std::string& bytes, const std::string& text) {
    write_text(path, bytes);
    CHECK_THROWS_WITH(open_npy(path, false), Contains(text) && Contains(path));
    CHECK_THROWS_AS(open_npy(path, false), BadData);
  };
  const std::string good = header(1, "'<f8'", "False", "(2, 3)") + elements<double>(six);
  rejects(good.substr(0, 5), "cut short");
  rejects(good.substr(0, 30), "cut short");
  rejects(good.substr(0, good.size() - 1), "cut short");
  rejects(header(4, "'<f8'", "False", "(2, 3)"), "version 4");
  rejects(header(1, "'<f8'", "False", "(2, 3, 1)") + elements<double>(six), "3 dimensions");
  rejects(header(1, "'<f8'", "False", "(6,)") + elements<double>(six), "1 dimension");
  rejects(header(1, "'<f8'", "False", "()") + elements<double>(six), "0 dimensions");
  rejects(header(1, "'<f8'", "False", "(0, 3)"), "empty");
  rejects(header(1, "'<f8'", "False", "(3, 0)"), "empty");
  rejects(header(1, "'<f8'", "False", "(-1, 3)"), "shape");
  rejects(header(1, "'<f8'", "False", "(99999999999, 99999999999)"), "larger than any memory");
  rejects(header(1, "'<f8'", "False", "(9999999999999999999999, 1)"), "shape");
  rejects("\x93NUMPY" + std::string("\x01\x00\x03\x00{}\n", 7), "descr");
  std::string zipped;
  write_gzip(path, good);
  zipped = read_text(path);
  write_text(path, zipped.substr(0, zipped.size() - 6));
  CHECK_THROWS_WITH(read_npy<double>(path), Contains("cut short"));
}

TEST_CASE("a file that cannot be opened is a system error, and a pipe does not hang", "[npy]") {
  TemporaryFolder folder;
  CHECK_THROWS_AS(open_npy(folder / "none.npy", false), SystemError);
  CHECK_THROWS_WITH(open_npy(folder / "none.npy", false), Contains("No such file"));
  CHECK_THROWS_WITH(open_npy(folder.path().string(), false), Contains("folder"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(open_npy(folder / "pipe", false), Contains("not a regular file"));
}

TEST_CASE("what is written reads back, padding left out", "[npy]") {
  TemporaryFolder folder;
  auto m = Matrix<float>::padded(5, 3);
  for (Index i = 0; i < 5; ++i) {
    for (Index j = 0; j < 3; ++j) m(i, j) = static_cast<float>(10 * i + j);
  }
  const std::string path = folder / "w.npy";
  write_text(path, "what was there before");
  write_npy<float>(Comm::self(), path, m.view());
  CHECK(std::filesystem::file_size(path) == 128 + 5 * 3 * 4);
  const NpyHeader h = read_npy_header(path);
  CHECK((h.type == "f4" && h.shape == std::vector<Index>{5, 3} && h.data_offset % 64 == 0));
  const Matrix<float> back = read_npy<float>(path);
  CHECK((back(4, 2) == 42 && back(0, 1) == 1));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a full disk is one message with the path, and nothing is left behind", "[npy]") {
  TemporaryFolder folder;
  const Matrix<double> m(100, 100);
  CHECK_THROWS_WITH(write_npy<double>(Comm::self(), "/dev/full", m.view()),
                    Contains("/dev/full") && Contains("No space left"));
  CHECK(std::filesystem::is_character_file("/dev/full"));
  {
    const FileSizeLimit limit(4096);
    CHECK_THROWS_WITH(write_npy<double>(Comm::self(), folder / "w.npy", m.view()),
                      Contains("w.npy: cannot write it: File too large"));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK_THROWS_AS(write_npy<double>(Comm::self(), folder / "missing/w.npy", m.view()), SystemError);
  CHECK_THROWS_WITH(write_npy<double>(Comm::self(), folder.path().string(), m.view()), Contains("folder"));
}

TEST_CASE("integers of a vector", "[npy]") {
  TemporaryFolder folder;
  write_text(folder / "a.npy", header(1, "'>i4'", "False", "(3,)") + elements<std::int32_t>({1, -2, 3}, true));
  CHECK(read_npy_integers(folder / "a.npy") == std::vector<Index>{1, -2, 3});
  write_text(folder / "b.npy", header(1, "'<f8'", "False", "(3,)") + elements<double>({1, 2, 3}));
  CHECK_THROWS_AS(read_npy_integers(folder / "b.npy"), BadData);
}
