// UCI's bags of words.
#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "source_entries.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

const Places bags = {{{0, 1}, 2}, {{0, 3}, 1}, {{2, 0}, 5}, {{2, 2}, 3}};
const std::string sizes = "3\n4\n4\n", entries = "1 2 2\n1 4 1\n3 1 5\n3 3 3\n";

std::string fault_of_bags(const std::string& text) {
  const TemporaryFolder folder;
  write_text(folder / "docword.v.txt", text);
  return fault_in(folder / "docword.v.txt");
}

}  // namespace

TEST_CASE("bags of words are documents x words, which vocab.NAME.txt names", "[bag_of_words]") {
  const TemporaryFolder folder;
  const std::string path = folder / "docword.v.txt";
  for (const std::string text :
       {sizes + entries, std::string("3\r\n4\r\n4\r\n1 2 2\r\n1 4 1\r\n3 1 5\r\n\r\n3 3 3")}) {
    write_text(path, text);
    for (const bool transpose : {false, true}) {
      LoadOptions options;
      options.transpose = transpose;
      Source source = open_source(path, options);
      CHECK(source.header.rows == (transpose ? 4 : 3));
      CHECK(source.header.columns == (transpose ? 3 : 4));
      CHECK(source.header.stored == 4);
      CHECK(source.header.sparse);
      CHECK(entries_of(source) == (transpose ? transposed(bags) : bags));
      CHECK_FALSE(source.labels.columns);
    }
  }
  write_text(folder / "vocab.v.txt", "a\nb\nc\nd\n");
  const std::vector<std::string> words = {"a", "b", "c", "d"};
  CHECK(all_names(open_source(path, {}).labels.columns) == words);
  LoadOptions turned;
  turned.transpose = true;
  CHECK(all_names(open_source(path, turned).labels.rows) == words);
  write_text(folder / "vocab.v.txt", "a\nb\nc\n");
  CHECK_THAT(fault_of([&] { all_names(open_source(path, {}).labels.columns); }),
             Contains("vocab.v.txt: has 3 words, but docword beside it has 4"));
}

TEST_CASE("what is wrong in bags of words is found with its line", "[bag_of_words]") {
  CHECK_THAT(fault_of_bags(sizes + "1 2 2\n1 4 1\n3 1 5\n"),
             Contains("the third line promises 4 entries, but the file ends here after 3"));
  CHECK_THAT(fault_of_bags(sizes + entries + "3 4 1\n"), Contains("line 8: there are more entries than the 4"));
  CHECK_THAT(fault_of_bags(sizes + "1 2 2\n0 4 1\n3 1 5\n3 3 3\n"), Contains("line 5: an index is 0"));
  CHECK_THAT(fault_of_bags(sizes + "1 2 2\n1 5 1\n3 1 5\n3 3 3\n"), Contains("line 5: row 0, column 4"));
  CHECK_THAT(fault_of_bags(sizes + "1 2 2\n1 4 -1\n3 1 5\n3 3 3\n"), Contains("line 5: a negative entry -1"));
  CHECK_THAT(fault_of_bags(sizes + "1 2 2\n1 4 nan\n3 1 5\n3 3 3\n"), Contains("line 5: not a number (NaN)"));
  CHECK_THAT(fault_of_bags(sizes + "1 2 2\n1 4\n3 1 5\n3 3 3\n"), Contains("line 5") && Contains("'1 4'"));
  CHECK_THAT(fault_of_bags("0\n4\n1\n1 2 2\n"), Contains("line 3: the first two lines") && Contains("0 x 4"));
  CHECK_THAT(fault_of_bags("9223372036854775807\n9223372036854775807\n1\n1 2 2\n"), Contains("line 3"));
  CHECK_THAT(fault_of_bags("3\n4\n9000000000000000000\n1 2 2\n"), Contains("line 3: promises more entries"));
  CHECK_THAT(fault_of_bags("3\n4\n1000000\n1 2 2\n"), Contains("promises 1000000 entries"));
  const TemporaryFolder folder;
  const std::string path = folder / "docword.v.txt", whole = sizes + entries;
  LoadOptions forced;
  forced.file.format = "bag-of-words";
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    write_text(path, whole.substr(0, length));
    INFO(length);
    CHECK_THAT(fault_in(path, forced), Contains("docword.v.txt, line "));
  }
}
