// MATLAB's files of levels 5 to 7.
#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "mat_files.hpp"
#include "source_entries.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

using I32 = std::vector<std::int32_t>;
using F64 = std::vector<double>;

/// [. 2 . 1; . . . .; 5 . 3 .], column by column, and as compressed columns.
const Places example = {{{0, 1}, 2}, {{0, 3}, 1}, {{2, 0}, 5}, {{2, 2}, 3}};
const F64 columns = {0, 0, 5, 2, 0, 0, 0, 0, 3, 1, 0, 0}, stored = {5, 2, 3, 1};
const I32 rows = {2, 0, 2, 0}, offsets = {0, 1, 2, 3, 4};

void check_example(const std::string& name, bool sparse, bool single_precision = false) {
  INFO(name);
  for (const bool transpose : {false, true}) {
    LoadOptions options;
    options.transpose = transpose;
    Source source = open_source(name, options);
    CHECK(source.header.rows == (transpose ? 4 : 3));
    CHECK(source.header.columns == (transpose ? 3 : 4));
    CHECK(source.header.sparse == sparse);
    CHECK(source.header.single_precision == single_precision);
    CHECK(source.header.stored == (sparse ? 4 : 12));
    CHECK(entries_of(source) == (transpose ? transposed(example) : example));
  }
}

/// A file with the example, full as V and sparse as S.
std::string both(bool compressed, bool big_endian = false) {
  MatWriter file(big_endian);
  if (compressed) file.compress();
  file.full("V", {3, 4}, columns, 9);
  file.sparse("S", {3, 4}, rows, offsets, stored, 9);
  return file.bytes();
}

}  // namespace

TEST_CASE("MATLAB's matrices have the rows and columns that they have there", "[mat]") {
  const TemporaryFolder folder;
  for (const bool compressed : {false, true}) {
    for (const bool big_endian : {false, true}) {
      INFO(compressed << big_endian);
      write_text(folder / "v.mat", both(compressed, big_endian));
      check_example(folder / "v.mat:/V", false);
      check_example(folder / "v.mat:/S", true);
      MatWriter small(big_endian);
      if (compressed) small.compress();
      small.full("long name", {3, 4}, std::vector<std::uint8_t>(columns.begin(), columns.end()), 2);  // of doubles
      small.sparse("x", {3, 4}, rows, offsets, std::vector<std::uint8_t>(stored.begin(), stored.end()), 2);
      small.full("f", {3, 4}, std::vector<float>(columns.begin(), columns.end()), 7, 7);
      small.full("i", {3, 4}, std::vector<std::int64_t>(columns.begin(), columns.end()), 12, 14);
      write_text(folder / "small.mat", small.bytes());
      check_example(folder / "small.mat:/long name", false);
      check_example(folder / "small.mat:/x", true);
      check_example(folder / "small.mat:/f", false, true);
      check_example(folder / "small.mat:/i", false);
    }
  }
}

TEST_CASE("of MATLAB's variables the only matrix is read without a name", "[mat]") {
  const TemporaryFolder folder;
  MatWriter one;
  one.full("note", {1, 2}, std::vector<std::uint16_t>{72, 105}, 4, 4);
  one.full("k", {1, 1}, std::vector<std::uint8_t>{7}, 2);
  one.full("cube", {2, 2, 2}, F64(8, 1), 9);
  one.add(one.head(2, {1, 1}, "s"));
  one.full("none", {0, 3}, F64(), 9);
  one.full("V", {3, 4}, columns, 9);
  one.full("z", {2, 1}, F64{1, 2, 1, 2}, 9, 6 | 0x800);
  write_text(folder / "one.mat", one.bytes());
  const auto fault = [&](const std::string& name) { return fault_in(folder / name); };
  CHECK_THAT(fault("one.mat"),
             Contains("one.mat: holds several matrices; name one, such as ") && Contains("V (3 x 4), z (2 x 1)"));
  check_example(folder / "one.mat:/V", false);
  CHECK_THAT(fault("one.mat:/note"), Contains("one.mat:/note: is a text, where a matrix is expected"));
  CHECK_THAT(fault("one.mat:/cube"), Contains("one.mat:/cube: has 3 dimensions"));
  CHECK_THAT(fault("one.mat:/s"), Contains("one.mat:/s: is a struct"));
  CHECK_THAT(fault("one.mat:/none"), Contains("one.mat:/none: ") && Contains("0 x 3"));
  CHECK_THAT(fault("one.mat:/z"), Contains("one.mat:/z: is complex; save real(z)"));
  CHECK_THAT(fault("one.mat:/W"), Contains("one.mat:/W: there is no such variable; matrices are k (1 x 1), V"));
  MatWriter only;
  only.full("k", {1, 1}, std::vector<std::uint8_t>{7}, 2);
  only.full("V", {3, 4}, columns, 9);
  write_text(folder / "only.mat", only.bytes());
  check_example(folder / "only.mat", false);
  write_text(folder / "empty.mat", MatWriter().bytes());
  CHECK_THAT(fault("empty.mat"), Contains("empty.mat: holds no matrix"));
  LoadOptions forced;
  forced.file.format = "matlab";
  write_text(folder / "text", std::string(200, 'x'));
  CHECK_THAT(fault_in(folder / "text", forced), Contains("text: "));
}

TEST_CASE("what is wrong in a MATLAB file is found", "[mat]") {
  const TemporaryFolder folder;
  for (const bool compressed : {false, true}) {
    const auto fault = [&](const auto& write) {
      MatWriter file;
      if (compressed) file.compress();
      write(file);
      write_text(folder / "v.mat", file.bytes());
      return fault_in(folder / "v.mat");
    };
    CHECK_THAT(fault([](MatWriter& f) {
                 f.full("V", {3, 5}, columns, 9);
               }),
               Contains("v.mat:/V: has 12 numbers, but is 3 x 5"));
    CHECK_THAT(fault([](MatWriter& f) {
                 f.full("V", {2147483647, 2147483647}, columns, 9);
               }),
               Contains("v.mat:/V: has 12 numbers"));
    CHECK_THAT(fault([](MatWriter& f) { f.full("V", {-3, 4}, columns, 9); }), Contains("a size of -3"));
    CHECK_THAT(fault([](MatWriter& f) { f.full("V", {3, 4}, columns, 8); }), Contains("of the unknown type 8"));
    CHECK_THAT(fault([](MatWriter& f) {
                 f.add(f.head(6, {3, 4}, "V") + f.tag(9, 0xfffffff0));
               }),
               Contains("V promises 4294967280 bytes"));
    CHECK_THAT(fault([](MatWriter& f) {
                 f.sparse("S", {3, 4}, {2, 0, 3, 0}, offsets, stored, 9);
               }),
               Contains("v.mat:/S: column 2 has an entry in row 3"));
    CHECK_THAT(fault([](MatWriter& f) {
                 f.sparse("S", {3, 4}, {2, 0, -1, 0}, offsets, stored, 9);
               }),
               Contains("v.mat:/S: column 2 has an entry in row -1"));
    CHECK_THAT(fault([](MatWriter& f) {
                 f.sparse("S", {3, 4}, rows, {0, 2, 1, 3, 4}, stored, 9);
               }),
               Contains("v.mat:/S: falls from 2 to 1"));
    CHECK_THAT(fault([](MatWriter& f) {
                 f.sparse("S", {3, 4}, rows, {0, 1, 2, 3, 5}, stored, 9);
               }),
               Contains("v.mat:/S: ends with 5, but"));
    CHECK_THAT(fault([](MatWriter& f) {
                 f.sparse("S", {3, 4}, rows, {0, 1, 2, 3, -4}, stored, 9);
               }),
               Contains("v.mat:/S: ends with -4"));
    CHECK_THAT(fault([](MatWriter& f) {
                 f.sparse("S", {3, 3}, rows, offsets, stored, 9);
               }),
               Contains("v.mat:/S: says where 4 columns begin, but is 3 x 3"));
  }
  for (const bool big_endian : {false, true}) {
    std::string level_4;
    for (const int number : {0, 1, 1, 0, 2}) {  // type, rows, columns, real, length of the name
      std::string bytes = {static_cast<char>(number), 0, 0, 0};
      if (big_endian) bytes = {0, 0, 0, static_cast<char>(number)};
      level_4 += bytes;
    }
    if (big_endian) level_4.replace(0, 4, std::string("\0\0\x03\xe8", 4));
    level_4 += std::string("V\0", 2) + std::string(8, '\0');
    write_text(folder / "v.mat", level_4);
    CHECK_THAT(fault_in(folder / "v.mat"), Contains("v.mat: this is MATLAB 4") && Contains("save -v7"));
    level_4[20] = '\0';
    write_text(folder / "v.mat", level_4);
    CHECK_THAT(fault_in(folder / "v.mat"), Contains("unknown format"));
  }
  MatWriter unmarked;
  std::string bytes = unmarked.bytes();
  bytes[126] = 'X';
  write_text(folder / "v.mat", bytes);
  CHECK_THAT(fault_in(folder / "v.mat"), Contains("no mark of its byte order"));
}

TEST_CASE("a MATLAB file that is cut or spoilt anywhere is a message", "[mat]") {
  const TemporaryFolder folder;
  const std::string path = folder / "v.mat";
  for (const bool compressed : {false, true}) {
    const std::string whole = both(compressed);
    for (std::size_t length = 20; length < whole.size(); ++length) {
      write_text(path, whole.substr(0, length));
      INFO(compressed << ": " << length);
      CHECK_THAT(fault_in(path + ":/S"), Contains("v.mat"));
    }
    int refused = 0;
    for (std::size_t at = 124; at < whole.size(); ++at) {
      std::string spoilt = whole;
      spoilt[at] = static_cast<char>(spoilt[at] ^ 0x81);
      write_text(path, spoilt);
      for (const char* name : {":/S", ":/V"}) refused += fault_in(path + name).empty() ? 0 : 1;  // none crashes
    }
    CHECK(refused > 0);
  }
}
