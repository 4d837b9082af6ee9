// CSR, CSC and BSR from front to back.
#include <fmt/format.h>

#include "entry_batch.hpp"
#include "in_step.hpp"
#include "npz_streams.hpp"

namespace mpinmf::io {
namespace {

/// Which row an entry (or block) is in, for entries in ascending order.
class RowOf {
 public:
  RowOf(NpyReader offsets, const CompressedCheck& check) : offsets_(std::move(offsets)), check_(check) {
    end_ = offsets_.next();
  }
  Index operator()(Index entry) {
    while (entry >= end_) to_next_row();
    return row_;
  }
  /// The offsets behind the last entry.
  void finish() {
    while (row_ + 1 < check_.rows) to_next_row();
    offsets_.finish();
  }

 private:
  void to_next_row() {
    const Index before = end_;
    end_ = offsets_.next();
    check_.offset(++row_ + 1, before, end_);
  }

  Numbers<Index> offsets_;
  const CompressedCheck& check_;
  Index row_ = -1, end_ = 0;
};

/// Blocks of one entry are entries.
class CompressedStream final : public EntryStream {
 public:
  CompressedStream(const SparseNpz& matrix, const CompressedCheck& check, Index height, Index width)
      : matrix_(matrix), check_(check), height_(height), width_(width) {}

  void read_all(const TakeEntries& take) override {
    const NpzFile& file = matrix_.file;
    RowOf row_of(file.reader("indptr"), check_);
    Numbers<Index> indices(file.reader("indices"));
    Numbers<double> values(file.reader("data"));
    EntryBatch batch(take, false, matrix_.transpose != check_.by_columns);
    const bool is_entry = height_ * width_ == 1;  // not what fills a block
    for (Index block = 0; block < check_.stored; ++block) {
      const Index row = row_of(block), column = indices.next();
      check_.column(row, column);
      for (Index i = 0; i < height_; ++i) {
        for (Index j = 0; j < width_; ++j) {
          const double value = values.next();
          if (value != 0 || is_entry) batch.add(row * height_ + i, column * width_ + j, value);
        }
      }
    }
    batch.flush();
    row_of.finish();
    indices.finish();
    values.finish();
  }

 private:
  SparseNpz matrix_;
  CompressedCheck check_;
  Index height_, width_;
};

/// Their ends, once all have passed by.
void check_offsets(const SparseNpz& matrix, CompressedCheck& check) {
  Numbers<Index> offsets(matrix.file.reader("indptr"));
  Index first = 0, last = 0;
  for (Index i = 0; i <= check.rows; ++i) {
    last = offsets.next();
    if (i == 0) first = last;
  }
  offsets.finish();
  check.ends(first, last);
  check.stored = last;
}

}  // namespace

CompressedCheck compressed_check(const SparseNpz& matrix, bool by_columns, Index height, Index width) {
  const NpyHeader offsets = matrix.file.header("indptr"), indices = matrix.file.header("indices");
  require_vector(offsets, true);
  require_vector(indices, true);
  CompressedCheck check{matrix.file.path(), offsets.origin.name(), indices.origin.name(), by_columns};
  check.in_32_bits = offsets.element_bytes <= 4;
  check.rows = (by_columns ? matrix.columns : matrix.rows) / height;
  check.columns = (by_columns ? matrix.rows : matrix.columns) / width;
  if (offsets.elements() == check.rows + 1) return check;
  throw BadData(fmt::format("{}: has {} numbers, but a matrix of {} x {} has {} {}, and one number more",
                            check.offsets_name, offsets.elements(), matrix.rows, matrix.columns, check.rows,
                            height * width > 1 ? "rows of blocks"
                            : by_columns       ? "columns"
                                               : "rows"));
}

Source stream_compressed(const SparseNpz& matrix, bool by_columns) {
  const NpyHeader values = matrix.header("data", 1);
  CompressedCheck check = compressed_check(matrix, by_columns, 1, 1);
  check_offsets(matrix, check);
  check.length(check.indices_name, matrix.file.header("indices").elements());
  check.length(values.origin.name(), values.shape.front());
  return matrix.source(std::make_unique<CompressedStream>(matrix, check, 1, 1), check.stored, bytes_in_step(3));
}

Source stream_blocks(const SparseNpz& matrix) {
  const NpyHeader values = matrix.header("data", 3);
  const Index height = values.shape[1], width = values.shape[2];
  const std::string name = values.origin.name();
  if (height == 0 || width == 0 || matrix.rows % height != 0 || matrix.columns % width != 0) {
    throw BadData(fmt::format("{}: has blocks of {} x {}, of which a matrix of {} x {} cannot consist", name,
                              height, width, matrix.rows, matrix.columns));
  }
  if (values.fortran_order) {
    throw BadData(fmt::format("{}: is in Fortran order, which is not supported for blocks; {}", name,
                              how_to_convert(values.origin, ".tocsr()")));
  }
  CompressedCheck check = compressed_check(matrix, false, height, width);
  check_offsets(matrix, check);
  check.length(check.indices_name, matrix.file.header("indices").elements());
  check.length(values.origin.name(), values.shape.front());
  return matrix.source(std::make_unique<CompressedStream>(matrix, check, height, width),
                       check.stored * height * width, bytes_in_step(3));
}

}  // namespace mpinmf::io
