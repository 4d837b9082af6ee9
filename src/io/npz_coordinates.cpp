// COO: in place where its arrays are stored, else from front to back.
#include <fmt/format.h>

#include "entry_batch.hpp"
#include "in_step.hpp"
#include "npz_streams.hpp"

namespace mpinmf::io {
namespace {

void check_place(const SparseNpz& matrix, Index entry, Index row, Index column) {
  if (row >= 0 && row < matrix.rows && column >= 0 && column < matrix.columns) return;
  throw BadData(fmt::format("{}: entry {} is in row {}, column {} (all counted from 0), but the matrix is {} x {}",
                            matrix.file.path(), entry, row, column, matrix.rows, matrix.columns));
}

/// Rows and columns lie in arrays of their own, or behind each other in one.
class CoordinateStream final : public EntryStream {
 public:
  CoordinateStream(const SparseNpz& matrix, Index stored) : matrix_(matrix), stored_(stored) {}

  void read_all(const TakeEntries& take) override {
    const NpzFile& file = matrix_.file;
    const bool in_one = file.has("coords");
    Numbers<Index> rows(file.reader(in_one ? "coords" : "row")), columns(file.reader(in_one ? "coords" : "col"));
    if (in_one) columns.skip(stored_);
    Numbers<double> values(file.reader("data"));
    EntryBatch batch(take, false, matrix_.transpose);
    for (Index entry = 0; entry < stored_; ++entry) {
      const Index row = rows.next(), column = columns.next();
      check_place(matrix_, entry, row, column);
      batch.add(row, column, values.next());
    }
    batch.flush();
    if (!in_one) rows.finish();
    columns.finish();
    values.finish();
  }

 private:
  SparseNpz matrix_;
  Index stored_;
};

/// The same where all arrays are stored.
class CoordinatePieces final : public EntryPieces {
 public:
  explicit CoordinatePieces(const SparseNpz& matrix)
      : matrix_(matrix),
        rows_(matrix.file.in_place(matrix.file.has("coords") ? "coords" : "row")),
        columns_(matrix.file.in_place(matrix.file.has("coords") ? "coords" : "col")),
        values_(matrix.file.in_place("data")) {}

  void read(int part, int parts, const TakeEntries& take) override {
    const Index stored = values_.elements(), columns_at = columns_.elements() - stored;
    const Index end = piece_begin(stored, part + 1, parts);
    std::vector<Index> rows(step_size), columns(step_size);
    std::vector<double> values(step_size);
    EntryBatch batch(take, false, matrix_.transpose);
    for (Index at = piece_begin(stored, part, parts); at < end; at += step_size) {
      const auto count = std::min(step_size, static_cast<std::size_t>(end - at));
      rows_.read(at, std::span(rows.data(), count));
      columns_.read(columns_at + at, std::span(columns.data(), count));
      values_.read(at, std::span(values.data(), count));
      for (std::size_t i = 0; i < count; ++i) {
        check_place(matrix_, at + static_cast<Index>(i), rows[i], columns[i]);
        batch.add(rows[i], columns[i], values[i]);
      }
      batch.flush();
    }
  }
  void read_all(const TakeEntries& take) override { read(0, 1, take); }
  void require_total(Index found) override { require_entries(matrix_.file.path(), found, values_.elements()); }

 private:
  SparseNpz matrix_;
  NpyFile rows_, columns_, values_;
};

bool is_stored(const NpzFile& file) {
  for (const char* name : {"row", "col", "coords", "data"}) {
    if (file.has(name) && !file.is_stored(name)) return false;
  }
  return true;
}

}  // namespace

Source open_coordinates(const SparseNpz& matrix) {
  const NpyHeader values = matrix.header("data", 1);
  const Index stored = values.elements();
  const auto disagree = [&](const NpyHeader& places, const std::string& wanted) {
    return BadData(fmt::format("{}: must hold {} integers, as {} has {} numbers", places.origin.name(), wanted,
                               values.origin.name(), stored));
  };
  if (matrix.file.has("coords")) {
    const NpyHeader places = matrix.header("coords", 2);
    const bool good = places.shape == std::vector<Index>{2, stored} && !places.fortran_order;
    if (!good || places.type.front() == 'f') throw disagree(places, fmt::format("2 x {}", stored));
  } else {
    for (const char* name : {"row", "col"}) {
      const NpyHeader places = matrix.file.header(name);
      require_vector(places, true);
      if (places.elements() != stored) throw disagree(places, std::to_string(stored));
    }
  }
  if (is_stored(matrix.file)) {
    return matrix.source(std::make_unique<CoordinatePieces>(matrix), stored, bytes_in_step(3));
  }
  return matrix.source(std::make_unique<CoordinateStream>(matrix, stored), stored, bytes_in_step(3));
}

}  // namespace mpinmf::io
