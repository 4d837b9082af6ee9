#include "npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "format.hpp"
#include "npy_file.hpp"
#include "shell_word.hpp"

namespace mpinmf::io {
namespace {

/// IEEE 754 binary16, which C++20 has no type for.
struct Half {
  std::uint16_t bits = 0;

  explicit operator double() const {
    const int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    double size = 0;
    if (exponent == 0x1f) {
      size = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    } else {
      size = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 0x400, exponent - 25);
    }
    return bits >> 15 != 0 ? -size : size;
  }
  explicit operator Index() const { return static_cast<Index>(static_cast<double>(*this)); }
};

/// Calls f with a value of the C++ type that a file's elements have.
template <class F>
void with_element_type(const std::string& type, F&& f) {
  if (type == "f8") return f(double{});
  if (type == "f4") return f(float{});
  if (type == "f2") return f(Half{});
  if constexpr (sizeof(long double) == 16) {
    if (type == "f16") return f(0.0L);
  }
  if (type == "i8") return f(std::int64_t{});
  if (type == "i4") return f(std::int32_t{});
  if (type == "i2") return f(std::int16_t{});
  if (type == "i1") return f(std::int8_t{});
  if (type == "u8") return f(std::uint64_t{});
  if (type == "u4") return f(std::uint32_t{});
  if (type == "u2") return f(std::uint16_t{});
  return f(std::uint8_t{});  // u1, b1
}

template <class T>
T element_at(const std::byte* in, bool swapped) {
  std::array<std::byte, sizeof(T)> bytes;
  std::memcpy(bytes.data(), in, sizeof(T));
  if (swapped) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

void require_two_dimensions(const std::string& path, const NpyHeader& header) {
  if (header.shape.size() == 2) return;
  const std::string shape = header.shape.size() > 2 ? fmt::format("{}, -1", header.shape[0]) : "1, -1";
  throw BadData(fmt::format("{}: the array has {} dimension{}, a matrix has 2; {}", path, header.shape.size(),
                            header.shape.size() == 1 ? "" : "s",
                            how_to_convert(path, header.compressed, fmt::format(".reshape({})", shape))));
}

MatrixHeader matrix_header(const std::string& path, const NpyHeader& npy, bool transpose) {
  require_two_dimensions(path, npy);
  check_sizes(path, npy.shape[0], npy.shape[1]);
  MatrixHeader header;
  header.rows = npy.shape[transpose ? 1 : 0];
  header.columns = npy.shape[transpose ? 0 : 1];
  header.stored = header.rows * header.columns;
  header.single_precision = npy.type == "f4";
  header.reader_bytes = npy_buffer_bytes;
  return header;
}

/// A plain file. Transposing it is reading it in the other order.
class NpyRows final : public DenseRows {
 public:
  NpyRows(const std::string& path, bool transpose) : file_(path) {
    const MatrixHeader header = matrix_header(path, file_.header(), transpose);
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

/// A gzip'd file.
class NpyStream final : public EntryStream {
 public:
  NpyStream(const std::string& path, bool transpose) : path_(path), transpose_(transpose) {}

  void read_all(const std::function<void(std::span<const Entry>)>& take) override {
    constexpr Index batch = Index{1} << 16;  // elements
    ByteReader bytes(path_);
    const NpyHeader header = read_npy_header(bytes);
    const Index inner = header.shape[header.fortran_order ? 0 : 1];
    const Index total = header.shape[0] * header.shape[1];
    const bool by_rows = header.fortran_order == transpose_;
    std::vector<std::byte> raw(static_cast<std::size_t>(batch * header.element_bytes));
    std::vector<double> values(static_cast<std::size_t>(batch));
    std::vector<Entry> entries(static_cast<std::size_t>(batch));
    for (Index first = 0; first < total; first += batch) {
      const auto count = static_cast<std::size_t>(std::min(batch, total - first));
      bytes.read_exactly(reinterpret_cast<char*>(raw.data()),
                         count * static_cast<std::size_t>(header.element_bytes), "its elements");
      convert_elements(header, raw.data(), count, values.data());
      for (std::size_t i = 0; i < count; ++i) {
        const Index major = (first + static_cast<Index>(i)) / inner,
                    minor = (first + static_cast<Index>(i)) % inner;
        entries[i] = {by_rows ? major : minor, by_rows ? minor : major, values[i]};
      }
      take(std::span(entries.data(), count));
    }
    // The checksum stands behind the last element.
    char rest = 0;
    bytes.read(&rest, 1);
  }

 private:
  std::string path_;
  bool transpose_;
};

}  // namespace

template <class Out>
void convert_elements(const NpyHeader& header, const std::byte* in, std::size_t count, Out* out) {
  with_element_type(header.type, [&](auto zero) {
    using T = decltype(zero);
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = static_cast<Out>(element_at<T>(in + i * sizeof(T), header.swapped));
    }
  });
}

NpyFile::NpyFile(const std::string& path) : header_(read_npy_header(path)), file_(File::open_to_read(path)) {
  std::array<std::byte, 2> magic;
  file_.read_at(0, magic);
  if (magic[0] == std::byte{0x1f}) {
    throw BadData(fmt::format(
        "{0}: cannot be read while it is gzip'd; unpack it: gunzip < {1} > {1}.plain && mv {1}.plain {1}", path,
        shell_word(path)));
  }
}

Index NpyFile::elements() const {
  Index count = 1;
  for (Index size : header_.shape) count *= size;
  return count;
}

bool NpyFile::holds_integers() const {
  return header_.type.front() != 'f';
}

template <class Out>
void NpyFile::read(Index first, std::span<Out> out) {
  const Index per_piece = npy_buffer_bytes / header_.element_bytes;
  buffer_.resize(static_cast<std::size_t>(npy_buffer_bytes));
  while (!out.empty()) {
    const auto count = std::min(out.size(), static_cast<std::size_t>(per_piece));
    const std::span<std::byte> bytes(buffer_.data(), count * static_cast<std::size_t>(header_.element_bytes));
    file_.read_at(header_.data_offset + first * header_.element_bytes, bytes);
    convert_elements(header_, buffer_.data(), count, out.data());
    first += static_cast<Index>(count);
    out = out.subspan(count);
  }
}

template void convert_elements(const NpyHeader&, const std::byte*, std::size_t, double*);
template void convert_elements(const NpyHeader&, const std::byte*, std::size_t, Index*);
template void NpyFile::read(Index, std::span<double>);
template void NpyFile::read(Index, std::span<Index>);

Source open_npy(const std::string& path, bool transpose) {
  ByteReader bytes(path);
  const NpyHeader npy = read_npy_header(bytes);
  const MatrixHeader header = matrix_header(path, npy, transpose);
  if (bytes.is_compressed()) return {path, header, std::make_unique<NpyStream>(path, transpose)};
  return {path, header, std::make_unique<NpyRows>(path, transpose)};
}

template <class Row>
Row format_row(FormatFile<struct NpyFormat>) {
  return {
      .name = "NumPy array (.npy, also gzip'd)",
      .start = "\x93numpy",
      .open = [](const Location& at, const LoadOptions& options) { return open_npy(at.file, options.transpose); }};
}
template Format format_row(FormatFile<struct NpyFormat>);

template <class T>
Matrix<T> read_npy(const std::string& path) {
  const NpyHeader header = read_npy_header(path);
  require_two_dimensions(path, header);
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
