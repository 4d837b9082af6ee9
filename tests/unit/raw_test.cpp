// Files of numbers alone.
#include <cstdint>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "source_entries.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

LoadOptions raw(const std::string& shape, const std::string& type, const std::string& layout = "") {
  LoadOptions options;
  options.file = {.format = "raw", .shape = shape, .element_type = type, .layout = layout};
  return options;
}

/// The 2 x 3 matrix [0 1 2; 3 0 5], by rows and by columns.
template <class T>
void check_type(const std::string& name) {
  INFO(name);
  const TemporaryFolder folder;
  const Places expected = {{{0, 1}, 1}, {{0, 2}, 2}, {{1, 0}, 3}, {{1, 2}, 5}};
  write_text(folder / "rows", bytes_of(std::vector<T>{0, 1, 2, 3, 0, 5}));
  write_text(folder / "columns", bytes_of(std::vector<T>{0, 3, 1, 0, 2, 5}));
  for (const std::string layout : {"rows", "columns"}) {
    for (const bool transpose : {false, true}) {
      LoadOptions options = raw("2x3", name, layout);
      options.transpose = transpose;
      Source source = open_source(folder / layout, options);
      CHECK(source.header.rows == (transpose ? 3 : 2));
      CHECK(source.header.stored == 6);
      CHECK_FALSE(source.header.sparse);
      CHECK(source.header.single_precision == (name == "float32"));
      CHECK(entries_of(source) == (transpose ? transposed(expected) : expected));
    }
  }
}

}  // namespace

TEST_CASE("raw files are read as they are said to lie", "[raw]") {
  check_type<float>("float32");
  check_type<double>("float64");
  check_type<std::uint8_t>("uint8");
  check_type<std::uint16_t>("uint16");
  check_type<std::int32_t>("int32");
  check_type<std::int64_t>("int64");
}

TEST_CASE("a raw file that is not what it is said to be is refused", "[raw]") {
  const TemporaryFolder folder;
  const std::string path = folder / "v";
  write_text(path, std::string(24, '\1'));
  CHECK(fault_in(path, raw("2x3", "float32")).empty());
  CHECK_THAT(fault_in(path), Contains("v: unknown format"));
  CHECK_THAT(fault_in(path, raw("", "float32")), Contains("v: a raw file needs --shape ROWSxCOLUMNS"));
  for (const std::string shape : {"2", "x", "2x", "x3", "2x3x4", "-2x-3", "0x3", "2.0x3", "2 x3"}) {
    CHECK_THAT(fault_in(path, raw(shape, "float32")), Contains("needs --shape ROWSxCOLUMNS") && Contains(shape));
  }
  CHECK_THAT(fault_in(path, raw("2x3", "")),
             Contains("needs --element-type; its size fits float32, uint32, int32"));
  CHECK_THAT(fault_in(path, raw("2x5", "")), Contains("needs --element-type; but of none are 2 x 5 numbers"));
  CHECK_THAT(fault_in(path, raw("2x3", "float")),
             Contains("--element-type 'float' is unknown; known are float32"));
  CHECK_THAT(fault_in(path, raw("2x3", "float32", "fortran")),
             Contains("--layout is rows or columns, not 'fortran'"));
  CHECK_THAT(fault_in(path, raw("2x4", "float32")),
             Contains("v: has 24 bytes, but 2 x 4 numbers of float32 are 32; correct --shape or --element-type"));
  CHECK_THAT(fault_in(path, raw("9223372036854775807x9223372036854775807", "float32")), Contains("v: "));
  CHECK_THAT(fault_in(path, raw("4611686018427387904x3", "float64")), Contains("v: "));
  for (int bytes = 0; bytes < 24; ++bytes) {
    write_text(path, std::string(static_cast<std::size_t>(bytes), '\1'));
    CHECK_THAT(fault_in(path, raw("2x3", "float32")), Contains("bytes, but 2 x 3 numbers of float32 are 24"));
  }
  LoadOptions table = raw("2x3", "float32");
  table.file.format = "table";
  CHECK_THAT(fault_in(path, table), Contains("--shape is not for this format (a table"));
}
