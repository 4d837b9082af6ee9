// Two parts of a file, cut at any byte, are the file.
#include "text/record_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "catch.hpp"
#include "corpus_support.hpp"
#include "files.hpp"

using namespace mpinmf;
using namespace mpinmf::text;

namespace {

/// "POSITION:LINE:RECORD" of each.
std::vector<std::string> records_of(const std::string& path, const Part& part, Ending ending) {
  RecordReader reader(path, Encoding::utf8, part, ending);
  std::vector<std::string> records;
  std::string_view record;
  while (reader.next(record)) {
    records.push_back(fmt::format("{}:{}:{}", reader.position(), reader.line(), record));
  }
  return records;
}

/// What is counted before a part, of the bytes of a plain file.
Part part_from(const std::string& bytes, Index begin) {
  Part part;
  part.begin = begin;
  part.lines_before = std::count(bytes.begin(), bytes.begin() + begin, '\n');
  part.begins_in_quotes = std::count(bytes.begin(), bytes.begin() + begin, '"') % 2 == 1;
  return part;
}

void check_cuts(const std::string& path, const std::string& text, Ending ending) {
  const auto whole = records_of(path, {}, ending);
  for (Index cut = 0; cut <= static_cast<Index>(text.size()); ++cut) {
    INFO(path << " cut at " << cut);
    auto both = records_of(path, {0, cut, 0, false}, ending);
    const auto second = records_of(path, part_from(text, cut), ending);
    both.insert(both.end(), second.begin(), second.end());
    CHECK(both == whole);
  }
}

}  // namespace

TEST_CASE("a file cut in two at any byte has the same records", "[record_reader]") {
  const TemporaryFolder folder;
  const std::string texts[] = {"one\ntwo\r\n\n\nfive",
                               "\n",
                               "\n\nx\n",
                               "x",
                               "\xef\xbb\xbf"
                               "a\nb\n",
                               "a,\"b\nc\"\n\"\"\"\n\",d\r\n\"\"\n\ne\n",
                               "\"\n\n\""};
  for (const std::string& text : texts) {
    write_text(folder / "plain", text);
    write_gzipped(folder / "zipped", text);
    for (const Ending ending : {Ending::line, Ending::outside_quotes}) {
      check_cuts(folder / "plain", text, ending);
      check_cuts(folder / "zipped", text, ending);
      CHECK(records_of(folder / "plain", {}, ending) == records_of(folder / "zipped", {}, ending));
    }
  }
  const std::string text = "one\ntwo\r\n\nfour";
  write_text(folder / "wide", as_utf16(text, false));
  check_cuts(folder / "wide", text, Ending::line);
}

TEST_CASE("records end at line ends, in a table outside quotes", "[record_reader]") {
  const TemporaryFolder folder;
  write_text(folder / "a", "x,\"y\n\"\r\nz\r\r\n");
  using Records = std::vector<std::string>;
  CHECK(records_of(folder / "a", {}, Ending::line) == Records{"0:1:x,\"y", "5:2:\"", "8:3:z\r"});
  CHECK(records_of(folder / "a", {}, Ending::outside_quotes) == Records{"0:1:x,\"y\n\"", "8:3:z\r"});
}
