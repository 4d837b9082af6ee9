// LIBSVM and SVMlight: what scikit-learn's load_svmlight_file makes of them.
#include <zlib.h>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "source_entries.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

struct Expected {
  Index rows, columns;
  Places places;
};

/// Plain, in pieces, and gzip'd; as it is and transposed.
void check_libsvm(const std::string& text, const Expected& expected) {
  INFO(text);
  const TemporaryFolder folder;
  write_text(folder / "v", text);
  const gzFile zip = gzopen((folder / "z").c_str(), "wb");
  gzwrite(zip, text.data(), static_cast<unsigned>(text.size()));
  gzclose(zip);
  for (const char* name : {"v", "z"}) {
    for (const bool transpose : {false, true}) {
      LoadOptions options;
      options.transpose = transpose;
      Source source = open_source(folder / name, options);
      CHECK(source.header.sparse);
      CHECK(source.header.rows == (transpose ? expected.columns : expected.rows));
      CHECK(source.header.columns == (transpose ? expected.rows : expected.columns));
      CHECK(source.header.stored == static_cast<Index>(expected.places.size()));
      CHECK(entries_of(source) == (transpose ? transposed(expected.places) : expected.places));
    }
  }
}

std::string fault(const std::string& text, const LoadOptions& options = {}) {
  const TemporaryFolder folder;
  write_text(folder / "v", text);
  return fault_in(folder / "v", options);
}

}  // namespace

TEST_CASE("libsvm files count columns from 1, or from 0 where there is a 0", "[libsvm]") {
  const Places places = {{{0, 0}, 1.5}, {{0, 3}, 2}, {{2, 1}, 4}};
  check_libsvm("1 1:1.5 4:2\n-1\n+1 2:4\n", {3, 4, places});
  check_libsvm("1 0:1.5 3:2\n-1\n+1 1:4\n", {3, 4, places});
  check_libsvm("1 1:1.5 3:2\n2 1:4", {2, 3, {{{0, 0}, 1.5}, {{0, 2}, 2}, {{1, 0}, 4}}});
  // comments, blank lines, qid, several labels or none, CRLF
  check_libsvm("# made by hand 5:7\n\n1,2 qid:3 1:1.5  4:2 # 9:9\r\n \t\n0.5 qid:4\n 2:4 # no label\r\n\n",
               {3, 4, places});
  check_libsvm(
      "\xef\xbb\xbf"
      "1 1:1.5\t4:2e0\n1e0 \n3 2:+4\n#",
      {3, 4, places});
}

TEST_CASE("what is wrong in a libsvm file is found with its line", "[libsvm]") {
  CHECK_THAT(fault("1 1:2\n1 2:3 2:4\n"), Contains("line 2: index 2 follows 2, but indices must ascend"));
  CHECK_THAT(fault("1 1:2\n1 3:3 2:4 5:6\n"), Contains("line 2: index 2 follows 3"));
  CHECK_THAT(fault("1 2:1 1:3\n"), Contains("line 1: index 1 follows 2, but indices must ascend"));
  CHECK_THAT(fault("1 5:1 9:1 2:3\n"), Contains("line 1: index 2 follows 9"));
  CHECK_THAT(fault("1 1:2\n1 -1:3\n"), Contains("line 2") && Contains("'-1:3'"));
  CHECK_THAT(fault("1 1:2\n1 x:3\n"), Contains("line 2") && Contains("'x:3'"));
  CHECK_THAT(fault("1 1:2\n1 3:x\n"), Contains("line 2") && Contains("'3:x'"));
  CHECK_THAT(fault("1 1:2\n1 3:\n"), Contains("line 2") && Contains("'3:'"));
  CHECK_THAT(fault("1 1:2\n1 3\n"), Contains("line 2") && Contains("'3'"));
  CHECK_THAT(fault("1 1:2\na 3:1\n"), Contains("line 2") && Contains("'a 3:1'"));
  CHECK_THAT(fault("1 1:2\n1 3:nan\n"), Contains("line 2: not a number (NaN) in row 1, column 2"));
  CHECK_THAT(fault("1 1:2\n1 3:inf\n"), Contains("line 2: an infinite entry 'inf'"));
  CHECK_THAT(fault("1 1:2\n1 3:-1e-17\n"),
             Contains("line 2: a negative entry -1e-17") && Contains("--clip-negative"));
  CHECK(fault("1 1:2\n1 3:-1e-17\n", {.clip_negative = 1e-9}).empty());
  CHECK_THAT(fault("1 1:2\n1 9223372036854775806:1\n"), Contains("line 2: index 9223372036854775806 is larger"));
  CHECK_THAT(fault("1 1:2\n1 99999999999999999999:1\n"), Contains("line 2") && Contains("expected"));
  LoadOptions forced;
  forced.file.format = "libsvm";
  CHECK_THAT(fault("1\n2\n", forced), Contains("2 x 0"));
  CHECK_THAT(fault("1 -1:2\n", forced), Contains("line 1") && Contains("'-1:2'"));
  CHECK_THAT(fault("1 1.5:2\n", forced), Contains("line 1") && Contains("'1.5:2'"));
  CHECK_THAT(fault("1 1 : 2\n", forced), Contains("line 1") && Contains("expected"));
  CHECK_THAT(fault("", forced), Contains("0 x 0"));
  CHECK_THAT(fault("%%MatrixMarket", forced), Contains("line 1") && Contains("LABEL INDEX:VALUE"));
}

TEST_CASE("a libsvm file that is cut anywhere is read up to there, or refused", "[libsvm]") {
  const std::string text = "1 qid:2 1:1.5 4:2 # a\n-1 # b\n\n+1 2:4 5:0.25\n";
  for (std::size_t length = 0; length < text.size(); ++length) {
    const std::string said = fault(text.substr(0, length));
    INFO(text.substr(0, length) << ": " << said);
    CHECK((said.empty() || Contains("v").match(said)));
    if (text[length - (length > 0 ? 1 : 0)] == ':' && length > 14) CHECK(!said.empty());
  }
}
