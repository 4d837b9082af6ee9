// The documents of a corpus and their order do not depend on the number of ranks.
#include "text/corpus.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "contains.hpp"
#include "corpus_support.hpp"
#include "mpi_support.hpp"
#include "shared_folder.hpp"

using namespace mpinmf;
using namespace mpinmf::text;

namespace {

/// The shares of all ranks, one after the other.
std::vector<std::string> gathered(const std::vector<std::string>& own) {
  std::string packed;
  for (const std::string& document : own) packed += fmt::format("{} {}", document.size(), document);
  std::vector<std::string> all;
  for (const std::string& share : world().gather(packed)) {
    for (std::size_t at = 0; at < share.size();) {
      const std::size_t blank = share.find(' ', at), size = std::stoul(share.substr(at, blank - at));
      all.push_back(share.substr(blank + 1, size));
      at = blank + 1 + size;
    }
  }
  return all;
}

void check_same_documents(const CorpusOptions& options, std::size_t expected) {
  INFO(options.paths.front());
  Corpus corpus(world(), options);
  std::vector<std::string> own;
  world().meet([&] { own = documents_of_share(corpus); });
  const std::vector<std::string> all = gathered(own);
  CHECK(all.size() == expected);
  CHECK((all == documents_of(options)));
  corpus.rewind();
  CHECK((documents_of_share(corpus) == own));
}

/// Lengths from 0 on, with some much longer.
std::string text_of(int i) {
  std::string text;
  const int words = i % 17 == 16 ? 3000 : i % 5;
  for (int word = 0; word < words; ++word) text += fmt::format("w{}\xc3\xa9 ", i * word % 101);
  return text;
}

std::string lines_of(int count, const char* line_end) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += text_of(i) + line_end;
  return lines;
}

std::string objects_of(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += fmt::format("{{\"target\": \"t{}\", \"n\": {}, \"text\": \"{}\"}}\n", i % 3, i, text_of(i));
    if (i % 7 == 0) lines += "\n";
  }
  return lines;
}

}  // namespace

TEST_CASE("lines and JSON lines are cut at line ends", "[corpus]") {
  const SharedFolder folder;
  CorpusOptions named = corpus_of({folder / "named.jsonl"});
  named.label = "target";
  named.id = "n";
  world().meet_on_root([&] {
    write_text(folder / "a.txt", lines_of(100, "\n"));
    write_text(folder / "crlf.txt", lines_of(100, "\r\n") + "no end");
    write_gzipped(folder / "a.txt.gz", lines_of(100, "\n"));
    write_text(folder / "utf16.txt", as_utf16("one\n\nthree\n" + std::string(500, 'x') + "\nlast", false));
    write_text(folder / "a.jsonl", objects_of(100));
    write_text(folder / "named.jsonl", objects_of(100));
    write_gzipped(folder / "a.jsonl.gz", objects_of(100));
    write_text(folder / "long.txt", std::string(10 << 20, 'x') + "\nshort\n");
    write_text(folder / "one", "x");
  });
  check_same_documents(corpus_of({folder / "a.txt"}), 100);
  check_same_documents(corpus_of({folder / "crlf.txt"}), 101);
  check_same_documents(corpus_of({folder / "a.txt.gz"}), 100);
  check_same_documents(corpus_of({folder / "utf16.txt"}), 5);
  check_same_documents(corpus_of({folder / "a.jsonl"}), 100);
  check_same_documents(named, 100);
  check_same_documents(corpus_of({folder / "a.jsonl.gz"}), 100);
  check_same_documents(corpus_of({folder / "long.txt"}), 2);
  check_same_documents(corpus_of({folder / "one"}), 1);
  check_same_documents(corpus_of({folder / "one", folder / "a.txt", folder / "a.jsonl.gz", folder / "one"}), 202);
}

TEST_CASE("lines of every length are owned once", "[corpus]") {
  const SharedFolder folder;
  for (int size = 1; size < 24; ++size) {
    world().meet_on_root([&] {
      std::string text;
      for (int i = 0; i < size; ++i) text += (i * size) % 3 == 0 ? '\n' : static_cast<char>('a' + i);
      write_text(folder / "a.txt", text);
      write_gzipped(folder / "b.gz", text);
    });
    const auto one = corpus_of({folder / "a.txt"});
    check_same_documents(one, documents_of(one).size());
    const auto two = corpus_of({folder / "b.gz", folder / "a.txt"});
    check_same_documents(two, 2 * documents_of(one).size());
    world().wait_for_all();
  }
}

TEST_CASE("tables are cut outside quotes", "[corpus]") {
  const SharedFolder folder;
  // rows of every kind at every place of the cut
  for (int variant = 0; variant < 12; ++variant) {
    CorpusOptions named = corpus_of({folder / "a.csv"});
    named.label = "label";
    named.id = "id";
    world().meet_on_root([&] {
      std::string rows = "label,text,other" + std::string(static_cast<std::size_t>(variant), 'x') + ",id\n";
      for (int i = 0; i < 30; ++i) {
        const char* const texts[] = {"\"\"", "plain", "\"\n\n\"", "\"\"\"\n\"\",\"\"\"", "\"a,\"\"b\"\"\r\n\""};
        rows += fmt::format("{},{},,\"{}\"\r\n", i % 2, texts[i * (variant + 1) % 5], i);
      }
      write_text(folder / "a.csv", rows);
      write_gzipped(folder / "b.csv.gz", rows);
    });
    check_same_documents(corpus_of({folder / "a.csv"}), 30);
    check_same_documents(named, 30);
    check_same_documents(corpus_of({folder / "b.csv.gz"}), 30);
    check_same_documents(corpus_of({folder / "b.csv.gz", folder / "a.csv"}), 60);
    world().wait_for_all();
  }
}

TEST_CASE("a quote left open is told with the line of the quote, by any number of ranks", "[corpus]") {
  const SharedFolder folder;
  world().meet_on_root([&] {
    std::string rows = "text\n";
    for (int i = 0; i < 50; ++i) rows += "\"quoted\n\"\n";
    write_text(folder / "never.csv", rows + "\"open\n" + std::string(1000, 'x') + "\n");
    write_text(folder / "later.csv", "text\n\"open\n" + rows);
  });
  const auto read = [&](const std::string& path) {
    Corpus corpus(world(), corpus_of({path}));
    world().meet([&] { documents_of_share(corpus); });
  };
  CHECK_THROWS_WITH(read(folder / "never.csv"),
                    Contains("never.csv, line 102: a quote that opens here is never closed"));
  CHECK_THROWS_WITH(read(folder / "later.csv"),
                    Contains("later.csv, line 2: the field in quotes that begins here"));
}

TEST_CASE("what is in a gzip'd file does not depend on the size it says", "[corpus]") {
  const SharedFolder folder;
  world().meet_on_root([&] {
    // two parts, of which the trailer tells the last alone
    write_gzipped(folder / "first", lines_of(90, "\n"));
    write_gzipped(folder / "second", lines_of(10, "\n"));
    write_text(folder / "parts.gz", read_text(folder / "first") + read_text(folder / "second"));
    write_gzipped(folder / "none.gz", "");
    write_text(folder / "a.txt", "end\n");
  });
  check_same_documents(corpus_of({folder / "parts.gz"}), 100);
  check_same_documents(corpus_of({folder / "none.gz", folder / "parts.gz", folder / "a.txt"}), 101);
}

TEST_CASE("a document of a folder tree has one owner", "[corpus]") {
  const SharedFolder folder;
  world().meet_on_root([&] {
    for (int i = 0; i < 40; ++i) {
      const std::string group = folder / fmt::format("tree/group{}", i % 4);
      std::filesystem::create_directories(group);
      write_text(group + fmt::format("/{}", i), text_of(i));
    }
    std::filesystem::create_directories(folder / "empty");
    for (int i = 0; i < 5; ++i) write_text(folder / fmt::format("empty/{}", i), "");
  });
  check_same_documents(corpus_of({folder / "tree"}), 40);
  check_same_documents(corpus_of({folder / "empty"}), 5);
  check_same_documents(corpus_of({folder / "empty", folder / "tree"}), 45);
}

TEST_CASE("bad bytes of all ranks are counted, and the first of the corpus is named", "[corpus]") {
  const SharedFolder folder;
  world().meet_on_root([&] { write_text(folder / "a.txt", "\n" + lines_of(20, "\xff\n")); });
  Corpus corpus(world(), corpus_of({folder / "a.txt"}));
  documents_of_share(corpus);
  const BadBytes bad = corpus.bad_bytes();
  CHECK(bad.count == 20);
  CHECK(bad.documents == 20);
  CHECK(bad.first == folder / "a.txt, line 2");
}

TEST_CASE("faults of a corpus have the file's line numbers, whichever rank finds them", "[corpus]") {
  const SharedFolder folder;
  world().meet_on_root([&] {
    write_text(folder / "a.jsonl", objects_of(100) + "{\"no\": 1}\n");
    std::filesystem::create_directories(folder / "none");
  });
  const auto read = [&](const CorpusOptions& options) {
    Corpus corpus(world(), options);
    world().meet([&] { documents_of_share(corpus); });
  };
  CorpusOptions options = corpus_of({folder / "a.jsonl"});
  options.id = "n";  // nobody counts lines for names
  CHECK_THROWS_WITH(read(options), Contains("a.jsonl, line 116: has no field 'text'"));
  CHECK_THROWS_AS(read(corpus_of({folder / "none"})), BadData);
  CHECK_THROWS_AS(read(corpus_of({folder / "missing"})), SystemError);
}
