// The bag-of-words format of the UCI repository: docword.NAME.txt has the numbers of documents, words and entries
// in its first three lines, then one entry a line, DOCUMENT WORD COUNT, counted from 1. vocab.NAME.txt beside it
// has the words, one a line. (archive.ics.uci.edu/dataset/164/bag+of+words)
#include <fmt/format.h>

#include <filesystem>

#include "format.hpp"
#include "matrix_market.hpp"
#include "npy_file.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

/// One non-negative number, and nothing else.
bool parse_size(std::string_view line, Index& size) {
  return parse(next_token(line), size) && size >= 0 && is_blank(line);
}

MatrixMarketBanner read_bag_of_words_sizes(LineReader& lines) {
  MatrixMarketBanner banner;
  banner.coordinate = true;
  banner.sizes = "the third line";
  for (Index* size : {&banner.rows, &banner.columns, &banner.promised}) {
    std::string_view line;
    if (!lines.next(line))
      throw lines.fault("the file ends before its third line: it was cut short; copy it again");
    if (!parse_size(line, *size)) {
      throw lines.fault(
          fmt::format("the first three lines must be the numbers of documents, words and entries, but this is {}",
                      quote(line)));
    }
  }
  try {
    check_sizes("the first two lines", banner.rows, banner.columns);
  } catch (const BadData& error) {
    throw lines.fault(error.what());
  }
  constexpr Index most_entries = Index{1} << 58;
  if (banner.promised > most_entries) throw lines.fault("promises more entries than any machine can hold");
  return banner;
}

/// "a/vocab.x.txt" for "a/docword.x.txt.gz", plain or gzip'd; empty where there is none.
std::string vocabulary_beside(const std::string& path) {
  constexpr std::string_view prefix = "docword", gzipped = ".gz";
  const std::filesystem::path whole(path);
  std::string name = whole.filename().string();
  if (!name.starts_with(prefix)) return "";
  if (name.ends_with(gzipped)) name.resize(name.size() - gzipped.size());
  const std::string beside = (whole.parent_path() / ("vocab" + name.substr(prefix.size()))).string();
  std::error_code ignored;
  for (const std::string& file : {beside, beside + ".gz"}) {
    if (std::filesystem::is_regular_file(file, ignored)) return file;
  }
  return "";
}

NameReader words_in(const std::string& path, Index wanted) {
  return [=](const std::function<void(std::string_view)>& take) {
    Index found = 0;
    names_in(path)([&](std::string_view word) {
      take(word);
      ++found;
    });
    if (found == wanted) return;
    throw BadData(fmt::format("{}: has {} words, but docword beside it has {}", path, found, wanted));
  };
}

Source open_bag_of_words(const Location& at, const LoadOptions& options) {
  Source source = open_coordinate_text(at.file, options.transpose, ValueLimits(options), read_bag_of_words_sizes);
  const Index words = options.transpose ? source.header.rows : source.header.columns;
  const std::string vocabulary = vocabulary_beside(at.file);
  if (!vocabulary.empty()) source.labels.columns = words_in(vocabulary, words);
  return source;
}

bool is_bag_of_words(std::string_view start, const FileReading&) {
  constexpr int sizes = 3;
  for (int i = 0; i <= sizes; ++i) {
    const std::size_t end = start.find('\n');
    std::string_view line = start.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    Index number = 0;
    if (i < sizes && (end == std::string_view::npos || !parse_size(line, number))) return false;
    if (i == sizes) {
      double count = 0;
      return parse(next_token(line), number) && parse(next_token(line), number) &&
             parse(next_token(line), count) && is_blank(line);
    }
    start.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

template <class Row>
Row format_row(FormatFile<struct BagOfWordsFormat>) {
  return {.name = "UCI bag of words (docword.NAME.txt, also gzip'd)",
          .key = "bag-of-words",
          .recognises = is_bag_of_words,
          .open = open_bag_of_words};
}
template Format format_row(FormatFile<struct BagOfWordsFormat>);

template <class Row>
Row format_row(FormatFile<struct BagOfWordsFolderFormat>) {
  return {.name = "a folder of docword.txt and vocab.txt",
          .folder_with = "docword.txt",
          .open = [](const Location& at, const LoadOptions& options) {
            return open_bag_of_words({at.file + "/docword.txt", ""}, options);
          }};
}
template Format format_row(FormatFile<struct BagOfWordsFolderFormat>);

}  // namespace mpinmf::io
