// Texts as gzip and bgzip pack them, for tests.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace mpinmf {

/// The lowest `count` bytes, the lowest first.
inline std::string little_endian(unsigned long number, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

/// As zlib does: 15 or -15 (neither header nor trailer), plus 16 for gzip.
inline std::string deflated(std::string_view text, int window_bits) {
  constexpr int memory_level = 8;
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  std::string bytes(text);
  stream.next_in = reinterpret_cast<unsigned char*>(bytes.data());
  stream.avail_in = static_cast<unsigned>(bytes.size());
  stream.next_out = reinterpret_cast<unsigned char*>(packed.data());
  stream.avail_out = static_cast<unsigned>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string gzipped(std::string_view text) {
  return deflated(text, 15 + 16);
}

/// One block of BGZF; of no text: that which ends a file.
inline std::string gzip_block(std::string_view text) {
  using std::string_literals::operator""s;
  const std::string packed = deflated(text, -15);
  const auto checksum =
      crc32(0, reinterpret_cast<const unsigned char*>(text.data()), static_cast<unsigned>(text.size()));
  return "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0"s + little_endian(packed.size() + 25, 2) + packed +
         little_endian(checksum, 4) + little_endian(text.size(), 4);
}

/// As bgzip does, with so many bytes of text in a block.
inline std::string blocked_gzip(std::string_view text, std::size_t in_a_block = 65280) {
  std::string file;
  for (std::size_t at = 0; at < text.size(); at += in_a_block) file += gzip_block(text.substr(at, in_a_block));
  return file + gzip_block("");
}

}  // namespace mpinmf
