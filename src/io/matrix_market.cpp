#include "matrix_market.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>

#include "entry_check.hpp"
#include "format.hpp"
#include "matrix_market_banner.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

/// Collects entries, mirrors and transposes them, and hands them on in batches.
class Batch {
 public:
  using Take = std::function<void(std::span<const Entry>)>;
  Batch(const Take& take, bool symmetric, bool transpose)
      : take_(take), symmetric_(symmetric), transpose_(transpose) {
    entries_.reserve(size);
  }
  void add(Index row, Index column, double value) {
    entries_.push_back(transpose_ ? Entry{column, row, value} : Entry{row, column, value});
    if (symmetric_ && row != column) {
      entries_.push_back(transpose_ ? Entry{row, column, value} : Entry{column, row, value});
    }
    if (entries_.size() + 1 >= size) flush();
  }
  void flush() {
    if (!entries_.empty()) take_(entries_);
    entries_.clear();
  }

 private:
  static constexpr std::size_t size = std::size_t{1} << 16;  // entries
  const Take& take_;
  bool symmetric_, transpose_;
  std::vector<Entry> entries_;
};

/// An entry of a symmetric file, as it stands there.
struct Listed {
  Index row, column;
  double value;
  Index line;

  bool is_upper() const { return column > row; }
  /// The same for an entry and its mirror image.
  std::pair<Index, Index> place() const { return std::minmax(row, column); }
};

std::vector<std::pair<Index, Index>> places_listed_twice(const std::string& path, std::vector<Listed> entries);

/// One walk over the entries of a file.
class Walk {
 public:
  Walk(const std::string& path, const Batch::Take& take, bool transpose, double clip_negative)
      : path_(path),
        lines_(path),
        banner_(read_banner(lines_)),
        batch_(take, banner_.symmetric, transpose),
        clip_negative_(clip_negative) {}

  void run() {
    if (banner_.coordinate) {
      read_coordinates([&](const Listed& entry) { take_entry(entry); });
    } else {
      read_array();
    }
    std::string_view line;
    while (lines_.next(line)) {
      if (is_blank(line) || line.front() == '%') continue;
      throw lines_.fault(
          fmt::format("there are more entries than the {} that the size line promises; correct the "
                      "size line or remove the rest",
                      banner_.promised));
    }
    batch_.flush();
  }

 private:
  /// The next line that is neither blank nor a comment.
  std::string_view next_entry(Index found) {
    std::string_view line;
    while (lines_.next(line)) {
      if (!is_blank(line) && line.front() != '%') return line;
    }
    throw lines_.fault(
        fmt::format("the size line promises {} entries, but the file ends here after {}: it was cut "
                    "short; copy it again",
                    banner_.promised, found));
  }

  template <class Take>
  void read_coordinates(const Take& take) {
    for (Index found = 0; found < banner_.promised; ++found) {
      const std::string_view line = next_entry(found);
      std::string_view rest = line;
      Index row = 0, column = 0;
      if (!parse(next_token(rest), row) || !parse(next_token(rest), column)) refuse_line(line);
      check_place(row, column);
      const double value = banner_.pattern ? 1 : read_value(next_token(rest), row - 1, column - 1, line);
      if (!is_blank(rest)) refuse_line(line);
      take(Listed{row - 1, column - 1, value, lines_.number()});
    }
  }

  /// The first entry off the diagonal says which triangle a symmetric file lists. One of the other triangle makes
  /// it known which places it lists in both; those have been taken, or will be, from the first triangle.
  void take_entry(const Listed& entry) {
    if (banner_.symmetric && entry.row != entry.column) {
      if (!lists_upper_) lists_upper_ = entry.is_upper();
      if (entry.is_upper() != *lists_upper_) {
        if (!twice_) twice_ = places_listed_twice(path_, Walk(path_, {}, false, clip_negative_).off_diagonal());
        if (std::binary_search(twice_->begin(), twice_->end(), entry.place())) return;
      }
    }
    batch_.add(entry.row, entry.column, entry.value);
  }

  /// The whole file's. Only for files that list both triangles, which are rare: they are held in memory meanwhile.
  std::vector<Listed> off_diagonal() {
    std::vector<Listed> entries;
    read_coordinates([&](const Listed& entry) {
      if (entry.row != entry.column) entries.push_back(entry);
    });
    return entries;
  }

  void read_array() {
    Index found = 0;
    for (Index column = 0; column < banner_.columns; ++column) {
      for (Index row = banner_.symmetric ? column : 0; row < banner_.rows; ++row, ++found) {
        const std::string_view line = next_entry(found);
        std::string_view rest = line;
        const double value = read_value(next_token(rest), row, column, line);
        if (!is_blank(rest)) refuse_line(line);
        batch_.add(row, column, value);
      }
    }
  }

  /// As the file has them, counted from 1.
  void check_place(Index row, Index column) const {
    if (row == 0 || column == 0) {
      throw lines_.fault("an index is 0, but Matrix Market counts from 1; add 1 to all of them");
    }
    const bool row_fits = row > 0 && row <= banner_.rows, column_fits = column > 0 && column <= banner_.columns;
    if (!row_fits || !column_fits) {
      throw lines_.fault(
          fmt::format("row {}, column {} (counted from 0; {} {} in the file) lies outside of the "
                      "{} x {} matrix; correct the entry or the size line",
                      row - 1, column - 1, row, column, banner_.rows, banner_.columns));
    }
  }

  double read_value(std::string_view token, Index row, Index column, std::string_view line) const {
    double value = 0;
    if (token.empty() || !parse(token, value)) refuse_line(line);
    if (value >= -clip_negative_ && value <= std::numeric_limits<double>::max())
      return value + 0.0;  // -0 becomes 0
    const std::string place = fmt::format("in row {}, column {} (counted from 0)", row, column);
    if (std::isnan(value)) {
      throw lines_.fault(
          fmt::format("not a number (NaN) {}; missing values are not supported yet: "
                      "remove or fill them",
                      place));
    }
    if (std::isinf(value)) throw lines_.fault(fmt::format("an infinite entry {} {}", quote(token), place));
    throw lines_.fault(fmt::format("a negative entry {} {}; the factorization needs entries >= 0{}", token, place,
                                   clip_advice(value)));
  }

  [[noreturn]] void refuse_line(std::string_view line) const {
    const char* expected = !banner_.coordinate ? "one number"
                           : banner_.pattern   ? "ROW COLUMN"
                                               : "ROW COLUMN VALUE";
    throw lines_.fault(fmt::format("{} expected, but the line is {}", expected, quote(line)));
  }

  std::string path_;
  LineReader lines_;
  MatrixMarketBanner banner_;
  Batch batch_;
  double clip_negative_;
  std::optional<bool> lists_upper_;                            // the triangle of the first entry
  std::optional<std::vector<std::pair<Index, Index>>> twice_;  // ascending
};

/// Ascending. Throws BadData where an entry and its mirror image differ; entries of one place are summed.
std::vector<std::pair<Index, Index>> places_listed_twice(const std::string& path, std::vector<Listed> entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const Listed& a, const Listed& b) {
    return std::pair(a.place(), a.is_upper()) < std::pair(b.place(), b.is_upper());
  });
  std::vector<std::pair<Index, Index>> twice;
  for (auto lower = entries.begin(); lower != entries.end();) {
    const auto place = lower->place();
    const auto end = std::find_if(lower, entries.end(), [&](const Listed& e) { return e.place() != place; });
    const auto upper = std::find_if(lower, end, [](const Listed& e) { return e.is_upper(); });
    const auto add = [](double sum, const Listed& e) { return sum + e.value; };
    const double below = std::accumulate(lower, upper, 0.0, add), above = std::accumulate(upper, end, 0.0, add);
    if (lower != upper && upper != end) {
      if (below != above) {
        throw BadData(fmt::format(
            "{}, line {}: row {}, column {} (counted from 0) is {}, but its mirror image in line {} is {}; in a "
            "symmetric matrix they are equal: correct one of them, or, if the file lists every entry, the banner "
            "to "
            "general",
            path, upper->line, upper->row, upper->column, above, lower->line, below));
      }
      twice.push_back(place);
    }
    lower = end;
  }
  return twice;
}

class MatrixMarketStream final : public EntryStream {
 public:
  MatrixMarketStream(std::string path, bool transpose, double clip_negative)
      : path_(std::move(path)), transpose_(transpose), clip_negative_(clip_negative) {}
  void read_all(const Batch::Take& take) override { Walk(path_, take, transpose_, clip_negative_).run(); }

 private:
  std::string path_;
  bool transpose_;
  double clip_negative_;
};

/// Whether so few bytes, however well compressed, cannot hold the promised entries.
bool promises_too_much(const std::string& path, const MatrixMarketBanner& banner) {
  constexpr double best_compression = 1040, bytes_an_entry = 2;  // of gzip; a digit and a line end
  return static_cast<double>(std::filesystem::file_size(path)) * best_compression <
         bytes_an_entry * static_cast<double>(banner.promised);
}

}  // namespace

Source open_matrix_market(const std::string& path, bool transpose, double clip_negative) {
  LineReader lines(path);
  const MatrixMarketBanner banner = read_banner(lines);
  auto stream = std::make_unique<MatrixMarketStream>(path, transpose, clip_negative);
  // Finds the fault now, before anybody makes room for the entries.
  if (promises_too_much(path, banner)) stream->read_all([](std::span<const Entry>) {});
  MatrixHeader header;
  header.rows = transpose ? banner.columns : banner.rows;
  header.columns = transpose ? banner.rows : banner.columns;
  header.sparse = banner.coordinate;
  header.stored = banner.coordinate ? banner.stored() : banner.rows * banner.columns;
  return {path, header, std::move(stream)};
}

template <class Row>
Row format_row(FormatFile<struct MatrixMarketFormat>) {
  return {.name = "Matrix Market (.mtx, also gzip'd)",
          .start = "%%matrixmarket",
          .open = [](const Location& at, const LoadOptions& options) {
            return open_matrix_market(at.file, options.transpose, options.clip_negative);
          }};
}
template Format format_row(FormatFile<struct MatrixMarketFormat>);

}  // namespace mpinmf::io
