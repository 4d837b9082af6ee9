// CSR, CSC and BSR from front to back.
#include <fmt/format.h>

#include "compressed_stream.hpp"
#include "npz_streams.hpp"

namespace mpinmf::io {
namespace {

CompressedReaders readers_of(const SparseNpz& matrix) {
  const auto reader = [&](const char* name) { return [file = matrix.file, name] { return file.reader(name); }; };
  return {reader("indptr"), reader("indices"), reader("data")};
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
  matrix.header("data", 1);
  return stream_compressed({compressed_check(matrix, by_columns, 1, 1)}, readers_of(matrix), matrix.transpose);
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
  return stream_compressed({compressed_check(matrix, false, height, width), height, width}, readers_of(matrix),
                           matrix.transpose);
}

}  // namespace mpinmf::io
