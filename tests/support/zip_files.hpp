// Zip archives for tests, byte by byte, so that any of it can be wrong.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

/// A member, and what its records say of it where that is not what is there.
struct ZipEntry {
  std::string name, bytes = {};
  bool deflated = false;
  bool zip64 = false;  ///< as zipfile writes it with force_zip64, and in the directory, too
  unsigned flags = 0, method = 0;
  std::size_t said_bytes = 0;  ///< 0: the truth
  std::uint32_t checksum = 0;  ///< 0: the truth
};

inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

/// As in a member, without zlib's header.
inline std::string raw_deflated(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<unsigned>(bytes.size());
  stream.next_out = reinterpret_cast<unsigned char*>(packed.data());
  stream.avail_out = static_cast<unsigned>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string zip_bytes(const std::vector<ZipEntry>& entries, const std::string& comment = "") {
  std::string members, directory;
  for (const ZipEntry& e : entries) {
    const std::string packed = e.deflated ? raw_deflated(e.bytes) : e.bytes;
    const std::size_t size = e.said_bytes != 0 ? e.said_bytes : e.bytes.size();
    const std::size_t packed_size = e.deflated || e.said_bytes == 0 ? packed.size() : e.said_bytes;
    const auto* data = reinterpret_cast<const unsigned char*>(e.bytes.data());
    const auto crc = e.checksum != 0 ? e.checksum : crc32(0, data, static_cast<unsigned>(e.bytes.size()));
    const unsigned method = e.method != 0 ? e.method : e.deflated ? 8 : 0;
    const std::string what =
        little_endian(e.flags, 2) + little_endian(method, 2) + little_endian(0, 4) + little_endian(crc, 4);
    const std::string sizes =
        e.zip64 ? std::string(8, '\xff') : little_endian(packed_size, 4) + little_endian(size, 4);
    const std::string extra64 = little_endian(size, 8) + little_endian(packed_size, 8);
    const std::string local_extra = e.zip64 ? little_endian(1, 2) + little_endian(16, 2) + extra64 : "";
    const std::string extra = e.zip64
                                  ? little_endian(0x5455, 2) + little_endian(1, 2) + "x" + little_endian(1, 2) +
                                        little_endian(24, 2) + extra64 + little_endian(members.size(), 8)
                                  : "";
    directory += "PK\x01\x02" + little_endian(45, 2) + little_endian(45, 2) + what + sizes +
                 little_endian(e.name.size(), 2) + little_endian(extra.size(), 2) + std::string(10, '\0') +
                 (e.zip64 ? std::string(4, '\xff') : little_endian(members.size(), 4)) + e.name + extra;
    members += "PK\x03\x04" + little_endian(45, 2) + what + sizes + little_endian(e.name.size(), 2) +
               little_endian(local_extra.size(), 2) + e.name + local_extra + packed;
  }
  std::string end;
  const bool zip64 = !entries.empty() && entries.front().zip64;
  if (zip64) {
    end = "PK\x06\x06" + little_endian(44, 8) + std::string(12, '\0') + little_endian(entries.size(), 8) +
          little_endian(entries.size(), 8) + little_endian(directory.size(), 8) + little_endian(members.size(), 8);
    end += "PK\x06\x07" + little_endian(0, 4) + little_endian(members.size() + directory.size(), 8) +
           little_endian(1, 4);
  }
  const std::string saturated = std::string(12, '\xff');
  end += "PK\x05\x06" + std::string(4, '\0') +
         (zip64 ? saturated
                : little_endian(entries.size(), 2) + little_endian(entries.size(), 2) +
                      little_endian(directory.size(), 4) + little_endian(members.size(), 4)) +
         little_endian(comment.size(), 2) + comment;
  return members + directory + end;
}
