#include "io/matrix_market.hpp"

#include <zlib.h>

#include <algorithm>
#include <map>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

using Places = std::map<std::pair<Index, Index>, std::vector<double>>;

EntryStream& stream_of(Source& source) {
  return *std::get<std::unique_ptr<EntryStream>>(source.reader);
}

Places read(const std::string& text, bool transpose = false, bool zip = false) {
  TemporaryFolder folder;
  const std::string path = folder / "v.mtx";
  if (zip) {
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
  } else {
    write_text(path, text);
  }
  Source source = open_matrix_market(path, transpose);
  Places first, second;
  for (Places* places : {&first, &second}) {
    stream_of(source).read_all([&](std::span<const Entry> entries) {
      for (const Entry& e : entries) (*places)[{e.row, e.column}].push_back(e.value);
    });
  }
  CHECK(first == second);
  return first;
}

/// The message of the BadData that a text must raise; it names the file.
std::string fault(const std::string& text) {
  try {
    read(text);
  } catch (const BadData& error) {
    CHECK_THAT(error.what(), Contains("v.mtx"));
    return error.what();
  }
  return "no fault";
}

const std::string coordinate = "%%MatrixMarket matrix coordinate real general\n";

}  // namespace

TEST_CASE("a byte order mark is skipped, and old Macs' line ends have a message", "[matrix_market]") {
  const Places expected = {{{0, 1}, {2.5}}};
  const std::string text = coordinate + "3 2 1\n1 2 2.5\n";
  CHECK(read("\xef\xbb\xbf" + text) == expected);
  CHECK(read("\xef\xbb\xbf" + text, false, true) == expected);
  CHECK_THAT(fault("\xef\xbb\xbf" + coordinate + "3 2 1\n1 3 1\n"), Contains("line 3"));
  for (const std::size_t spaces : {std::size_t{0}, std::size_t{2} << 20}) {
    std::string mac = text + std::string(spaces, ' ');
    std::replace(mac.begin(), mac.end(), '\n', '\r');
    CHECK_THAT(fault(mac), Contains("line 1") && Contains("old Macs"));
  }
}

TEST_CASE("coordinate entries come with indices from 0", "[matrix_market]") {
  const Places expected = {{{0, 1}, {2.5}}, {{2, 0}, {1e-3}}};
  const std::string text = coordinate + "% a comment\n\n3 2 2\n1 2 2.5\n3 1 +1e-3\n";
  CHECK(read(text) == expected);
  CHECK(read(text, false, true) == expected);
  CHECK(read(text, true) == Places{{{1, 0}, {2.5}}, {{0, 2}, {1e-3}}});
}

TEST_CASE("Windows line ends, blank lines, tabs, capitals and a missing last line end are fine",
          "[matrix_market]") {
  const std::string text =
      "%%matrixmarket MATRIX Coordinate REAL General\r\n%c\r\n\r\n 3\t2  2 \r\n1 2 2.5\r\n\r\n3 1 4";
  CHECK(read(text) == Places{{{0, 1}, {2.5}}, {{2, 0}, {4}}});
}

TEST_CASE("array entries come column by column", "[matrix_market]") {
  const Places expected = {{{0, 0}, {1}}, {{1, 0}, {2}}, {{0, 1}, {3}},
                           {{1, 1}, {4}}, {{0, 2}, {5}}, {{1, 2}, {6}}};
  CHECK(read("%%MatrixMarket matrix array integer general\n2 3\n1\n2\n3\n4\n5\n6\n") == expected);
}

TEST_CASE("a symmetric file may list either triangle, or both where they agree", "[matrix_market]") {
  const std::string banner = "%%MatrixMarket matrix coordinate real symmetric\n";
  const Places lower = read(banner + "3 3 3\n2 1 5\n3 3 7\n3 2 4\n");
  CHECK(read(banner + "3 3 3\n1 2 5\n3 3 7\n2 3 4\n") == lower);
  CHECK(read(banner + "3 3 5\n1 2 5\n3 3 7\n2 3 4\n2 1 5\n3 2 4\n") == lower);
  CHECK(read(banner + "3 3 3\n1 2 5\n3 3 7\n3 2 4\n") == lower);  // some here, some there
  CHECK_THAT(fault(banner + "2 2 2\n1 2 5\n2 1 6\n"), Contains("line 4"));
}

TEST_CASE("symmetric entries are mirrored, the diagonal is not doubled", "[matrix_market]") {
  CHECK(read("%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 5\n3 3 7\n") ==
        Places{{{1, 0}, {5}}, {{0, 1}, {5}}, {{2, 2}, {7}}});
  CHECK(read("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n") ==
        Places{{{0, 0}, {1}}, {{1, 0}, {2}}, {{0, 1}, {2}}, {{1, 1}, {3}}});
  CHECK(read("%%MatrixMarket matrix array real symmetric\n3 3\n1\n2\n3\n4\n5\n6\n").size() == 9);
}

TEST_CASE("an entry and its mirror image count once in a symmetric file, and must be equal", "[matrix_market]") {
  const std::string head = "%%MatrixMarket matrix coordinate real symmetric\n3 3 ";
  const Places whole = {{{1, 0}, {2}}, {{0, 1}, {2}}, {{2, 1}, {5}}, {{1, 2}, {5}}, {{2, 0}, {7}}, {{0, 2}, {7}}};
  CHECK(read(head + "6\n1 2 2\n1 3 7\n2 1 2\n2 3 5\n3 1 7\n3 2 5\n") == whole);
  CHECK(read(head + "5\n2 1 2\n1 2 2\n2 3 5\n3 1 7\n3 2 5\n") == whole);
  // the first triangle comes after the other for one place, and in two parts
  CHECK(read(head + "4\n2 1 2\n2 3 5\n3 2 4\n3 2 1\n") ==
        Places{{{1, 0}, {2}}, {{0, 1}, {2}}, {{2, 1}, {4, 1}}, {{1, 2}, {4, 1}}});
  CHECK_THAT(fault(head + "3\n2 1 2\n3 3 1\n1 2 4\n"),
             Contains("line 5: row 0, column 1 (counted from 0) is 4, but its mirror image in line 3 is 2") &&
                 Contains("banner to general"));
  CHECK_THAT(fault(head + "2\n1 2 2\n2 1 4\n"), Contains("line 3: row 0, column 1") && Contains("in line 4 is 4"));
}

TEST_CASE("negative entries within what is allowed come as they are", "[matrix_market]") {
  TemporaryFolder folder;
  write_text(folder / "v.mtx", coordinate + "2 2 2\n1 1 -1e-17\n2 2 1\n");
  Source source = open_matrix_market(folder / "v.mtx", false, ValueLimits({.clip_negative = 1e-9}));
  double sum = 0;
  stream_of(source).read_all([&](std::span<const Entry> entries) {
    for (const Entry& e : entries) sum += e.row == 0 ? e.value : 0;
  });
  CHECK(sum == -1e-17);
  CHECK_THAT(fault(coordinate + "2 2 1\n1 1 -1e-17\n"), Contains("line 3") && Contains("--clip-negative 1e-09"));
  CHECK_THAT(fault(coordinate + "2 2 1\n1 1 -4e-8\n"), Contains("--clip-negative 1e-07"));
  CHECK_THAT(fault(coordinate + "2 2 1\n1 1 -4\n"), !Contains("--clip-negative"));
}

TEST_CASE("patterns are ones and duplicates all come", "[matrix_market]") {
  CHECK(read("%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 1\n2 1\n") ==
        Places{{{0, 0}, {1}}, {{1, 0}, {1}}});
  CHECK(read(coordinate + "2 2 2\n1 1 3\n1 1 4\n") == Places{{{0, 0}, {3, 4}}});
}

TEST_CASE("more entries than a batch holds all come", "[matrix_market]") {
  std::string text = coordinate + "200000 3 200000\n";
  for (int i = 1; i <= 200000; ++i) text += std::to_string(i) + " 2 " + std::to_string(i) + "\n";
  const Places all = read(text, false, true);
  REQUIRE(all.size() == 200000);
  CHECK(all.at({199999, 1}) == std::vector<double>{200000});
}

TEST_CASE("bad banners and sizes name line and cure", "[matrix_market]") {
  CHECK_THAT(fault("%%MatrixMarkt\n"), Contains("line 1") && Contains("banner"));
  CHECK_THAT(fault(""), Contains("empty"));
  CHECK_THAT(fault("%%MatrixMarket vector coordinate real general\n"), Contains("'vector' is not supported"));
  CHECK_THAT(fault("%%MatrixMarket matrix coordinate complex general\n"),
             Contains("'complex' is not supported") && Contains("real, integer or pattern"));
  CHECK_THAT(fault("%%MatrixMarket matrix coordinate real hermitian\n"), Contains("'hermitian' is not supported"));
  CHECK_THAT(fault("%%MatrixMarket matrix coordinate real skew-symmetric\n"), Contains("'skew-symmetric'"));
  CHECK_THAT(fault("%%MatrixMarket matrix array pattern general\n"), Contains("'pattern' is not supported"));
  CHECK_THAT(fault(coordinate + "% only\n"), Contains("line 2") && Contains("before its size line"));
  CHECK_THAT(fault(coordinate + "3 2\n"), Contains("line 2") && Contains("ROWS COLUMNS ENTRIES"));
  CHECK_THAT(fault(coordinate + "3 2 x\n"), Contains("line 2"));
  CHECK_THAT(fault(coordinate + "0 2 0\n"), Contains("line 2") && Contains("empty"));
  CHECK_THAT(fault(coordinate + "99999999999999999999 2 0\n"), Contains("line 2"));
  CHECK_THAT(fault(coordinate + "99999999999999999 2 0\n"), Contains("larger than any"));
  CHECK_THAT(fault("%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n"), Contains("square"));
}

TEST_CASE("bad entries name line, place and cure", "[matrix_market]") {
  CHECK_THAT(fault(coordinate + "3 2 2\n1 1 1\n4 1 1\n"),
             Contains("line 4") && Contains("row 3, column 0 (counted from 0") && Contains("3 x 2"));
  CHECK_THAT(fault(coordinate + "3 2 1\n1 3 1\n"), Contains("line 3") && Contains("column 2"));
  CHECK_THAT(fault(coordinate + "3 2 1\n0 1 1\n"), Contains("counts from 1"));
  CHECK_THAT(fault(coordinate + "3 2 3\n1 1 1\n2 2 2\n"),
             Contains("line 4") && Contains("promises 3 entries") && Contains("after 2") && Contains("cut short"));
  CHECK_THAT(fault(coordinate + "3 2 1\n1 1 1\n2 2 2\n"),
             Contains("line 4") && Contains("more entries than the 1"));
  CHECK_THAT(fault(coordinate + "3 2 1\n1 1 x\n"), Contains("line 3") && Contains("ROW COLUMN VALUE"));
  CHECK_THAT(fault(coordinate + "3 2 1\n1 1\n"), Contains("line 3") && Contains("'1 1'"));
  CHECK_THAT(fault(coordinate + "3 2 1\n1 1 1 1\n"), Contains("line 3"));
  CHECK_THAT(fault(coordinate + "3 2 1\n1 1 1.5.5\n"), Contains("line 3"));
  CHECK_THAT(fault(coordinate + "3 2 1\n2 1 -4\n"),
             Contains("line 3") && Contains("negative entry -4 in row 1, column 0 (counted from 0)"));
  CHECK_THAT(fault(coordinate + "3 2 1\n2 1 nan\n"),
             Contains("line 3") && Contains("NaN") && Contains("--missing nan"));
  CHECK_THAT(fault(coordinate + "3 2 1\n2 1 inf\n"), Contains("infinite"));
  CHECK_THAT(fault(coordinate + "3 2 1\n2 1 1e999\n"), Contains("infinite"));
  CHECK_THAT(fault("%%MatrixMarket matrix array real general\n2 2\n1\n2\n-3\n4\n"),
             Contains("line 5") && Contains("row 0, column 1"));
  CHECK_THAT(fault("%%MatrixMarket matrix array real general\n2 2\n1 2\n"), Contains("one number expected"));
  CHECK_THAT(fault(coordinate + "3 2 1\n" + std::string(longest_line + 2, 'x')), Contains("longer than 64 MiB"));
}

TEST_CASE("a promise that the file is far too short for is refused before memory is asked for",
          "[matrix_market]") {
  CHECK_THAT(fault("%%MatrixMarket matrix array real general\n100000000 100000000\n1\n"),
             Contains("line 3") && Contains("promises 10000000000000000 entries"));
}

TEST_CASE("numbers too small for double are 0", "[matrix_market]") {
  CHECK(read(coordinate + "1 1 1\n1 1 1e-999\n") == Places{{{0, 0}, {0}}});
}

TEST_CASE("a gzip'd text that is cut short or damaged is bad data", "[matrix_market]") {
  TemporaryFolder folder;
  const std::string path = folder / "v.mtx.gz";
  std::string text = coordinate + "5000 2 5000\n";
  for (int i = 1; i <= 5000; ++i) text += std::to_string(i) + " 1 " + std::to_string(i * i % 1000) + "\n";
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  const std::string whole = read_text(path);
  const auto read_it = [&] {
    Source source = open_matrix_market(path, false);
    stream_of(source).read_all([](std::span<const Entry>) {});
  };
  CHECK_NOTHROW(read_it());
  write_text(path, whole.substr(0, whole.size() / 2));
  CHECK_THROWS_WITH(read_it(), Contains(path) && Contains("cut short"));
  write_text(path, whole.substr(0, whole.size() - 3));
  CHECK_THROWS_WITH(read_it(), Contains(path) && Contains("cut short"));
  std::string damaged = whole;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);
  write_text(path, damaged);
  CHECK_THROWS_WITH(read_it(), Contains(path) && Contains("damaged"));
}

TEST_CASE("pieces of a plain file hold each entry once, however many there are", "[matrix_market]") {
  const TemporaryFolder folder;
  const std::string path = folder / "v.mtx";
  std::string text = coordinate + "% a comment\n7 3 9\n";
  for (const char* line : {"1 1 1", "7 3 2.5", "\n3 2 4", "% another", "  2\t2  1e1 ", "5 1 0", "4 3 7\r", "1 1 1",
                           "6 2 123456789012345678", "2 3 .5"}) {
    text += std::string(line) + "\n";
  }
  text.pop_back();  // no line end
  write_text(path, text);
  for (const bool transpose : {false, true}) {
    Source source = open_matrix_market(path, transpose);
    EntryPieces* const pieces = stream_of(source).pieces();
    REQUIRE(pieces != nullptr);
    std::vector<std::tuple<Index, Index, double>> all;
    pieces->read_all([&](std::span<const Entry> some) {
      for (const Entry& e : some) all.emplace_back(e.row, e.column, e.value);
    });
    REQUIRE(all.size() == 9);
    for (int parts = 1; parts < 200; ++parts) {
      std::vector<std::tuple<Index, Index, double>> found;
      std::vector<Index> rows, expected_rows;
      for (int part = 0; part < parts; ++part) {
        pieces->read(part, parts, [&](std::span<const Entry> some) {
          for (const Entry& e : some) found.emplace_back(e.row, e.column, e.value);
        });
        pieces->read_places(part, parts, [&](std::span<const Entry> some) {
          for (const Entry& e : some) rows.push_back(e.row);
        });
      }
      for (const auto& entry : all) expected_rows.push_back(std::get<0>(entry));
      INFO(parts << " pieces");
      CHECK(found == all);
      CHECK(rows == expected_rows);
    }
    CHECK_NOTHROW(pieces->require_total(9));
  }
}

TEST_CASE("a fault in a piece names its line in the file", "[matrix_market]") {
  const TemporaryFolder folder;
  const std::string path = folder / "v.mtx";
  std::string text = coordinate + "50 2 50\n";
  for (int i = 1; i <= 50; ++i) text += std::to_string(i) + (i == 41 ? " 9 1\n" : " 2 1\n");
  write_text(path, text);
  Source source = open_matrix_market(path, false);
  EntryPieces& pieces = *stream_of(source).pieces();
  const auto ignore = [](std::span<const Entry>) {};
  for (const int parts : {1, 2, 3, 7, 30}) {
    int faults = 0;
    for (int part = 0; part < parts; ++part) {
      try {
        pieces.read(part, parts, ignore);
      } catch (const BadData& error) {
        CHECK_THAT(error.what(), Contains("v.mtx, line 43: row 40, column 8"));
        ++faults;
      }
    }
    CHECK(faults == 1);
  }
  CHECK_THROWS_WITH(pieces.require_total(51), Contains("line 52") && Contains("more entries than the 50"));
  write_text(path, text.substr(0, text.size() - 7));
  CHECK_THROWS_WITH(pieces.require_total(49), Contains("line 51") && Contains("ends here after 49"));
}
