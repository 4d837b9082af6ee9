#include "compressed_stream.hpp"

#include "entry_batch.hpp"
#include "in_step.hpp"

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
  CompressedStream(const StreamedBlocks& blocks, CompressedReaders readers, bool transpose)
      : blocks_(blocks), readers_(std::move(readers)), transpose_(transpose) {}

  void read_all(const TakeEntries& take) override {
    const auto& [check, height, width] = blocks_;
    RowOf row_of(readers_.offsets(), check);
    Numbers<Index> indices(readers_.indices());
    Numbers<double> values(readers_.values());
    EntryBatch batch(take, false, transpose_ != check.by_columns);
    const bool is_entry = height * width == 1;  // not what fills a block
    for (Index block = 0; block < check.stored; ++block) {
      const Index row = row_of(block), column = indices.next();
      check.column(row, column);
      for (Index i = 0; i < height; ++i) {
        for (Index j = 0; j < width; ++j) {
          const double value = values.next();
          if (value != 0 || is_entry) batch.add(row * height + i, column * width + j, value);
        }
      }
    }
    batch.flush();
    row_of.finish();
    indices.finish();
    values.finish();
  }

 private:
  StreamedBlocks blocks_;
  CompressedReaders readers_;
  bool transpose_;
};

/// Their ends, once all have passed by.
void check_offsets(NpyReader reader, CompressedCheck& check) {
  Numbers<Index> offsets(std::move(reader));
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

Source stream_compressed(StreamedBlocks blocks, CompressedReaders readers, bool transpose) {
  CompressedCheck& check = blocks.check;
  check_offsets(readers.offsets(), check);
  const NpyHeader values = readers.values().header();
  check.length(check.indices_name, readers.indices().header().elements());
  check.length(values.origin.name(), values.shape.front());
  MatrixHeader header;
  header.rows = check.rows * blocks.height;
  header.columns = check.columns * blocks.width;
  if (transpose != check.by_columns) std::swap(header.rows, header.columns);
  header.sparse = true;
  header.stored = check.stored * blocks.height * blocks.width;
  header.single_precision = values.type == "f4";
  header.reader_bytes = bytes_in_step(3);
  std::string name = check.matrix;
  return {std::move(name), header, std::make_unique<CompressedStream>(blocks, std::move(readers), transpose)};
}

}  // namespace mpinmf::io
