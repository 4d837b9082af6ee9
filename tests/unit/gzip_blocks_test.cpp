// Text that is gzip'd in blocks, and what is unpacked ahead by a thread.
#include <fmt/format.h>

#include <cstring>
#include <tuple>

#include "catch.hpp"
#include "cli/file_hints.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "gzip_files.hpp"
#include "io/file.hpp"
#include "io/read_ahead.hpp"
#include "source_entries.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

using Listed = std::vector<std::tuple<Index, Index, double>>;

EntryPieces& pieces_of(Source& source) {
  return *std::get<std::unique_ptr<EntryStream>>(source.reader)->pieces();
}

/// In their order in the file.
Listed listed(EntryPieces& pieces, int parts) {
  Listed entries;
  Index found = 0;
  for (int part = 0; part < parts; ++part) {
    pieces.read(part, parts, [&](std::span<const Entry> some) {
      for (const Entry& e : some) entries.emplace_back(e.row, e.column, e.value);
    });
    found += pieces.left_out();
  }
  pieces.require_total(found + static_cast<Index>(entries.size()));
  return entries;
}

std::string market_text(int entries) {
  std::string text =
      fmt::format("%%MatrixMarket matrix coordinate real general\n% a comment\n{} 9 {}\n", entries, entries);
  for (int i = 0; i < entries; ++i) text += fmt::format("{} {} {}.5\r\n", i + 1, i * i % 9 + 1, i);
  return text;
}
/// Of both triangles, some entries in both of them.
std::string symmetric_text(int rows) {
  std::string text =
      fmt::format("%%MatrixMarket matrix coordinate integer symmetric\n{} {} {}\n", rows, rows, 3 * rows - 3);
  for (int i = 1; i < rows; ++i) {
    const bool is_twice = i % 4 == 0 || i + 1 == rows;
    text +=
        fmt::format("{0} {0} 3\n{1} {0} 5\n{0} {2} {3}\n", i, i + 1, is_twice ? i + 1 : rows, is_twice ? 5 : 7);
  }
  return text;
}
std::string array_text(int rows, const std::string& symmetry) {
  std::string text = fmt::format("%%MatrixMarket matrix array real {}\n%\n{} {}\n\n", symmetry, rows, rows);
  const int count = symmetry == "general" ? rows * rows : rows * (rows + 1) / 2;
  for (int i = 0; i < count; ++i) text += fmt::format("{}.5\n{}", i, i % 9 == 0 ? "%\n" : "");
  return text;
}
std::string table_text(int rows) {
  std::string text = "# made here\nname,alpha,beta\n";
  for (int i = 0; i < rows; ++i) text += fmt::format("r{},{},{}\n", i, i % 7, 10 * i);
  return text + "\n \n";
}
std::string libsvm_text(int rows) {
  std::string text;
  for (int i = 0; i < rows; ++i)
    text += fmt::format("1 {}:{} 9:2.5{}\n", i % 7 + 1, i, i % 5 == 0 ? "\n# five" : "");
  return text;
}
std::string bag_of_words_text(int entries) {
  std::string text = fmt::format("{}\n9\n{}\n", entries, entries);
  for (int i = 0; i < entries; ++i) text += fmt::format("{} {} {}\n", i + 1, i % 9 + 1, i);
  return text;
}

}  // namespace

TEST_CASE("pieces of text that is gzip'd in blocks hold what the plain text does", "[gzip_blocks]") {
  const TemporaryFolder folder;
  const std::string plain = folder / "plain", packed = folder / "packed";
  for (const std::string& text :
       {market_text(30), symmetric_text(20), array_text(6, "general"), array_text(9, "symmetric"), table_text(30),
        libsvm_text(30), bag_of_words_text(30)}) {
    write_text(plain, text);
    Source reference = open_source(plain, {});
    const Listed expected = listed(pieces_of(reference), 1);
    Listed from_front;
    pieces_of(reference).read_all([&](std::span<const Entry> some) {
      for (const Entry& e : some) from_front.emplace_back(e.row, e.column, e.value);
    });
    CHECK(expected == from_front);
    for (const std::size_t in_a_block : {1, 2, 7, 40, 333, 65280}) {
      write_text(packed, blocked_gzip(text, in_a_block) + (in_a_block == 7 ? blocked_gzip("") : ""));
      Source source = open_source(packed, {});
      CHECK((source.header.rows == reference.header.rows && source.header.columns == reference.header.columns &&
             source.header.stored == reference.header.stored));
      CHECK(all_names(source.labels.rows) == all_names(reference.labels.rows));
      for (const int parts : {1, 2, 3, 4, 7, 50, 200}) {
        INFO(text.substr(0, 20) << ": blocks of " << in_a_block << ", " << parts << " pieces");
        CHECK(listed(pieces_of(reference), parts) == expected);
        CHECK(listed(pieces_of(source), parts) == expected);
      }
    }
  }
}

TEST_CASE("text in blocks that is cut at any byte is bad data, and so is a damaged byte", "[gzip_blocks]") {
  const TemporaryFolder folder;
  const std::string path = folder / "v";
  for (const std::string& text : {market_text(9), table_text(9), libsvm_text(9)}) {
    const std::string whole = blocked_gzip(text, 60);
    write_text(path, whole);
    Source source = open_source(path, {});
    const Places expected = entries_of(source);
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      INFO("cut at " << cut);
      write_text(path, whole.substr(0, cut));
      CHECK_THAT(fault_in(path), Contains(path));
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
      INFO("damaged at " << at);
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
      write_text(path, damaged);
      std::string message;
      try {
        Source other = open_source(path, {});
        CHECK(entries_of(other) == expected);  // a time or a system that nobody asks for
      } catch (const BadData& error) {
        CHECK_THAT(error.what(), Contains(path));
      }
    }
  }
}

TEST_CASE("what is wrong with blocks is said with their place", "[gzip_blocks]") {
  const TemporaryFolder folder;
  const std::string path = folder / "v.mtx.gz", text = market_text(50);
  const std::string first = gzip_block(text.substr(0, 300)), second = gzip_block(text.substr(300));
  const auto message = [&](const std::string& bytes) {
    write_text(path, bytes);
    return fault_in(path);
  };
  const std::string end = gzip_block("");
  CHECK(message(first + second + end).empty());
  CHECK_THAT(message(first + second), Contains(fmt::format("missing at byte {}", first.size() + second.size())));
  CHECK_THAT(message(first + second.substr(0, 90)),
             Contains(path) && Contains(fmt::format("it ends within the block at byte {}", first.size())) &&
                 Contains("copy or compress the file again"));
  CHECK_THAT(message(first + "no block, but enough bytes for one" + second + end),
             Contains(fmt::format("there is no block at byte {}", first.size())));
  std::string damaged = second;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);
  CHECK_THAT(message(first + damaged + end),
             Contains(fmt::format("the block at byte {}: its checksum or length", first.size())));
  damaged = second;
  damaged[40] = static_cast<char>(damaged[40] ^ 0x55);
  CHECK_THAT(message(first + damaged + end), Contains(fmt::format("the block at byte {}", first.size())));
}

TEST_CASE("a fault in a piece of blocks names its line in the file", "[gzip_blocks]") {
  const TemporaryFolder folder;
  const std::string path = folder / "v";
  std::string text = market_text(50);
  text.replace(text.find("41 "), 3, "9x ");
  write_text(path, blocked_gzip(text, 50));
  Source source = open_source(path, {});
  for (const int parts : {1, 2, 3, 7, 40}) {
    int faults = 0;
    for (int part = 0; part < parts; ++part) {
      try {
        pieces_of(source).read(part, parts, [](std::span<const Entry>) {});
      } catch (const BadData& error) {
        CHECK_THAT(error.what(), Contains("line 44: ROW COLUMN VALUE expected"));
        ++faults;
      }
    }
    CHECK(faults == 1);
  }
}

TEST_CASE("a long text is the same from a plain file, gzip and blocks, and damage in its middle is found",
          "[gzip_blocks]") {
  const TemporaryFolder folder;
  std::string text;
  for (std::uint32_t i = 0, bits = 1; i < 400000; ++i, bits = bits * 1664525 + 1013904223)
    text += fmt::format("{}\n", bits >> 8);
  const std::string zip = gzipped(text), blocks = blocked_gzip(text);
  for (const std::string& bytes : {text, zip, blocks}) {
    write_text(folder / "v", bytes);
    LineReader lines(folder / "v");
    std::string found;
    for (std::string_view line; lines.next(line);) found.append(line).push_back('\n');
    CHECK(found == text);
    LineReader left_early(folder / "v");
    std::string_view line;
    for (int i = 0; i < 250000; ++i) left_early.next(line);
    if (bytes == text) continue;
    std::string damaged = bytes;
    for (std::size_t i = 0; i < 40; ++i) damaged[damaged.size() / 2 + i] = 'x';
    write_text(folder / "v", damaged);
    CHECK_THAT(fault_of([&] {
                 LineReader damaged_lines(folder / "v");
                 while (damaged_lines.next(line)) {
                 }
               }),
               Contains(folder / "v") && Contains("damaged"));
  }
}

TEST_CASE("what a thread reads ahead comes in order, then what it has thrown", "[gzip_blocks]") {
  constexpr int most = 20;
  for (const int faulty : {0, 1, 9, most}) {
    int calls = 0;
    ReadAhead ahead([&](char* out, std::size_t limit) -> std::size_t {
      if (calls == faulty && faulty < most) throw BadData("here");
      if (calls == most) return 0;
      std::memset(out, 'a' + calls++, limit / 2);
      return limit / 2;
    });
    std::string found, expected;
    std::vector<char> some(1000);
    const auto read_all = [&] {
      while (const std::size_t got = ahead.read(some.data(), some.size())) {
        found.append(some.data(), got);
      }
    };
    if (faulty == most) {
      read_all();
      CHECK(ahead.read(some.data(), some.size()) == 0);
    } else {
      CHECK_THROWS_WITH(read_all(), "here");
      CHECK_THROWS_WITH(read_all(), "here");
    }
    const std::size_t in_a_call = faulty == 0 ? 0 : found.size() / static_cast<std::size_t>(faulty);
    for (int i = 0; i < faulty; ++i) expected.append(in_a_call, static_cast<char>('a' + i));
    CHECK(found == expected);
  }
  ReadAhead never_read([](char*, std::size_t limit) { return limit; });
}

TEST_CASE("a large file that one rank unpacks for several is worth a hint", "[gzip_blocks]") {
  const TemporaryFolder folder;
  write_text(folder / "v.gz", gzipped(market_text(9)));
  write_text(folder / "blocks.gz", blocked_gzip(market_text(9)));
  MatrixHeader header = open_source(folder / "v.gz", {}).header;
  CHECK(header.unpacked_by_one == static_cast<double>(gzipped(market_text(9)).size()));
  CHECK(open_source(folder / "blocks.gz", {}).header.unpacked_by_one == 0);
  CHECK(cli::gzip_hint(header, 2).empty());
  header.unpacked_by_one = 2e8;
  CHECK_THAT(cli::gzip_hint(header, 3), Contains("190.7 MiB") && Contains("for all 3") && Contains("bgzip"));
  CHECK(cli::gzip_hint(header, 1).empty());
}
