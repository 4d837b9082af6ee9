#include "matrix_market.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>

#include "entry_batch.hpp"
#include "format.hpp"
#include "matrix_market_entries.hpp"

namespace mpinmf::io {
namespace {

std::vector<std::pair<Index, Index>> places_listed_twice(const std::string& path,
                                                         std::vector<ListedEntry> entries);

BadData more_than_promised(const LineReader& lines, const MatrixMarketBanner& banner) {
  return lines.fault(fmt::format(
      "there are more entries than the {} that the size line promises; correct the size line or remove "
      "the rest",
      banner.promised));
}
BadData fewer_than_promised(const LineReader& lines, const MatrixMarketBanner& banner, Index found) {
  return lines.fault(
      fmt::format("the size line promises {} entries, but the file ends here after {}: it was cut short; copy it "
                  "again",
                  banner.promised, found));
}

/// One walk over the entries of a file.
class Walk {
 public:
  Walk(const std::string& path, const TakeEntries& take, bool transpose, double clip_negative)
      : path_(path),
        lines_(path),
        banner_(read_banner(lines_)),
        entries_(lines_, banner_, clip_negative),
        batch_(take, banner_.symmetric, transpose),
        clip_negative_(clip_negative) {}

  void run() {
    if (banner_.coordinate) {
      read_coordinates([&](const ListedEntry& entry) { take_entry(entry); });
    } else {
      read_array();
    }
    std::string_view line;
    if (entries_.next(line)) throw more_than_promised(lines_, banner_);
    batch_.flush();
  }

 private:
  std::string_view next_entry(Index found) {
    std::string_view line;
    if (!entries_.next(line)) throw fewer_than_promised(lines_, banner_, found);
    return line;
  }

  template <class Take>
  void read_coordinates(const Take& take) {
    for (Index found = 0; found < banner_.promised; ++found) take(entries_.coordinates(next_entry(found)));
  }

  /// The first entry off the diagonal says which triangle a symmetric file lists. One of the other triangle makes
  /// it known which places it lists in both; those have been taken, or will be, from the first triangle.
  void take_entry(const ListedEntry& entry) {
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
  std::vector<ListedEntry> off_diagonal() {
    std::vector<ListedEntry> entries;
    read_coordinates([&](const ListedEntry& entry) {
      if (entry.row != entry.column) entries.push_back(entry);
    });
    return entries;
  }

  void read_array() {
    Index found = 0;
    for (Index column = 0; column < banner_.columns; ++column) {
      for (Index row = banner_.symmetric ? column : 0; row < banner_.rows; ++row, ++found) {
        batch_.add(row, column, entries_.array_value(next_entry(found), row, column));
      }
    }
  }

  std::string path_;
  LineReader lines_;
  MatrixMarketBanner banner_;
  EntryLines entries_;
  EntryBatch batch_;
  double clip_negative_;
  std::optional<bool> lists_upper_;                            // the triangle of the first entry
  std::optional<std::vector<std::pair<Index, Index>>> twice_;  // ascending
};

/// Ascending. Throws BadData where an entry and its mirror image differ; entries of one place are summed.
std::vector<std::pair<Index, Index>> places_listed_twice(const std::string& path,
                                                         std::vector<ListedEntry> entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const ListedEntry& a, const ListedEntry& b) {
    return std::pair(a.place(), a.is_upper()) < std::pair(b.place(), b.is_upper());
  });
  std::vector<std::pair<Index, Index>> twice;
  for (auto lower = entries.begin(); lower != entries.end();) {
    const auto place = lower->place();
    const auto end = std::find_if(lower, entries.end(), [&](const ListedEntry& e) { return e.place() != place; });
    const auto upper = std::find_if(lower, end, [](const ListedEntry& e) { return e.is_upper(); });
    const auto add = [](double sum, const ListedEntry& e) { return sum + e.value; };
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

/// A plain file of coordinates without mirror images: a piece is what stands in a share of its bytes.
class MatrixMarketPieces final : public EntryPieces {
 public:
  /// The entries begin at byte `body`.
  MatrixMarketPieces(std::string path, const MatrixMarketBanner& banner, Index body, bool transpose,
                     double clip_negative)
      : path_(std::move(path)),
        banner_(banner),
        body_(body),
        transpose_(transpose),
        clip_negative_(clip_negative) {}

  void read_all(const TakeEntries& take) override { Walk(path_, take, transpose_, clip_negative_).run(); }
  void read(int part, int parts, const TakeEntries& take) override {
    for_lines(part, parts, take, [&](const EntryLines& entries, std::string_view line, EntryBatch& batch) {
      const ListedEntry entry = entries.coordinates(line);
      batch.add(entry.row, entry.column, entry.value);
    });
  }
  /// Of faults in a line, none is found.
  void read_places(int part, int parts, const TakeEntries& take) override {
    for_lines(part, parts, take, [&](const EntryLines& entries, std::string_view line, EntryBatch& batch) {
      const Index place = std::max<Index>(0, entries.place_of(line, transpose_));
      transpose_ ? batch.add(0, place, 0) : batch.add(place, 0, 0);
    });
  }
  void require_total(Index found) override {
    if (found == banner_.promised) return;
    LineReader lines(path_);
    read_banner(lines);
    EntryLines entries(lines, banner_, clip_negative_);
    std::string_view line;
    for (Index i = 0; i < banner_.promised; ++i) {
      if (!entries.next(line)) throw fewer_than_promised(lines, banner_, i);
    }
    entries.next(line);
    throw more_than_promised(lines, banner_);
  }

 private:
  template <class F>
  void for_lines(int part, int parts, const TakeEntries& take, F&& f) const {
    const Index bytes = static_cast<Index>(std::filesystem::file_size(path_)) - body_;
    const auto begin = [&](int p) { return body_ + piece_begin(bytes, p, parts); };
    LineReader lines(path_, begin(part), begin(part + 1));
    EntryLines entries(lines, banner_, clip_negative_);
    EntryBatch batch(take, false, transpose_);
    std::string_view line;
    while (entries.next(line)) f(entries, line, batch);
    batch.flush();
  }

  std::string path_;
  MatrixMarketBanner banner_;
  Index body_;
  bool transpose_;
  double clip_negative_;
};

class MatrixMarketStream final : public EntryStream {
 public:
  MatrixMarketStream(std::string path, bool transpose, double clip_negative)
      : path_(std::move(path)), transpose_(transpose), clip_negative_(clip_negative) {}
  void read_all(const TakeEntries& take) override { Walk(path_, take, transpose_, clip_negative_).run(); }

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
  std::unique_ptr<EntryStream> stream;
  if (banner.coordinate && !banner.symmetric && !lines.is_compressed()) {
    stream = std::make_unique<MatrixMarketPieces>(path, banner, lines.position(), transpose, clip_negative);
  } else {
    stream = std::make_unique<MatrixMarketStream>(path, transpose, clip_negative);
  }
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
          .key = "matrix-market",
          .start = "%%matrixmarket",
          .open = [](const Location& at, const LoadOptions& options) {
            return open_matrix_market(at.file, options.transpose, options.clip_negative);
          }};
}
template Format format_row(FormatFile<struct MatrixMarketFormat>);

}  // namespace mpinmf::io
