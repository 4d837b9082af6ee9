// The format of SVMlight and LIBSVM: a row a line, LABEL [qid:NUMBER] INDEX:VALUE INDEX:VALUE ... # COMMENT, with
// ascending indices. Read as scikit-learn's load_svmlight_file does: indices count from 0 where one of them is 0,
// else from 1; lines with nothing but a comment are no rows; labels (several have commas between them) are passed
// over.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "counted_pieces.hpp"
#include "entry_batch.hpp"
#include "file.hpp"
#include "format.hpp"
#include "listed_value.hpp"
#include "npy_file.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

struct LibsvmFile {
  std::string path;
  bool transpose = false;
  ValueLimits limits = {};
  Index rows = 0, columns = 0, entries = 0;
  Index first_index = 1;    ///< of the first column
  Index largest_index = 0;  ///< of those that there are

  void set_header(MatrixHeader& header) {
    columns = largest_index + 1 - first_index;
    header.rows = transpose ? columns : rows;
    header.columns = transpose ? rows : columns;
    header.sparse = true;
    header.stored = entries;
    check_sizes(path, header.rows, header.columns);
  }
};

std::string_view without_comment(std::string_view line) {
  return line.substr(0, line.find('#'));
}

/// One number, or several with commas between them.
bool is_label(std::string_view token) {
  double number = 0;
  while (true) {
    const std::size_t comma = token.find(',');
    if (!parse(token.substr(0, comma), number)) return false;
    if (comma == std::string_view::npos) return true;
    token.remove_prefix(comma + 1);
  }
}

/// Takes what stands before the entries from `rest`. False where it is no label.
bool take_label(std::string_view& rest) {
  std::string_view behind = rest;
  const std::string_view label = next_token(behind);
  if (label.find(':') == std::string_view::npos) {  // a row of several classes may belong to none
    if (!is_label(label)) return false;
    rest = behind;
  }
  const std::string_view query = next_token(behind = rest);
  if (query.starts_with("qid:")) rest = behind;
  return true;
}

/// Splits INDEX:VALUE.
bool parse_entry(std::string_view token, Index& index, std::string_view& value) {
  const std::size_t colon = token.find(':');
  if (colon == std::string_view::npos) return false;
  value = token.substr(colon + 1);
  return parse(token.substr(0, colon), index) && index >= 0 && !value.empty();
}

BadData other_than_libsvm(const LineReader& lines, std::string_view found) {
  return lines.fault(fmt::format("'LABEL INDEX:VALUE INDEX:VALUE ...' expected, but this is {}", quote(found)));
}

/// Takes the next entry from `rest` if both of its numbers are whole and short, as most are. Otherwise nothing is
/// known.
bool take_plain_entry(std::string_view& rest, Index& index, double& value) {
  std::string_view behind = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
  Index count = 0;
  if (!take_digits(behind, index) || !behind.starts_with(':')) return false;
  behind.remove_prefix(1);
  if (!take_digits(behind, count) || !(behind.empty() || behind.front() == ' ' || behind.front() == '\t'))
    return false;
  value = static_cast<double>(count);
  rest = behind;
  return true;
}

/// The entries of one row at a time.
class LibsvmRows {
 public:
  /// @pre all outlive it
  LibsvmRows(const LibsvmFile& file, const LineReader& lines, EntryBatch& batch)
      : file_(file), lines_(lines), batch_(batch) {}

  void read(std::string_view line, Index row) {
    std::string_view rest = line;
    if (!take_label(rest)) throw other_than_libsvm(lines_, line);
    Index before = -1, index = 0;
    for (double value = 0; take_entry(rest, row, index, value); before = index) {
      require_ascent(before, index);
      batch_.add(row, column_of(index, row, rest), value);
    }
  }
  /// What is known of a row without its values, if `rows` are what is counted.
  void read_places(std::string_view line, Index row) {
    if (file_.transpose) return read(line, row);
    std::string_view rest = line;
    if (!take_label(rest)) throw other_than_libsvm(lines_, line);
    column_of(file_.first_index, row, "");
    for (auto left = std::count(rest.begin(), rest.end(), ':'); left > 0; --left) batch_.add(row, 0, 0);
  }

 private:
  /// False at the end of the line.
  bool take_entry(std::string_view& rest, Index row, Index& index, double& value) const {
    if (take_plain_entry(rest, index, value)) return true;
    const std::string_view token = next_token(rest);
    if (token.empty()) return false;
    std::string_view text;
    if (!parse_entry(token, index, text) || !parse(text, value)) throw other_than_libsvm(lines_, token);
    value = listed_value(lines_, {row, index - file_.first_index, value}, text, file_.limits);
    return true;
  }
  void require_ascent(Index before, Index index) const {
    if (index > before) return;
    throw lines_.fault(fmt::format(
        "index {} follows {}, but indices must ascend: sort them, and sum those that are equal", index, before));
  }
  /// `rest`: what follows in the line, whose last index told how many columns there are.
  Index column_of(Index index, Index row, std::string_view rest) const {
    const Index column = index - file_.first_index;
    if (column >= 0 && column < file_.columns && row < file_.rows) return column;
    std::string_view text;
    for (Index before = index, next = 0; parse_entry(next_token(rest), next, text); before = next) {
      require_ascent(before, next);
    }
    throw lines_.fault("is other than when the file was opened; load it again");
  }

  const LibsvmFile& file_;
  const LineReader& lines_;
  EntryBatch& batch_;
};

/// The next line that is a row, without its comment; false at the end.
bool next_row(LineReader& lines, std::string_view& line) {
  while (lines.next(line)) {
    line = without_comment(line);
    if (!is_blank(line)) return true;
  }
  return false;
}

/// All rows that `lines` have, of which the first is `row`.
void read_rows(const LibsvmFile& file, LineReader& lines, Index row, const TakeEntries& take,
               void (LibsvmRows::*read)(std::string_view, Index) = &LibsvmRows::read) {
  EntryBatch batch(take, false, file.transpose);
  LibsvmRows rows(file, lines, batch);
  for (std::string_view line; next_row(lines, line); ++row) (rows.*read)(line, row);
  batch.flush();
}

class LibsvmStream final : public EntryStream {
 public:
  explicit LibsvmStream(LibsvmFile file) : file_(std::move(file)) {}
  void read_all(const TakeEntries& take) override {
    LineReader lines(file_.path);
    read_rows(file_, lines, 0, take);
  }

 private:
  LibsvmFile file_;
};

/// What the first and the last index of a line say of all columns.
void look_at_row(std::string_view line, const LineReader& lines, LibsvmFile& file) {
  std::string_view rest = line, text;
  if (!take_label(rest)) throw other_than_libsvm(lines, line);
  file.entries += std::count(rest.begin(), rest.end(), ':');
  const std::size_t end = rest.find_last_not_of(" \t");
  if (end == std::string_view::npos) return;
  const std::string_view trimmed = rest.substr(0, end + 1);
  const std::size_t blank = trimmed.find_last_of(" \t");
  const std::string_view last = trimmed.substr(blank == std::string_view::npos ? 0 : blank + 1);
  Index index = 0;
  if (parse_entry(next_token(rest), index, text)) file.first_index = std::min(file.first_index, index);
  if (!parse_entry(last, index, text)) throw other_than_libsvm(lines, last);
  if (index >= std::numeric_limits<Index>::max() - 1) {
    throw lines.fault(fmt::format("index {} is larger than any that can be counted", index));
  }
  file.largest_index = std::max(file.largest_index, index);
}

/// All rows that `lines` have.
void look_at_rows(LineReader& lines, LibsvmFile& file) {
  for (std::string_view line; next_row(lines, line); ++file.rows) look_at_row(line, lines, file);
}

/// A piece is a share of a file's bytes.
class LibsvmPieces final : public CountedPieces {
 public:
  explicit LibsvmPieces(LibsvmFile file) : CountedPieces(file.path), file_(std::move(file)) {}

  void read_all(const TakeEntries& take) override { read(0, 1, take); }
  void read(int part, int parts, const TakeEntries& take) override {
    read_piece_of_rows(part, parts, take, &LibsvmRows::read);
  }
  void read_places(int part, int parts, const TakeEntries& take) override {
    read_piece_of_rows(part, parts, take, &LibsvmRows::read_places);
  }
  void require_total(Index found) override {
    if (found == file_.entries) return;
    throw BadData(fmt::format("{}: had {} entries when it was opened, and has {}; load it again", file_.path,
                              file_.entries, found));
  }

 private:
  Counts count_piece(int part, int parts) const override {
    LibsvmFile found;
    LineReader lines(file_.path, piece_of_text(file_.path, 0, part, parts));
    look_at_rows(lines, found);
    return {found.rows, found.entries, found.first_index, found.largest_index};
  }
  void use_counts(std::span<const Counts> of_pieces, MatrixHeader& header) override {
    for (const auto& [rows, entries, first_index, largest_index] : of_pieces) {
      file_.rows += rows;
      file_.entries += entries;
      file_.first_index = std::min(file_.first_index, first_index);
      file_.largest_index = std::max(file_.largest_index, largest_index);
    }
    file_.set_header(header);
  }
  void read_piece_of_rows(int part, int parts, const TakeEntries& take,
                          void (LibsvmRows::*of_row)(std::string_view, Index)) {
    const Index first = counted_before(part, parts);
    LineReader lines(file_.path, piece_of_text(file_.path, 0, part, parts));
    read_rows(file_, lines, first, take, of_row);
  }

  LibsvmFile file_;
};

Source open_libsvm(const Location& at, const LoadOptions& options) {
  LibsvmFile file{.path = at.file, .transpose = options.transpose, .limits = ValueLimits(options)};
  LineReader lines(at.file);
  Source source;
  source.name = at.file;
  if (lines.has_pieces()) {
    source.is_counted = false;
    source.reader = std::make_unique<LibsvmPieces>(std::move(file));
  } else {
    look_at_rows(lines, file);
    file.set_header(source.header);
    source.header.unpacked_by_one = static_cast<double>(std::filesystem::file_size(at.file));
    source.reader = std::make_unique<LibsvmStream>(std::move(file));
  }
  return source;
}

/// Whether the first row is one, and has an entry.
bool is_libsvm(std::string_view start, const FileReading&) {
  while (!start.empty()) {
    const std::size_t end = start.find('\n');
    const bool is_whole = end != std::string_view::npos;
    std::string_view line = without_comment(start.substr(0, end));
    start.remove_prefix(is_whole ? end + 1 : start.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (is_blank(line)) continue;
    std::string_view label = line;
    if (next_token(label).find(':') != std::string_view::npos || !take_label(line)) return false;
    const std::string_view first = next_token(line);
    Index index = 0;
    double value = 0;
    std::string_view text;
    if (first.empty()) continue;  // a row without entries
    return parse_entry(first, index, text) && parse(text, value);
  }
  return false;
}

}  // namespace

template <class Row>
Row format_row(FormatFile<struct LibsvmFormat>) {
  return {
      .name = "LIBSVM or SVMlight (also gzip'd)", .key = "libsvm", .recognises = is_libsvm, .open = open_libsvm};
}
template Format format_row(FormatFile<struct LibsvmFormat>);

}  // namespace mpinmf::io
