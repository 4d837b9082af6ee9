#include "csr_folder.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "compressed.hpp"
#include "format.hpp"

namespace mpinmf::io {
namespace {

/// As shape.npy says, or else the largest column.
Index columns_of(const std::string& folder, CompressedArrays& files) {
  const std::string path = folder + "/shape.npy", offsets = folder + "/indptr.npy";
  const Index rows = files.header().rows;
  if (std::filesystem::exists(path)) {
    const std::vector<Index> shape = read_npy_integers(path);
    if (shape.size() == 2 && shape[0] == rows && shape[1] >= 0) return shape[1];
    if (shape.size() == 2 && shape[1] == rows) {
      throw BadData(fmt::format(
          "{}: says {} x {}, but {} has {} + 1 numbers, as many as there are columns: these are the arrays of a "
          "CSC matrix, column by column; in Python, V = scipy.sparse.csr_matrix(V) before they are saved makes "
          "rows of them",
          path, shape[0], shape[1], offsets, rows));
    }
    throw BadData(fmt::format("{}: must hold two numbers, {} (as {} has {} + 1) and the number of columns", path,
                              rows, offsets, rows));
  }
  const Index largest = files.largest_column();
  if (largest >= 0) return largest + 1;
  throw BadData(fmt::format(
      "{}: no entry tells the number of columns; add shape.npy with two integers, rows and columns", folder));
}

}  // namespace

Source open_csr_folder(const std::string& folder, bool transpose) {
  const auto array = [&](const char* name) { return std::make_unique<NpyVector>(NpyFile(folder + "/" + name)); };
  auto files = std::make_unique<CompressedArrays>(
      folder, CompressedVectors{array("indptr.npy"), array("indices.npy"), array("data.npy")});
  files->set_columns(columns_of(folder, *files));
  Source source = open_compressed(std::move(files), folder, transpose);
  source.labels = {names_in(folder + "/" + csr_row_names), names_in(folder + "/" + csr_column_names)};
  return source;
}

template <class Row>
Row format_row(FormatFile<struct CsrFolderFormat>) {
  return {.name = "CSR folder (indptr.npy, indices.npy, data.npy)",
          .key = "csr",
          .folder_with = "indptr.npy",
          .open = [](const Location& at, const LoadOptions& options) {
            return open_csr_folder(at.file, options.transpose);
          }};
}
template Format format_row(FormatFile<struct CsrFolderFormat>);

}  // namespace mpinmf::io
