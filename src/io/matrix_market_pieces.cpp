#include "matrix_market_pieces.hpp"

#include <algorithm>

#include "counted_pieces.hpp"
#include "entry_batch.hpp"

namespace mpinmf::io {
namespace {

/// A file whose beginning is known.
struct OpenedMarket {
  MarketFile file;
  MatrixMarketBanner banner;
  Index body;

  /// f(entries, line) for all of a piece.
  template <class F>
  void for_lines(int part, int parts, F&& f) const {
    LineReader lines(file.path, piece_of_text(file.path, body, part, parts));
    EntryLines entries(lines, banner, file.limits);
    std::string_view line;
    while (entries.next(line)) f(entries, line);
  }
  void require_total(Index found) const {
    if (found == banner.promised) return;
    LineReader lines(file.path);
    file.read_banner(lines);
    EntryLines entries(lines, banner, file.limits);
    std::string_view line;
    for (Index i = 0; i < banner.promised; ++i) {
      if (!entries.next(line)) throw fewer_than_promised(lines, banner, i);
    }
    entries.next(line);
    throw more_than_promised(lines, banner);
  }
};

class CoordinatePieces final : public EntryPieces {
 public:
  explicit CoordinatePieces(OpenedMarket market) : market_(std::move(market)) {}

  void read_all(const TakeEntries& take) override { walk_market_file(market_.file, take); }
  void read(int part, int parts, const TakeEntries& take) override {
    EntryBatch batch(take, false, market_.file.transpose);
    market_.for_lines(part, parts, [&](const EntryLines& entries, std::string_view line) {
      const ListedEntry entry = entries.coordinates(line);
      batch.add(entry.row, entry.column, entry.value);
    });
    batch.flush();
  }
  /// Of faults in a line, none is found.
  void read_places(int part, int parts, const TakeEntries& take) override {
    EntryBatch batch(take, false, false);
    market_.for_lines(part, parts, [&](const EntryLines& entries, std::string_view line) {
      batch.add(std::max<Index>(0, entries.place_of(line, market_.file.transpose)), 0, 0);
    });
    batch.flush();
  }
  void require_total(Index found) override { market_.require_total(found); }

 private:
  OpenedMarket market_;
};

class SymmetricPieces final : public EntryPieces {
 public:
  explicit SymmetricPieces(OpenedMarket market) : market_(std::move(market)), mirrors_(market_.file) {}

  void read_all(const TakeEntries& take) override { walk_market_file(market_.file, take); }
  void read(int part, int parts, const TakeEntries& take) override {
    EntryBatch batch(take, true, market_.file.transpose);
    left_out_ = 0;
    market_.for_lines(part, parts, [&](const EntryLines& entries, std::string_view line) {
      const ListedEntry entry = entries.coordinates(line);
      if (!mirrors_.count(entry)) {
        ++left_out_;
        return;
      }
      batch.add(entry.row, entry.column, entry.value);
      if (entry.row != entry.column) --left_out_;
    });
    batch.flush();
  }
  /// Less its mirror images.
  Index left_out() const override { return left_out_; }
  void require_total(Index found) override { market_.require_total(found); }

 private:
  OpenedMarket market_;
  Mirrors mirrors_;
  Index left_out_ = 0;
};

/// Column by column; of a symmetric matrix from the diagonal down.
class ArrayPieces final : public CountedPieces {
 public:
  explicit ArrayPieces(OpenedMarket market) : CountedPieces(market.file.path), market_(std::move(market)) {}

  void read_all(const TakeEntries& take) override { walk_market_file(market_.file, take); }
  void read(int part, int parts, const TakeEntries& take) override {
    const MatrixMarketBanner& banner = market_.banner;
    EntryBatch batch(take, banner.symmetric, market_.file.transpose);
    left_out_ = 0;
    auto [row, column] = place_of(counted_before(part, parts));
    market_.for_lines(part, parts,
                      [&, row = row, column = column](const EntryLines& entries, std::string_view line) mutable {
                        if (column >= banner.columns) market_.require_total(banner.promised + 1);
                        batch.add(row, column, entries.array_value(line, row, column));
                        if (banner.symmetric && row != column) --left_out_;
                        if (++row == banner.rows) row = ++column * (banner.symmetric ? 1 : 0);
                      });
    batch.flush();
  }
  /// Less its mirror images.
  Index left_out() const override { return left_out_; }
  void require_total(Index found) override { market_.require_total(found); }

 private:
  std::pair<Index, Index> place_of(Index number) const {
    const auto& [rows, columns, symmetric] =
        std::tie(market_.banner.rows, market_.banner.columns, market_.banner.symmetric);
    if (!symmetric) return {number % rows, number / rows};
    Index column = 0;
    for (; column < columns && number >= rows - column; ++column) number -= rows - column;
    return {column + number, column};
  }
  Counts count_piece(int part, int parts) const override {
    Index lines = 0;
    market_.for_lines(part, parts, [&](const EntryLines&, std::string_view) { ++lines; });
    return {lines};
  }
  void use_counts(std::span<const Counts> of_pieces, MatrixHeader&) override {
    Index found = 0;
    for (const Counts& counts : of_pieces) found += counts.front();
    market_.require_total(found);
  }

  OpenedMarket market_;
  Index left_out_ = 0;
};

}  // namespace

std::unique_ptr<EntryPieces> market_pieces(MarketFile file, const MatrixMarketBanner& banner, Index body) {
  OpenedMarket market{std::move(file), banner, body};
  if (!banner.coordinate) return std::make_unique<ArrayPieces>(std::move(market));
  if (banner.symmetric) return std::make_unique<SymmetricPieces>(std::move(market));
  return std::make_unique<CoordinatePieces>(std::move(market));
}

}  // namespace mpinmf::io
