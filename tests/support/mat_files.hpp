// MATLAB files of level 5 for tests.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

/// Bytes of one, in either byte order.
class MatWriter {
 public:
  explicit MatWriter(bool big_endian = false) : big_endian_(big_endian) {
    bytes_ = "MATLAB 5.0 MAT-file, made for a test";
    bytes_.resize(124, ' ');
    bytes_ += number<std::uint16_t>(0x0100) + (big_endian ? "MI" : "IM");
  }
  const std::string& bytes() const { return bytes_; }

  /// A full matrix, given column by column and stored as elements of the type `code`.
  template <class T>
  void full(const std::string& name, std::vector<std::int32_t> shape, const std::vector<T>& values,
            std::uint32_t code, std::uint32_t flags = 6) {
    add(head(flags, shape, name) + element(code, values));
  }
  template <class T>
  void sparse(const std::string& name, std::vector<std::int32_t> shape, const std::vector<std::int32_t>& rows,
              const std::vector<std::int32_t>& offsets, const std::vector<T>& values, std::uint32_t code) {
    add(head(5, shape, name) + element(5, rows) + element(5, offsets) + element(code, values));
  }
  /// The variables that follow are packed by zlib.
  void compress() { compressed_ = true; }
  void append(const std::string& raw) { bytes_ += raw; }

  template <class T>
  std::string number(T value) const {
    std::string bytes(reinterpret_cast<const char*>(&value), sizeof value);
    if (big_endian_ != (std::endian::native == std::endian::big)) std::reverse(bytes.begin(), bytes.end());
    return bytes;
  }
  std::string tag(std::uint32_t code, std::size_t size) const {
    return number(code) + number(static_cast<std::uint32_t>(size));
  }
  template <class T>
  std::string element(std::uint32_t code, const std::vector<T>& values) const {
    std::string data;
    for (const T value : values) data += number(value);
    if (!data.empty() && data.size() <= 4) {  // lies in its tag
      const auto size = static_cast<std::uint32_t>(data.size());
      data.resize(4, 0);
      return number(size << 16 | code) + data;
    }
    const std::string begin = tag(code, data.size());
    data.resize((data.size() + 7) / 8 * 8, 0);
    return begin + data;
  }
  std::string head(std::uint32_t flags, const std::vector<std::int32_t>& shape, const std::string& name) const {
    return element(6, std::vector<std::uint32_t>{flags, 0}) + element(5, shape) +
           element(1, std::vector<char>(name.begin(), name.end()));
  }
  void add(const std::string& content) {
    const std::string matrix = tag(14, content.size()) + content;
    if (!compressed_) {
      bytes_ += matrix;
      return;
    }
    uLongf size = compressBound(matrix.size());
    std::string packed(size, 0);
    compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(matrix.data()),
              matrix.size(), 9);
    packed.resize(size);
    bytes_ += tag(15, packed.size()) + packed;
  }

 private:
  bool big_endian_, compressed_ = false;
  std::string bytes_;
};
