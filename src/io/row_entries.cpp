#include "row_entries.hpp"

#include <algorithm>

namespace mpinmf::io {
namespace {

/// Numbers of a dense matrix that are read at once: 1 MiB, or a row.
constexpr Index dense_at_once = Index{1} << 17;

Index dense_height(Index columns) {
  return std::max<Index>(1, dense_at_once / std::max<Index>(columns, 1));
}

/// Rows at will as a stream: each rank reads some of them.
class RowsAsEntries : public EntryPieces {
 public:
  RowsAsEntries(Reader reader, const MatrixHeader& header)
      : reader_(std::move(reader)), rows_(header.rows), columns_(header.columns) {}
  void read_all(const TakeEntries& take) override { read(0, 1, take); }
  void read(int part, int parts, const TakeEntries& take) override {
    const Index first = piece_begin(rows_, part, parts);
    walk_entries(reader_, columns_, first, piece_begin(rows_, part + 1, parts) - first, take);
  }
  void require_total(Index /*found*/) override {}  // rows are read by their numbers

 private:
  Reader reader_;
  Index rows_, columns_;
};

}  // namespace

void walk_entries(Reader& reader, Index columns, Index first, Index count, const TakeEntries& take) {
  if (auto* sparse = std::get_if<std::unique_ptr<SparseRows>>(&reader)) {
    if (count > 0) (*sparse)->read(first, count, take);
    return;
  }
  DenseRows& dense = *std::get<std::unique_ptr<DenseRows>>(reader);
  const Index height = std::min(dense_height(columns), count);
  std::vector<double> numbers(static_cast<std::size_t>(height * columns));
  std::vector<Entry> batch;
  for (Index begin = first; begin < first + count; begin += height) {
    const Index some = std::min(height, first + count - begin);
    dense.read(begin, some, numbers.data());
    const double* next = numbers.data();
    batch.clear();
    for (Index i = begin; i < begin + some; ++i) {
      for (Index j = 0; j < columns; ++j, ++next) {
        if (*next != 0) batch.push_back({i, j, *next});
      }
    }
    if (!batch.empty()) take(batch);
  }
}

double bytes_of_walk(const MatrixHeader& header) {
  return plain_bytes<double>(std::min(dense_height(header.columns), header.rows), header.columns);
}

void make_stream(Source& source) {
  if (std::holds_alternative<std::unique_ptr<EntryStream>>(source.reader)) return;
  source.reader = std::make_unique<RowsAsEntries>(std::move(source.reader), source.header);
}

}  // namespace mpinmf::io
