// COO from front to back.
#include <fmt/format.h>

#include "in_step.hpp"
#include "npz_streams.hpp"

namespace mpinmf::io {
namespace {

/// Rows and columns lie in arrays of their own, or behind each other in one.
class CoordinateStream final : public EntryStream {
 public:
  CoordinateStream(const SparseNpz& matrix, Index stored) : matrix_(matrix), stored_(stored) {}

  void read_all(const StepBatch::Take& take) override {
    const NpzFile& file = matrix_.file;
    const bool in_one = file.has("coords");
    Numbers<Index> rows(file.reader(in_one ? "coords" : "row")), columns(file.reader(in_one ? "coords" : "col"));
    if (in_one) columns.skip(stored_);
    Numbers<double> values(file.reader("data"));
    StepBatch batch(take, matrix_.transpose);
    for (Index entry = 0; entry < stored_; ++entry) {
      const Index row = rows.next(), column = columns.next();
      if (row < 0 || row >= matrix_.rows || column < 0 || column >= matrix_.columns) refuse(entry, row, column);
      batch.add(row, column, values.next());
    }
    batch.flush();
    if (!in_one) rows.finish();
    columns.finish();
    values.finish();
  }

 private:
  [[noreturn]] void refuse(Index entry, Index row, Index column) const {
    throw BadData(
        fmt::format("{}: entry {} is in row {}, column {} (all counted from 0), but the matrix is {} x {}",
                    matrix_.file.path(), entry, row, column, matrix_.rows, matrix_.columns));
  }

  SparseNpz matrix_;
  Index stored_;
};

}  // namespace

Source stream_coordinates(const SparseNpz& matrix) {
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
  return matrix.source(std::make_unique<CoordinateStream>(matrix, stored), stored, bytes_in_step(3));
}

}  // namespace mpinmf::io
