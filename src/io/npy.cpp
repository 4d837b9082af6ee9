#include "npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "format.hpp"
#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

void require_two_dimensions(const NpyHeader& header) {
  if (header.shape.size() == 2) return;
  const std::string shape = header.shape.size() > 2 ? fmt::format("{}, -1", header.shape[0]) : "1, -1";
  throw BadData(fmt::format("{}: the array has {}, a matrix has 2; {}", header.origin.name(),
                            header.shape.size() == 1
                                ? "1 dimension (what follows makes a row of it, .reshape(-1, 1) a column)"
                                : fmt::format("{} dimensions", header.shape.size()),
                            how_to_convert(header.origin, fmt::format(".reshape({})", shape))));
}

MatrixHeader matrix_header(const NpyHeader& npy, bool transpose) {
  require_two_dimensions(npy);
  check_sizes(npy.origin.name(), npy.shape[0], npy.shape[1]);
  MatrixHeader header;
  header.rows = npy.shape[transpose ? 1 : 0];
  header.columns = npy.shape[transpose ? 0 : 1];
  header.stored = header.rows * header.columns;
  header.single_precision = npy.type == "f4";
  header.held_as = npy.type == "u1"   ? StorageType::uint8
                   : npy.type == "u2" ? StorageType::uint16
                                      : StorageType::automatic;
  header.reader_bytes = npy_buffer_bytes;
  return header;
}

/// A plain file. Transposing it is reading it in the other order.
class NpyRows final : public DenseRows {
 public:
  NpyRows(NpyFile file, bool transpose) : file_(std::move(file)) {
    const MatrixHeader header = matrix_header(file_.header(), transpose);
    rows_ = header.rows;
    columns_ = header.columns;
    by_rows_ = file_.header().fortran_order == transpose;
  }

  void read(Index first, Index count, double* out) override {
    if (by_rows_) {
      file_.read(first * columns_, std::span(out, static_cast<std::size_t>(count * columns_)));
      return;
    }
    // Eight columns at a time, so that a row's part is written as one cache line.
    constexpr Index group = 8;
    block_.resize(static_cast<std::size_t>(group * count));
    for (Index j = 0; j < columns_; j += group) {
      const Index width = std::min(group, columns_ - j);
      read_columns(j, width, first, count);
      for (Index i = 0; i < count; ++i) {
        for (Index c = 0; c < width; ++c)
          out[i * columns_ + j + c] = block_[static_cast<std::size_t>(c * count + i)];
      }
    }
  }

 private:
  /// Rows first .. first + count - 1 of columns j .. j + width - 1 into block_, column by column.
  void read_columns(Index j, Index width, Index first, Index count) {
    if (count == rows_) {
      file_.read(j * rows_, std::span(block_.data(), static_cast<std::size_t>(width * count)));
      return;
    }
    for (Index c = 0; c < width; ++c) {
      file_.read((j + c) * rows_ + first, std::span(block_.data() + c * count, static_cast<std::size_t>(count)));
    }
  }

  NpyFile file_;
  Index rows_ = 0, columns_ = 0;
  bool by_rows_ = true;
  std::vector<double> block_;
};

/// A compressed file.
class NpyStream final : public EntryStream {
 public:
  NpyStream(std::function<NpyReader()> open, NpyHeader header, bool transpose)
      : open_(std::move(open)), header_(std::move(header)), transpose_(transpose) {}

  void read_all(const std::function<void(std::span<const Entry>)>& take) override {
    NpyReader file = open_();
    const Index inner = header_.shape[header_.fortran_order ? 0 : 1], total = header_.elements();
    const Index batch = std::min(Index{1} << 16, total);
    const bool by_rows = header_.fortran_order == transpose_;
    std::vector<double> values(static_cast<std::size_t>(batch));
    std::vector<Entry> entries(static_cast<std::size_t>(batch));
    for (Index first = 0; first < total; first += batch) {
      const auto count = static_cast<std::size_t>(std::min(batch, total - first));
      file.read(std::span(values.data(), count));
      for (std::size_t i = 0; i < count; ++i) {
        const Index major = (first + static_cast<Index>(i)) / inner,
                    minor = (first + static_cast<Index>(i)) % inner;
        entries[i] = {by_rows ? major : minor, by_rows ? minor : major, values[i]};
      }
      take(std::span(entries.data(), count));
    }
    file.finish();
  }

 private:
  std::function<NpyReader()> open_;
  NpyHeader header_;
  bool transpose_;
};

}  // namespace

Source open_npy(NpyFile file, bool transpose) {
  const MatrixHeader header = matrix_header(file.header(), transpose);
  std::string name = file.name();
  return {std::move(name), header, std::make_unique<NpyRows>(std::move(file), transpose)};
}

Source open_npy(std::function<NpyReader()> open, bool transpose) {
  const NpyHeader npy = open().header();
  const MatrixHeader header = matrix_header(npy, transpose);
  return {npy.origin.name(), header, std::make_unique<NpyStream>(std::move(open), npy, transpose)};
}

Source open_npy(const std::string& path, bool transpose) {
  auto bytes = std::make_unique<ByteReader>(path);
  const NpyOrigin origin{path, bytes->is_compressed()};
  bytes.reset();
  if (!origin.gzipped) return open_npy(NpyFile(path), transpose);
  Source source =
      open_npy([origin] { return NpyReader(std::make_unique<ByteReader>(origin.file), origin); }, transpose);
  source.header.unpacked_by_one = static_cast<double>(std::filesystem::file_size(path));
  return source;
}

template <class Row>
Row format_row(FormatFile<struct NpyFormat>) {
  return {
      .name = "NumPy array (.npy, also gzip'd)",
      .key = "npy",
      .start = "\x93numpy",
      .open = [](const Location& at, const LoadOptions& options) { return open_npy(at.file, options.transpose); }};
}
template Format format_row(FormatFile<struct NpyFormat>);

template <class T>
Matrix<T> read_npy(const std::string& path) {
  const NpyHeader header = read_npy_header(path);
  require_two_dimensions(header);
  const Matrix<T> padded = read_npy_rows<T>(path, 0, header.shape[0]);
  Matrix<T> result(padded.rows(), padded.columns());
  for (Index i = 0; i < padded.rows(); ++i) std::copy_n(padded.row(i), padded.columns(), result.row(i));
  return result;
}

template <class T>
Matrix<T> read_npy_rows(const std::string& path, Index first, Index count) {
  Source source = open_npy(path, false);
  const auto [rows, columns] = std::pair(source.header.rows, source.header.columns);
  if (first < 0 || count < 0 || first + count > rows) {
    throw BadData(fmt::format("{}: has {} rows, but rows {} to {} (counted from 0) are needed", path, rows, first,
                              first + count - 1));
  }
  auto result = Matrix<T>::padded(count, columns);
  if (auto* stream = std::get_if<std::unique_ptr<EntryStream>>(&source.reader)) {
    (*stream)->read_all([&](std::span<const Entry> entries) {
      for (const Entry& e : entries) {
        if (e.row >= first && e.row < first + count) result(e.row - first, e.column) = static_cast<T>(e.value);
      }
    });
    return result;
  }
  auto& reader = std::get<std::unique_ptr<DenseRows>>(source.reader);
  const Index rows_at_once = std::clamp<Index>(npy_buffer_bytes / columns, 1, std::max<Index>(count, 1));
  std::vector<double> piece(static_cast<std::size_t>(rows_at_once * columns));
  for (Index i = 0; i < count; i += rows_at_once) {
    const Index here = std::min(rows_at_once, count - i);
    reader->read(first + i, here, piece.data());
    for (Index r = 0; r < here; ++r) {
      const double* from = piece.data() + r * columns;
      std::transform(from, from + columns, result.row(i + r), [](double x) { return static_cast<T>(x); });
    }
  }
  return result;
}

template Matrix<float> read_npy(const std::string&);
template Matrix<double> read_npy(const std::string&);
template Matrix<float> read_npy_rows(const std::string&, Index, Index);
template Matrix<double> read_npy_rows(const std::string&, Index, Index);

std::vector<Index> read_npy_integers(const std::string& path) {
  NpyFile file(path);
  if (file.header().shape.size() != 1 || !file.holds_integers()) {
    throw BadData(path + ": must be a one-dimensional array of integers");
  }
  std::vector<Index> values(static_cast<std::size_t>(file.elements()));
  file.read(0, std::span(values));
  return values;
}

std::vector<double> read_npy_numbers(const std::string& path) {
  NpyFile file(path);
  if (file.header().shape.size() != 1) throw BadData(path + ": must be a one-dimensional array");
  std::vector<double> values(static_cast<std::size_t>(file.elements()));
  file.read(0, std::span(values));
  return values;
}

}  // namespace mpinmf::io
