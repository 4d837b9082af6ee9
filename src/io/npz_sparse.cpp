#include "npz_sparse.hpp"

#include <fmt/format.h>

#include "compressed.hpp"
#include "npz_streams.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

/// All arrays are stored.
Source open_in_place(const SparseNpz& matrix, bool by_columns) {
  const CompressedCheck check = compressed_check(matrix, by_columns, 1, 1);
  const NpzFile& file = matrix.file;
  const auto array = [&](const char* name) { return std::make_unique<NpyVector>(file.in_place(name)); };
  auto files = std::make_unique<CompressedArrays>(
      file.path(), CompressedVectors{array("indptr"), array("indices"), array("data"), by_columns});
  files->set_columns(check.columns);
  return open_compressed(std::move(files), file.path(), matrix.transpose != by_columns);
}

Source open_compressed_npz(const SparseNpz& matrix, bool by_columns) {
  for (const char* name : {"indptr", "indices", "data"}) {
    if (!matrix.file.is_stored(name)) return stream_compressed(matrix, by_columns);
  }
  return open_in_place(matrix, by_columns);
}

}  // namespace

NpyHeader SparseNpz::header(const std::string& name, std::size_t dimensions) const {
  NpyHeader found = file.header(name);
  if (found.shape.size() == dimensions) return found;
  throw BadData(
      fmt::format("{}: must have {} dimensions, but has {}", found.origin.name(), dimensions, found.shape.size()));
}

Source SparseNpz::source(std::unique_ptr<EntryStream> stream, Index stored, double reader_bytes) const {
  MatrixHeader header{rows, columns, true, stored};
  header.single_precision = file.header("data").type == "f4";
  header.reader_bytes = reader_bytes;
  if (transpose) std::swap(header.rows, header.columns);
  return {file.path(), header, std::move(stream)};
}

bool is_sparse_npz(const NpzFile& file) {
  const bool has_places =
      file.has("indptr") || file.has("indices") || file.has("row") || file.has("coords") || file.has("offsets");
  return has_places && file.has("format");
}

Source open_sparse_npz(NpzFile file, bool transpose) {
  file.set_sparse();
  const std::string format = file.word("format");
  const std::vector<Index> shape = file.integers("shape", 2);
  if (shape[0] < 0 || shape[1] < 0) {
    throw BadData(fmt::format("{}:/shape: says {} x {}", file.path(), shape[0], shape[1]));
  }
  check_sizes(file.path(), shape[0], shape[1]);
  const SparseNpz matrix{std::move(file), shape[0], shape[1], transpose};
  if (format == "csr" || format == "csc") return open_compressed_npz(matrix, format == "csc");
  if (format == "bsr") return stream_blocks(matrix);
  if (format == "coo") return open_coordinates(matrix);
  if (format == "dia") return stream_diagonals(matrix);
  throw BadData(fmt::format("{}: holds a sparse matrix of format {}; read are csr, csc, coo, dia and bsr",
                            matrix.file.path(), quote(format)));
}

}  // namespace mpinmf::io
