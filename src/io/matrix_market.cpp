#include "matrix_market.hpp"

#include <filesystem>

#include "format.hpp"
#include "matrix_market_pieces.hpp"

namespace mpinmf::io {
namespace {

class MatrixMarketStream final : public EntryStream {
 public:
  explicit MatrixMarketStream(MarketFile file) : file_(std::move(file)) {}
  void read_all(const TakeEntries& take) override { walk_market_file(file_, take); }

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

Source open_matrix_market(const std::string& path, bool transpose, const ValueLimits& limits) {
  return open_coordinate_text(path, transpose, limits, read_banner);
}

Source open_coordinate_text(const std::string& path, bool transpose, const ValueLimits& limits, ReadBanner read) {
  LineReader lines(path);
  const MatrixMarketBanner banner = read(lines);
  const MarketFile file{path, transpose, limits, read};
  MatrixHeader header;
  header.rows = transpose ? banner.columns : banner.rows;
  header.columns = transpose ? banner.rows : banner.columns;
  header.sparse = banner.coordinate;
  header.stored = banner.coordinate ? banner.stored() : banner.rows * banner.columns;
  Source source{path, header, std::unique_ptr<EntryStream>()};
  if (lines.has_pieces()) {
    source.reader = market_pieces(file, banner, lines.position());
    source.is_counted = banner.coordinate;
  } else {
    source.header.unpacked_by_one = static_cast<double>(std::filesystem::file_size(path));
    source.reader = std::make_unique<MatrixMarketStream>(file);
  }
  // Finds the fault now, before anybody makes room for the entries.
  if (promises_too_much(path, banner)) walk_market_file(file, [](std::span<const Entry>) {});
  return source;
}

template <class Row>
Row format_row(FormatFile<struct MatrixMarketFormat>) {
  return {.name = "Matrix Market (.mtx, also gzip'd)",
          .key = "matrix-market",
          .start = "%%matrixmarket",
          .open = [](const Location& at, const LoadOptions& options) {
            return open_matrix_market(at.file, options.transpose, ValueLimits(options));
          }};
}
template Format format_row(FormatFile<struct MatrixMarketFormat>);

}  // namespace mpinmf::io
