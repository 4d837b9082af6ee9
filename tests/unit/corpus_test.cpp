// Corpora on one rank: what a file holds, fields, encodings, faults.
#include "text/corpus.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "catch.hpp"
#include "contains.hpp"
#include "corpus_support.hpp"
#include "files.hpp"
#include "mpinmf/error.hpp"

using namespace mpinmf;
using namespace mpinmf::text;
using Texts = std::vector<std::string>;

namespace {

CorpusOptions with_names(const std::string& path, const std::string& label, const std::string& id) {
  CorpusOptions options = corpus_of({path});
  options.label = label;
  options.id = id;
  return options;
}

/// What the first document of a file with this text is, in this encoding.
std::string only_text(const std::string& bytes, const std::string& encoding = "utf-8") {
  const TemporaryFolder folder;
  write_text(folder / "a.txt", bytes);
  CorpusOptions options = corpus_of({folder / "a.txt"});
  options.encoding = encoding;
  Corpus corpus(Comm::self(), options);
  Document document;
  REQUIRE(corpus.next(document));
  return document.text;
}

}  // namespace

TEST_CASE("a folder tree is one document a file, labelled by its folder", "[corpus]") {
  const TemporaryFolder folder;
  const std::string tree = folder / "posts";
  for (const char* name : {"b.group", "a.group", "a.group/deeper", ".hidden"}) {
    std::filesystem::create_directories(tree + "/" + name);
  }
  write_text(tree + "/b.group/10", "ten\n");
  write_text(tree + "/b.group/9", "");
  write_text(tree + "/b.group/.swp", "hidden");
  write_text(tree + "/.hidden/1", "hidden");
  write_text(tree + "/a.group/deeper/x", "\xef\xbb\xbf{}\r\n");
  write_gzipped(tree + "/a.group/z.gz", "zipped");
  std::filesystem::create_symlink("10", tree + "/b.group/link");
  REQUIRE(mkfifo((tree + "/b.group/pipe").c_str(), 0600) == 0);

  const Texts expected = {"a.group/deeper/x|deeper|{}\r\n", "a.group/z.gz|a.group|zipped",
                          "b.group/10|b.group|ten\n", "b.group/9|b.group|", "b.group/link|b.group|ten\n"};
  CHECK(documents_of(corpus_of({tree})) == expected);
  CHECK(documents_of(corpus_of({tree + "/"})) == expected);

  // documents of one folder have no labels, of two they have
  CHECK(documents_of(corpus_of({tree + "/b.group"}))[0] == "10||ten\n");
  CHECK(documents_of(corpus_of({tree + "/b.group", tree + "/a.group/deeper"})) ==
        Texts{tree + "/" + expected[2], tree + "/" + expected[3], tree + "/" + expected[4],
              tree + "/" + expected[0]});
}

TEST_CASE("what a file holds is told by its name or its beginning", "[corpus]") {
  const TemporaryFolder folder;
  write_text(folder / "lines",
             "\xef\xbb\xbf"
             "first\r\n\nthird { \nlast");
  const std::string lines = folder / "lines";
  CHECK(documents_of(corpus_of({lines})) ==
        Texts{lines + ":1||first", lines + ":2||", lines + ":3||third { ", lines + ":4||last"});

  const std::string objects = "\n {\"text\": \"one\", \"n\": 1}\r\n\n{\"n\": 2, \"text\": \"two\"}";
  for (const char* name : {"a.jsonl", "a.ndjson", "a.json", "a.log"}) {
    write_text(folder / name, objects);
    write_gzipped((folder / name) + ".gz", objects);
    for (const std::string& path : {folder / name, (folder / name) + ".gz"}) {
      CHECK(documents_of(corpus_of({path})) == Texts{path + ":2||one", path + ":4||two"});
    }
  }
  // whatever the way it is stored in
  write_gzipped(folder / "marked", "\xef\xbb\xbf{\"text\": \"one\"}");
  write_text(folder / "wide", as_utf16("{\"text\": \"one\"}", true));
  for (const char* name : {"marked", "wide"}) {
    CHECK(documents_of(corpus_of({folder / name})) == Texts{(folder / name) + ":1||one"});
  }
  // a folder of shards is what the shards hold
  std::filesystem::create_directory(folder / "shards");
  write_text(folder / "shards/2.jsonl", "{\"text\": \"b\"}\n");
  write_gzipped(folder / "shards/1.jsonl.gz", "{\"text\": \"a\"}\n");
  CHECK(documents_of(corpus_of({folder / "shards"})) ==
        Texts{folder / "shards/1.jsonl.gz:1||a", folder / "shards/2.jsonl:1||b"});
}

TEST_CASE("fields of JSON lines are texts and names", "[corpus]") {
  const TemporaryFolder folder;
  write_text(
      folder / "a.jsonl",
      R"({"id": 7, "text": "first", "text": "the last counts", "more": {"text": "inner"}, "target": "x\ny"})"
      "\n"
      R"({"target": null, "text": "\u00e9\ud83d\ude00\u0000\t\"", "id": "b", "n": 12345678901234567890123})"
      "\n"
      R"({"target": true, "text": "", "id": -1.50})"
      "\n");
  CHECK(documents_of(with_names(folder / "a.jsonl", "target", "id")) ==
        Texts{"7|x y|the last counts", std::string("b||\xc3\xa9\xf0\x9f\x98\x80") + '\0' + "\t\"", "-1.5|true|"});
  CorpusOptions options = corpus_of({folder / "a.jsonl"});
  options.field = "target";
  CHECK_THROWS_WITH(documents_of(options),
                    Contains("a.jsonl, line 2: field 'target' is null, and is to be a text"));
}

TEST_CASE("halves of surrogate pairs in JSON are bad bytes", "[corpus]") {
  const TemporaryFolder folder;
  write_text(folder / "a.jsonl",
             "{\"text\": \"fine\"}\n"
             R"({"text": "a\udc80\ud83d\ude00\ud83dx\\ud800\uDBFF\uD800\uDC00\u00e9"})");
  Corpus corpus(Comm::self(), corpus_of({folder / "a.jsonl"}));
  CHECK(documents_of_share(corpus)[1] ==
        folder /
            "a.jsonl:2||a\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbdx\\ud800\xef\xbf\xbd\xf0\x90\x80\x80\xc3\xa9");
  CHECK(corpus.bad_bytes().count == 18);
  CHECK(corpus.bad_bytes().documents == 1);
  CHECK(corpus.bad_bytes().first == folder / "a.jsonl, line 2");
}

TEST_CASE("what JSON says does not depend on the parser", "[corpus]") {
  // a number beyond 64 bits leaves the line to nlohmann-json
  const TemporaryFolder folder;
  const std::string objects[] = {
      R"({"text": "\u0041\u00e9\u20ac\ud83d\ude00\"\\\/\b\f\n\r\t\u0000", "l": 1e3, "i": 18446744073709551615)",
      R"({"i": -0.0, "text": "é€😀", "l": false, "te\u0078t": "escaped name")",
      R"({"i": "", "i": "two", "l": {}, "l": null, "text": "", "text": "b")",
      R"( { "text" : "" , "l" : "\u007f" , "i" : 0.1 , "o" : { "text" : [ "x" ] } )"};
  for (const std::string& object : objects) {
    write_text(folder / "a.jsonl", object + "}\n" + object + R"(, "n": 123456789012345678901234567890})");
    const Texts documents = documents_of(with_names(folder / "a.jsonl", "l", "i"));
    REQUIRE(documents.size() == 2);
    CHECK(documents[0] == documents[1]);
  }
}

TEST_CASE("names are UTF-8 on one line", "[corpus]") {
  const TemporaryFolder folder;
  write_text(folder / "a\nb\xff.txt", "x");
  const std::string shown = folder / "a b\xef\xbf\xbd.txt:1||x";
  CHECK(documents_of(corpus_of({folder / "a\nb\xff.txt"})) == Texts{shown});
  write_text(folder / "a.jsonl", R"({"text": "", "l": "\t\u0000\u007f\u0085\u00a0\u00e9", "i": "\u009f\u0080"})");
  CHECK(documents_of(with_names(folder / "a.jsonl", "l", "i")) == Texts{"  |    \xc2\xa0\xc3\xa9|"});
}

TEST_CASE("deep and large JSON is what nlohmann-json makes of it", "[corpus]") {
  const TemporaryFolder folder;
  const std::string deep = std::string(2000, '[') + std::string(2000, ']'), text(10 << 20, 'x');
  write_text(folder / "a.jsonl",
             fmt::format("{{\"a\": {}, \"text\": \"deep\"}}\n{{\"text\": \"{}\"}}\n", deep, text));
  const Texts documents = documents_of(corpus_of({folder / "a.jsonl"}));
  REQUIRE(documents.size() == 2);
  CHECK(documents[0] == folder / "a.jsonl:1||deep");
  CHECK((documents[1] == (folder / "a.jsonl:2||") + text));
}

TEST_CASE("encodings become well-formed UTF-8", "[corpus]") {
  CHECK(only_text("caf\xe9\n", "latin-1") == "caf\xc3\xa9");
  CHECK(only_text("\xef\xbb\xbf"
                  "caf\xc3\xa9",
                  "utf8") == "caf\xc3\xa9");
  std::string all, expected;
  for (int c = 1; c < 256; ++c) {
    if (c == '\n' || c == '\r') continue;
    all += std::string("plain text") + static_cast<char>(c);
    expected += "plain text";
    if (c >= 0x80) expected += static_cast<char>(0xc0 | c >> 6);
    expected += static_cast<char>(c < 0x80 ? c : 0x80 | (c & 0x3f));
  }
  CHECK(only_text(all, "ISO-8859-1") == expected);
  // U+FFFD for each longest part of a character, as Python has it
  CHECK(only_text("a\xe2\x82z\xff\xed\xa0\x80") ==
        "a\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  for (const bool big_endian : {false, true}) {
    CHECK(only_text(as_utf16("one\r\ntwo", big_endian)) == "one");
    CHECK(only_text(as_utf16("one\n", big_endian), "UTF-16") == "one");
  }
  using namespace std::string_literals;
  CHECK(only_text("\xff\xfe\x3d\xd8\x00\xde\xac\x20\xe9\x00"s) == "\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9");
  CHECK(only_text("\xff\xfe\x3d\xd8x\0\x00\xdey"s) == "\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd");
  CHECK_THROWS_WITH(only_text("one", "utf-16"), Contains("a.txt: does not begin with the mark of UTF-16"));
  CHECK_THROWS_WITH(only_text("one", "koi8-r"), Contains("'koi8-r' is not an encoding that can be read"));
}

TEST_CASE("long UTF-16 is cut into pieces anywhere", "[corpus]") {
  const TemporaryFolder folder;
  std::string bytes(
      "\xff\xfe"
      "a\0",
      4),
      text = "a";  // so that no piece ends between two characters
  for (int i = 0; i < 200000; ++i) {
    bytes.append("\x3d\xd8\x00\xde", 4);
    text += "\xf0\x9f\x98\x80";
  }
  write_text(folder / "a.txt", bytes);
  CHECK((documents_of(corpus_of({folder / "a.txt"})) == Texts{(folder / "a.txt:1||") + text}));
}

TEST_CASE("bad bytes are counted once, and the first place is named", "[corpus]") {
  const TemporaryFolder folder;
  write_text(folder / "a.jsonl", "{\"text\": \"fine\"}\n{\"text\": \"a\xff\xfe\"}\n");
  write_text(folder / "b.txt", "\n\xff\n\n\xff");
  Corpus corpus(Comm::self(), corpus_of({folder / "a.jsonl", folder / "b.txt"}));
  CHECK(corpus.bad_bytes().first.empty());
  for (int pass = 0; pass < 2; ++pass) {
    CHECK(documents_of_share(corpus)[1] == folder / "a.jsonl:2||a\xef\xbf\xbd\xef\xbf\xbd");
    const BadBytes bad = corpus.bad_bytes();
    CHECK(bad.count == 4);
    CHECK(bad.documents == 3);
    CHECK(bad.first == folder / "a.jsonl, line 2");
    corpus.rewind();
  }
}

TEST_CASE("faults of a corpus name the file, the place and the cure", "[corpus]") {
  const TemporaryFolder folder;
  const auto wrong = [&](const std::string& text, const std::string& message) {
    write_text(folder / "a.jsonl", text);
    CHECK_THROWS_AS(documents_of(with_names(folder / "a.jsonl", "l", "i")), BadData);
    CHECK_THROWS_WITH(documents_of(with_names(folder / "a.jsonl", "l", "i")),
                      Contains(folder / "a.jsonl" + message));
  };
  const std::string good = R"({"text": "", "l": "", "i": "1"})"
                           "\n\n";
  wrong(good + R"({"l": "", "i": "1"})", ", line 3: has no field 'text'; --field NAME");
  wrong(good + R"({"text": "", "i": "1"})", ", line 3: has no field 'l'; --label NAME");
  wrong(good + R"({"text": "", "l": ""})", ", line 3: has no field 'i'; --id NAME");
  wrong(good + R"({"text": 3, "l": "", "i": 1})", ", line 3: field 'text' is a number or a truth value");
  wrong(good + R"({"text": "", "l": [], "i": 1})", ", line 3: field 'l' is a list or an object");
  wrong(good + R"({"text": "", "l": "", "i": null})", ", line 3: field 'i' is empty");
  wrong(good + "{\"text\": \"\n", ", line 3: broken JSON at byte 11 of the line: ");
  wrong(good + R"({"text": "\ud800)", ", line 3: broken JSON at byte ");
  wrong(good + "[1]", ", line 3: a JSON list, not an object; write one object a line: jq -c '.[]' FILE");
  wrong(good + "1\n", ", line 3: a JSON value, but not an object");
  wrong("", ": is empty: there are no documents");

  std::filesystem::create_directories(folder / "none/.hidden");
  CHECK_THROWS_WITH(documents_of(corpus_of({folder / "none"})), Contains("there are no files in this folder"));
  CHECK_THROWS_AS(documents_of(corpus_of({folder / "none"})), BadData);
  CHECK_THROWS_AS(documents_of(corpus_of({folder / "missing"})), SystemError);
  CHECK_THROWS_WITH(documents_of(corpus_of({folder / "missing"})), Contains("check the name"));
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(documents_of(corpus_of({folder / "pipe"})), Contains("is not a regular file"));
  write_text(folder / "a.txt", "text");
  CHECK_THROWS_AS(documents_of(with_names(folder / "a.txt", "l", "")), UsageError);
  CHECK_THROWS_AS(documents_of(corpus_of({})), UsageError);
  std::filesystem::create_directories(folder / "circle/inner");
  std::filesystem::create_symlink("..", folder / "circle/inner/up");
  CHECK_THROWS_WITH(documents_of(corpus_of({folder / "circle"})),
                    Contains("circle/inner/up: this link leads to a folder that it lies in"));
  std::filesystem::create_directory(folder / "dangling");
  write_text(folder / "dangling/one", "one\n");
  std::filesystem::create_symlink("nothing", folder / "dangling/two");
  CHECK_THROWS_WITH(documents_of(corpus_of({folder / "dangling"})), Contains("dangling/two: cannot read it"));
  write_text(folder / "pretty.json", "{\n\"text\": \"\"}\n");
  CHECK_THROWS_WITH(documents_of(corpus_of({folder / "pretty.json"})),
                    Contains("line 1: broken JSON at byte 2 of the line: ") && Contains("jq -c . FILE"));
  // one empty document is a corpus
  write_text(folder / "none/empty", "");
  CHECK(documents_of(corpus_of({folder / "none"})) == Texts{"empty||"});
}

TEST_CASE("tables have a header row, and fields in quotes", "[corpus]") {
  const TemporaryFolder folder;
  const std::string path = folder / "a.csv";
  write_text(path,
             "\xef\xbb\xbf\"name\",text,\"la\"\"bel\"\r\n"
             "1,plain,\r\n"
             "\r\n"
             "2,\"two, \"\"quoted\"\"\r\nlines\n\",x\r\n"
             "3,,\"y\"\n"
             "\"4\",\"\",z");
  CHECK(documents_of(corpus_of({path})) ==
        Texts{path + ":2||plain", path + ":4||two, \"quoted\"\r\nlines\n", path + ":7||", path + ":8||"});
  CHECK(documents_of(with_names(path, "la\"bel", "name")) ==
        Texts{"1||plain", "2|x|two, \"quoted\"\r\nlines\n", "3|y|", "4|z|"});

  const std::string tabs = "text\tid\none, two\ta\n\"a\tb\"\t\"b\"\n";
  write_text(folder / "a.tsv", tabs);
  write_gzipped(folder / "b.tsv.gz", tabs);
  write_text(folder / "utf16.TSV", as_utf16(tabs, true));
  for (const char* name : {"a.tsv", "b.tsv.gz", "utf16.TSV"}) {
    CHECK(documents_of(with_names(folder / name, "", "id")) == Texts{"a||one, two", "b||a\tb"});
  }
  write_text(path, "text\ncaf\xe9\n");
  CorpusOptions latin = corpus_of({path});
  latin.encoding = "latin-1";
  CHECK(documents_of(latin) == Texts{path + ":2||caf\xc3\xa9"});
}

TEST_CASE("faults of a table name the line", "[corpus]") {
  const TemporaryFolder folder;
  const auto wrong = [&](const std::string& rows, const std::string& message) {
    write_text(folder / "a.csv", "text,l,i\n\"\n\",,1\n" + rows);
    CHECK_THROWS_AS(documents_of(with_names(folder / "a.csv", "l", "i")), BadData);
    CHECK_THROWS_WITH(documents_of(with_names(folder / "a.csv", "l", "i")),
                      Contains(folder / "a.csv, line " + message));
  };
  wrong("a,\"\nb,\"open\n\nc,d,e\n", "4: the field in quotes that begins here");
  wrong("a,b,\"\n\"\nb,,\"open\n\nc,d,e\n", "6: a quote that opens here is never closed");
  wrong("\"a\n\n\",\"b\" ,1\n", "6: the field in quotes that begins here");
  wrong("5\" disk,,2\n\",,", "4: a quote stands in a field that does not begin with one");
  wrong("a,b\n", "4: has 2 fields where the header row has 3;");
  wrong("a\n", "4: has 1 field where the header row has 3;");
  wrong("a,b,1,2\n", "4: has 4 fields where the header row has 3;");
  wrong("a,b,\n", "4: column 'i' is empty");
  CHECK_THROWS_WITH(documents_of(with_names(folder / "a.csv", "label", "")),
                    Contains("a.csv, line 1: the header row has no column 'label'; --label NAME chooses one of: "
                             "text, l, i (--label '': none)"));
  write_text(folder / "a.csv", "text,text\n");
  CHECK_THROWS_WITH(documents_of(corpus_of({folder / "a.csv"})), Contains("line 1: has two columns 'text'"));
}

TEST_CASE("files that are no texts are named, with what makes texts of them", "[corpus]") {
  using namespace std::string_literals;
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes, const std::string& message) {
    write_text(folder / "a file", bytes);
    write_gzipped(folder / "b.gz", bytes);
    CHECK_THROWS_AS(documents_of(corpus_of({folder / "a file"})), BadData);
    CHECK_THROWS_WITH(documents_of(corpus_of({folder / "a file"})),
                      Contains((folder / "a file: ") + message) && Contains("'" + (folder / "a file") + "'"));
    CHECK_THROWS_WITH(documents_of(corpus_of({folder / "b.gz"})), Contains((folder / "b.gz: ") + message));
  };
  refused(std::string(257, 'x') + "ustar", "is a tar archive, not a text; unpack it (tar xf ");
  refused("PK\x03\x04", "is a zip archive");
  refused("BZh9", "is compressed by bzip2");
  refused("PAR1", "is Parquet");
  refused(as_utf16("no mark", false).substr(2),
          "is perhaps UTF-16 without a mark, not a text; convert it: iconv -f UTF-16LE");
  refused(as_utf16("no mark", true).substr(2),
          "is perhaps UTF-16 without a mark, not a text; convert it: iconv -f UTF-16BE");
  // a few zeros are text
  CHECK(only_text("a\0b\0\0\0\0\0"s) == "a\0b\0\0\0\0\0"s);
  CHECK(only_text("a\0b\0c"s) == "a\0b\0c"s);
  CHECK(only_text("\0\0\0\0\0\0\0\0"s) == "\0\0\0\0\0\0\0\0"s);
}
