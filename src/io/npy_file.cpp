// The elements of a .npy: their types, and the two ways to read them.
#include "npy_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

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

/// `count` elements as they lie in a file as numbers of type Out.
template <class Out>
void convert_elements(const NpyHeader& header, const std::byte* in, std::size_t count, Out* out) {
  with_element_type(header.type, [&](auto zero) {
    using T = decltype(zero);
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = static_cast<Out>(element_at<T>(in + i * sizeof(T), header.swapped));
    }
  });
}

}  // namespace

Index NpyHeader::elements() const {
  Index count = 1;
  for (Index size : shape) count *= size;
  return count;
}

void require_vector(const NpyHeader& header, bool integers) {
  const std::string name = header.origin.name();
  if (header.shape.size() != 1) {
    throw BadData(fmt::format("{}: must be one-dimensional, but has {} dimensions", name, header.shape.size()));
  }
  if (integers && header.type.front() == 'f') {
    throw BadData(fmt::format("{}: must hold integers; convert it with numpy's astype('i8')", name));
  }
}

NpyFile::NpyFile(const std::string& path) : header_(read_npy_header(path)), file_(File::open_to_read(path)) {
  if (header_.origin.gzipped) throw refuse_gzip(path);
}

template <class Out>
void NpyFile::read(Index first, std::span<Out> out) {
  if (std::is_same_v<Out, double> && header_.type == "f8" && !header_.swapped) {  // as they are
    file_.read_at(header_.data_offset + first * header_.element_bytes, std::as_writable_bytes(out));
    return;
  }
  const Index per_piece = npy_buffer_bytes / header_.element_bytes;
  while (!out.empty()) {
    const auto count = std::min(out.size(), static_cast<std::size_t>(per_piece));
    const std::size_t needed = count * static_cast<std::size_t>(header_.element_bytes);
    buffer_.resize(std::max(buffer_.size(), needed));
    const std::span<std::byte> bytes(buffer_.data(), needed);
    file_.read_at(header_.data_offset + first * header_.element_bytes, bytes);
    convert_elements(header_, buffer_.data(), count, out.data());
    first += static_cast<Index>(count);
    out = out.subspan(count);
  }
}

NpyReader::NpyReader(std::unique_ptr<ByteSource> bytes, const NpyOrigin& origin)
    : bytes_(std::move(bytes)), header_(read_npy_header(*bytes_, origin)), left_(header_.elements()) {}

NpyReader::NpyReader(std::unique_ptr<ByteSource> bytes, NpyHeader header)
    : bytes_(std::move(bytes)), header_(std::move(header)), left_(header_.elements()) {}

template <class Out>
void NpyReader::read(std::span<Out> out) {
  const auto each = static_cast<std::size_t>(header_.element_bytes);
  const std::size_t at_once = static_cast<std::size_t>(npy_buffer_bytes) / each;
  while (!out.empty()) {
    const std::size_t count = std::min(out.size(), at_once);
    buffer_.resize(std::max(buffer_.size(), count * each));
    bytes_->read_exactly(buffer_.data(), count * each, "its elements");
    convert_elements(header_, reinterpret_cast<const std::byte*>(buffer_.data()), count, out.data());
    left_ -= static_cast<Index>(count);
    out = out.subspan(count);
  }
}

void NpyReader::skip(Index count) {
  const Index at_once = npy_buffer_bytes / header_.element_bytes;
  buffer_.resize(static_cast<std::size_t>(npy_buffer_bytes));
  for (left_ -= count; count > 0; count -= std::min(count, at_once)) {
    const auto bytes = static_cast<std::size_t>(std::min(count, at_once) * header_.element_bytes);
    bytes_->read_exactly(buffer_.data(), bytes, "its elements");
  }
}

void NpyReader::finish() {
  skip(left_);
  // The checksum stands behind the last element, and what fills up to where the next one might begin.
  std::array<char, 64> rest{};
  bytes_->read(rest.data(), rest.size());
}

template void NpyFile::read(Index, std::span<double>);
template void NpyFile::read(Index, std::span<Index>);
template void NpyReader::read(std::span<double>);
template void NpyReader::read(std::span<Index>);

}  // namespace mpinmf::io
