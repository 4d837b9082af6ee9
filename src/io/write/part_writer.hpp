// One rank's part of a file that all ranks write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "io/file.hpp"
#include "io/output_target.hpp"
#include "mpinmf/comm.hpp"

namespace mpinmf::io {

/// The root makes a file of the target: the target itself (file = "") or one in it (file = "/NAME"), with what it
/// starts with. Throws SystemError. Does not communicate.
void make_file(const OutputTarget& target, const std::string& file, std::string_view start);

/// What the root has made. Throws SystemError, also where this rank does not see it. Does not communicate.
File open_made(const Comm& comm, const OutputTarget& target, const std::string& file);

/// Bytes one after the other from a place on, through a buffer of 1 MiB.
class PartWriter {
 public:
  PartWriter(File file, Index offset, bool has_checksum = false);

  template <class T>
  void put(T number) {
    static_assert(std::is_arithmetic_v<T>);
    if (buffer_.size() - used_ < sizeof(T)) flush();
    std::memcpy(buffer_.data() + used_, &number, sizeof(T));
    used_ += sizeof(T);
  }
  void put(std::string_view text);
  /// So far.
  Index bytes() const { return flushed_ + static_cast<Index>(used_); }
  /// To disk. Throws SystemError.
  void finish();
  /// CRC-32 of all bytes, where asked for. @pre finish
  std::uint32_t checksum() const { return checksum_; }

 private:
  void flush();

  File file_;
  Index offset_, flushed_ = 0;
  bool has_checksum_;
  std::uint32_t checksum_ = 0;
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0;
};

}  // namespace mpinmf::io
