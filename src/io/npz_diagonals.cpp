// DIA from front to back.
#include <fmt/format.h>

#include <algorithm>

#include "entry_batch.hpp"
#include "in_step.hpp"
#include "npz_streams.hpp"

namespace mpinmf::io {
namespace {

/// Diagonal d holds the entries of rows j - offsets[d], columns j; what lies outside of the matrix is padding.
class DiagonalStream final : public EntryStream {
 public:
  DiagonalStream(const SparseNpz& matrix, NpyHeader values, std::vector<Index> offsets)
      : matrix_(matrix), header_(std::move(values)), offsets_(std::move(offsets)) {}

  void read_all(const TakeEntries& take) override {
    Numbers<double> values(matrix_.file.reader("data"));
    const Index diagonals = header_.shape[0], columns = header_.shape[1];
    EntryBatch batch(take, false, matrix_.transpose);
    for (Index element = 0; element < diagonals * columns; ++element) {
      const double value = values.next();
      const Index d = header_.fortran_order ? element % diagonals : element / columns,
                  j = header_.fortran_order ? element / diagonals : element % columns;
      Index row = 0;
      const bool is_far = __builtin_sub_overflow(j, offsets_[static_cast<std::size_t>(d)], &row);
      const bool is_inside = !is_far && row >= 0 && row < matrix_.rows && j < matrix_.columns;
      if (is_inside && value != 0) batch.add(row, j, value);
    }
    batch.flush();
    values.finish();
  }

 private:
  SparseNpz matrix_;
  NpyHeader header_;
  std::vector<Index> offsets_;
};

}  // namespace

Source stream_diagonals(const SparseNpz& matrix) {
  const NpyHeader values = matrix.header("data", 2), places = matrix.file.header("offsets");
  const std::vector<Index> offsets = matrix.file.integers("offsets", values.shape[0]);
  std::vector<Index> sorted = offsets;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    throw BadData(fmt::format("{}: names diagonal {} twice", places.origin.name(), *twice));
  }
  return matrix.source(std::make_unique<DiagonalStream>(matrix, values, offsets), values.elements(),
                       bytes_in_step(1));
}

}  // namespace mpinmf::io
