#include "csr_folder.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "compressed_rows.hpp"
#include "format.hpp"
#include "io/unfinished.hpp"
#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

/// One of the arrays.
class NpyVector final : public NumberVector {
 public:
  /// Throws BadData unless it is a vector.
  explicit NpyVector(const std::string& path) : file_(path) {
    if (file_.header().shape.size() == 1) return;
    throw BadData(
        fmt::format("{}: must be one-dimensional, but has {} dimensions", path, file_.header().shape.size()));
  }

  const NpyHeader& header() const { return file_.header(); }
  std::string name() const override { return file_.path(); }
  Index elements() const override { return file_.elements(); }
  bool holds_integers() const override { return file_.holds_integers(); }
  Index element_bytes() const override { return file_.header().element_bytes; }
  void read(Index first, std::span<Index> out) override { file_.read(first, out); }
  void read(Index first, std::span<double> out) override { file_.read(first, out); }

 private:
  NpyFile file_;
};

Index columns_of(const std::string& folder, CompressedRows& rows) {
  const std::string path = folder + "/shape.npy", offsets = folder + "/indptr.npy";
  if (std::filesystem::exists(path)) {
    const std::vector<Index> shape = read_npy_integers(path);
    if (shape.size() == 2 && shape[0] == rows.rows() && shape[1] >= 0) return shape[1];
    if (shape.size() == 2 && shape[1] == rows.rows()) {
      throw BadData(fmt::format(
          "{}: says {} x {}, but {} has {} + 1 numbers, as many as there are columns: these are the arrays of a "
          "CSC matrix, column by column; in Python, V = scipy.sparse.csr_matrix(V) before they are saved makes "
          "rows of them",
          path, shape[0], shape[1], offsets, rows.rows()));
    }
    throw BadData(fmt::format("{}: must hold two numbers, {} (as {} has {} + 1) and the number of columns", path,
                              rows.rows(), offsets, rows.rows()));
  }
  const Index columns = rows.least_columns();
  if (columns > 0) return columns;
  throw BadData(fmt::format(
      "{}: no entry tells the number of columns; add shape.npy with two integers, rows and columns", folder));
}

}  // namespace

void remember_unfinished_csr(const std::string& folder) {
  remember_unfinished(folder, true);
  for (const char* file : csr_files) remember_unfinished(folder + "/" + file, false);
}

void forget_unfinished_csr(const std::string& folder) {
  for (const char* file : csr_files) forget_unfinished(folder + "/" + file);
  forget_unfinished(folder);
}

Source open_csr_folder(const std::string& folder, bool transpose) {
  const auto vector_of = [&](const char* name) { return std::make_unique<NpyVector>(folder + "/" + name); };
  auto values = vector_of("data.npy");
  MatrixHeader header;
  header.sparse = true;
  header.single_precision = values->header().type == "f4";
  header.reader_bytes = CompressedRows::bytes() + 3 * npy_buffer_bytes;
  auto rows = std::make_unique<CompressedRows>(
      CompressedArrays{vector_of("indptr.npy"), vector_of("indices.npy"), std::move(values)});
  header.stored = rows->stored();
  header.rows = rows->rows();
  header.columns = columns_of(folder, *rows);
  check_sizes(folder, header.rows, header.columns);
  rows->set_columns(header.columns);
  const Labels labels = {names_in(folder + "/" + csr_row_names), names_in(folder + "/" + csr_column_names)};
  if (!transpose) return {folder, header, std::move(rows), labels};
  std::swap(header.rows, header.columns);
  return {folder, header, transposed(std::move(rows)), labels};
}

template <class Row>
Row format_row(FormatFile<struct CsrFolderFormat>) {
  return {.name = "CSR folder (indptr.npy, indices.npy, data.npy)",
          .folder_with = "indptr.npy",
          .open = [](const Location& at, const LoadOptions& options) {
            return open_csr_folder(at.file, options.transpose);
          }};
}
template Format format_row(FormatFile<struct CsrFolderFormat>);

}  // namespace mpinmf::io
