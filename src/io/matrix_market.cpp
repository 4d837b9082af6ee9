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
  return lines.fault(
      fmt::format("there are more entries than the {0} that {1} promises; correct {1} or remove the rest",
                  banner.promised, banner.sizes));
}
BadData fewer_than_promised(const LineReader& lines, const MatrixMarketBanner& banner, Index found) {
  return lines.fault(
      fmt::format("{} promises {} entries, but the file ends here after {}: it was cut short; copy it again",
                  banner.sizes, banner.promised, found));
}

/// A file, and how it is read.
struct MarketFile {
  std::string path;
  bool transpose = false;
  double clip_negative = 0;
  ReadBanner read_banner = nullptr;
};

/// One walk over the entries of a file.
class Walk {
 public:
  Walk(const MarketFile& file, const TakeEntries& take)
      : file_(file),
        lines_(file.path),
        banner_(file.read_banner(lines_)),
        entries_(lines_, banner_, file.clip_negative),
        batch_(take, banner_.symmetric, file.transpose) {}

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
        if (!twice_) twice_ = places_listed_twice(file_.path, Walk(file_, {}).off_diagonal());
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

  MarketFile file_;
  LineReader lines_;
  MatrixMarketBanner banner_;
  EntryLines entries_;
  EntryBatch batch_;
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

/// A file of coordinates without mirror images: a piece is what stands in a share of its bytes.
class MatrixMarketPieces final : public EntryPieces {
 public:
  /// The entries begin at byte `body` of the text.
  MatrixMarketPieces(MarketFile file, const MatrixMarketBanner& banner, Index body)
      : file_(std::move(file)), banner_(banner), body_(body) {}

  void read_all(const TakeEntries& take) override { Walk(file_, take).run(); }
  void read(int part, int parts, const TakeEntries& take) override {
    for_lines(part, parts, take, [&](const EntryLines& entries, std::string_view line, EntryBatch& batch) {
      const ListedEntry entry = entries.coordinates(line);
      batch.add(entry.row, entry.column, entry.value);
    });
  }
  /// Of faults in a line, none is found.
  void read_places(int part, int parts, const TakeEntries& take) override {
    for_lines(part, parts, take, [&](const EntryLines& entries, std::string_view line, EntryBatch& batch) {
      const Index place = std::max<Index>(0, entries.place_of(line, file_.transpose));
      file_.transpose ? batch.add(0, place, 0) : batch.add(place, 0, 0);
    });
  }
  void require_total(Index found) override {
    if (found == banner_.promised) return;
    LineReader lines(file_.path);
    file_.read_banner(lines);
    EntryLines entries(lines, banner_, file_.clip_negative);
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
    LineReader lines(file_.path, piece_of_text(file_.path, body_, part, parts));
    EntryLines entries(lines, banner_, file_.clip_negative);
    EntryBatch batch(take, false, file_.transpose);
    std::string_view line;
    while (entries.next(line)) f(entries, line, batch);
    batch.flush();
  }

  MarketFile file_;
  MatrixMarketBanner banner_;
  Index body_;
};

class MatrixMarketStream final : public EntryStream {
 public:
  explicit MatrixMarketStream(MarketFile file) : file_(std::move(file)) {}
  void read_all(const TakeEntries& take) override { Walk(file_, take).run(); }

 private:
  MarketFile file_;
};

/// Whether so few bytes, however well compressed, cannot hold the promised entries.
bool promises_too_much(const std::string& path, const MatrixMarketBanner& banner) {
  constexpr double best_compression = 1040, bytes_an_entry = 2;  // of gzip; a digit and a line end
  return static_cast<double>(std::filesystem::file_size(path)) * best_compression <
         bytes_an_entry * static_cast<double>(banner.promised);
}

}  // namespace

Source open_matrix_market(const std::string& path, bool transpose, double clip_negative) {
  return open_coordinate_text(path, transpose, clip_negative, read_banner);
}

Source open_coordinate_text(const std::string& path, bool transpose, double clip_negative, ReadBanner read) {
  LineReader lines(path);
  const MatrixMarketBanner banner = read(lines);
  const MarketFile file{path, transpose, clip_negative, read};
  std::unique_ptr<EntryStream> stream;
  if (banner.coordinate && !banner.symmetric && lines.has_pieces()) {
    stream = std::make_unique<MatrixMarketPieces>(file, banner, lines.position());
  } else {
    stream = std::make_unique<MatrixMarketStream>(file);
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
