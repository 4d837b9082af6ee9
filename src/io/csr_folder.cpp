#include "csr_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "format.hpp"
#include "io/unfinished.hpp"
#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

using Take = std::function<void(std::span<const Entry>)>;
constexpr Index piece = Index{1} << 16;  // rows or entries read at once

/// One of the arrays. @throws BadData unless it is a vector (of integers)
NpyFile open_vector(const std::string& folder, const char* name, bool integers) {
  NpyFile file(folder + "/" + name);
  if (file.header().shape.size() != 1) {
    throw BadData(fmt::format("{}: must be one-dimensional, but has {} dimensions", file.path(),
                              file.header().shape.size()));
  }
  if (integers && !file.holds_integers()) {
    throw BadData(fmt::format("{}: must hold integers; convert it with numpy's astype('i8')", file.path()));
  }
  return file;
}

class CsrFolder final : public SparseRows {
 public:
  explicit CsrFolder(const std::string& folder)
      : offsets_(open_vector(folder, "indptr.npy", true)),
        columns_(open_vector(folder, "indices.npy", true)),
        values_(open_vector(folder, "data.npy", false)) {
    check_lengths();
    header_.sparse = true;
    header_.single_precision = values_.header().type == "f4";
    // columns, values and entries of a piece, and the buffers of three files
    header_.reader_bytes = piece * (sizeof(Index) + sizeof(double) + sizeof(Entry)) + 3 * npy_buffer_bytes;
    header_.rows = offsets_.elements() - 1;
    header_.columns = columns_of(folder);
    check_sizes(folder, header_.rows, header_.columns);
  }

  const MatrixHeader& header() const { return header_; }

  void lengths(Index first, std::span<Index> lengths) override {
    for (std::size_t at = 0; at < lengths.size(); at += static_cast<std::size_t>(piece)) {
      const auto count = std::min(lengths.size() - at, static_cast<std::size_t>(piece));
      const std::vector<Index> offsets = read_offsets(first + static_cast<Index>(at), static_cast<Index>(count));
      for (std::size_t i = 0; i < count; ++i) lengths[at + i] = offsets[i + 1] - offsets[i];
    }
  }

  void read(Index first, Index count, const Take& take) override {
    for (Index at = 0; at < count; at += piece) {
      const Index rows = std::min(piece, count - at);
      read_rows(first + at, read_offsets(first + at, rows), take);
    }
  }

 private:
  void check_lengths() {
    if (offsets_.elements() == 0) throw BadData(offsets_.path() + ": is empty; it has one number more than rows");
    Index first = 0, last = 0;
    offsets_.read(0, std::span(&first, 1));
    offsets_.read(offsets_.elements() - 1, std::span(&last, 1));
    if (first != 0) throw BadData(fmt::format("{}: must start with 0, not {}", offsets_.path(), first));
    // SciPy keeps room behind the last entry, until prune()
    for (const NpyFile* file : {&columns_, &values_}) {
      if (file->elements() >= last) continue;
      throw BadData(fmt::format("{}: ends with {}, but {} has {} entries; they belong to different matrices",
                                offsets_.path(), last, file->path(), file->elements()));
    }
    header_.stored = last;
  }

  Index columns_of(const std::string& folder) {
    const std::string path = folder + "/shape.npy";
    if (std::filesystem::exists(path)) {
      const std::vector<Index> shape = read_npy_integers(path);
      if (shape.size() == 2 && shape[0] == header_.rows && shape[1] >= 0) return shape[1];
      if (shape.size() == 2 && shape[1] == header_.rows) {
        throw BadData(fmt::format(
            "{}: says {} x {}, but {} has {} + 1 numbers, as many as there are columns: these are the arrays of a "
            "CSC matrix, column by column; in Python, V = scipy.sparse.csr_matrix(V) before they are saved makes "
            "rows of them",
            path, shape[0], shape[1], offsets_.path(), header_.rows));
      }
      throw BadData(fmt::format("{}: must hold two numbers, {} (as {} has {} + 1) and the number of columns", path,
                                header_.rows, offsets_.path(), header_.rows));
    }
    Index largest = -1;
    std::vector<Index> columns(static_cast<std::size_t>(piece));
    for (Index at = 0; at < header_.stored; at += piece) {
      const auto count = static_cast<std::size_t>(std::min(piece, header_.stored - at));
      columns_.read(at, std::span(columns.data(), count));
      largest = std::max(largest, *std::max_element(columns.data(), columns.data() + count));
    }
    if (largest < 0) {
      throw BadData(
          fmt::format("{}: no entry tells the number of columns; add shape.npy with two integers, rows "
                      "and columns",
                      folder));
    }
    return largest + 1;
  }

  /// The offsets of rows first .. first + count, checked.
  std::vector<Index> read_offsets(Index first, Index count) {
    std::vector<Index> offsets(static_cast<std::size_t>(count) + 1);
    offsets_.read(first, std::span(offsets));
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      const Index row = first + static_cast<Index>(i);
      if (offsets[i] < 0 || offsets[i] > header_.stored) {
        throw BadData(fmt::format("{}: row {} (counted from 0) starts at entry {}, but there are {} entries",
                                  offsets_.path(), row, offsets[i], header_.stored));
      }
      if (i > 0 && offsets[i] < offsets[i - 1]) {
        throw BadData(fmt::format("{}: falls from {} to {} at row {} (counted from 0); it must never fall",
                                  offsets_.path(), offsets[i - 1], offsets[i], row - 1));
      }
    }
    return offsets;
  }

  void read_rows(Index first, const std::vector<Index>& offsets, const Take& take) {
    std::vector<Index> columns(static_cast<std::size_t>(piece));
    std::vector<double> values(static_cast<std::size_t>(piece));
    std::vector<Entry> entries(static_cast<std::size_t>(piece));
    std::size_t row = 0;
    for (Index at = offsets.front(); at < offsets.back(); at += piece) {
      const auto count = static_cast<std::size_t>(std::min(piece, offsets.back() - at));
      columns_.read(at, std::span(columns.data(), count));
      values_.read(at, std::span(values.data(), count));
      for (std::size_t i = 0; i < count; ++i) {
        while (at + static_cast<Index>(i) >= offsets[row + 1]) ++row;
        entries[i] = {first + static_cast<Index>(row), columns[i], values[i]};
        if (columns[i] < 0 || columns[i] >= header_.columns) refuse_column(entries[i]);
      }
      take(std::span(entries.data(), count));
    }
  }

  [[noreturn]] void refuse_column(const Entry& entry) const {
    throw BadData(
        fmt::format("{}: row {} has an entry in column {} (both counted from 0), but the matrix is {} x {}",
                    columns_.path(), entry.row, entry.column, header_.rows, header_.columns));
  }

  NpyFile offsets_, columns_, values_;
  MatrixHeader header_;
};

class TransposedCsr final : public EntryStream {
 public:
  explicit TransposedCsr(std::unique_ptr<CsrFolder> rows) : rows_(std::move(rows)) {}

  void read_all(const Take& take) override {
    std::vector<Entry> turned;
    rows_->read(0, rows_->header().rows, [&](std::span<const Entry> entries) {
      turned.assign(entries.begin(), entries.end());
      for (Entry& e : turned) std::swap(e.row, e.column);
      take(turned);
    });
  }

 private:
  std::unique_ptr<CsrFolder> rows_;
};

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
  auto rows = std::make_unique<CsrFolder>(folder);
  MatrixHeader header = rows->header();
  const Labels labels = {names_in(folder + "/" + csr_row_names), names_in(folder + "/" + csr_column_names)};
  if (!transpose) return {folder, header, std::move(rows), labels};
  std::swap(header.rows, header.columns);
  return {folder, header, std::make_unique<TransposedCsr>(std::move(rows)), labels};
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
