// A file that all ranks write together.
#pragma once

#include <string>

#include "io/file.hpp"
#include "mpinmf/comm.hpp"

namespace mpinmf::text {

/// Creates it on the root, and opens it on all others when it is there. Collective; throws SystemError on every
/// rank (unwritable, or a rank that does not see the root's file).
io::File open_shared_file(const Comm& comm, const std::string& path);

/// Bytes for one place of a file, written in pieces of 1 MiB.
class FileWriter {
 public:
  FileWriter(const io::File& file, Index offset) : file_(file), offset_(offset) {}
  /// Throws SystemError (disk full).
  void write(std::span<const std::byte> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= std::size_t{1} << 20) flush();
  }
  template <class T>
  void write_value(const T& value) {
    write(std::as_bytes(std::span(&value, 1)));
  }
  /// To be called at the end.
  void flush() {
    file_.write_at(offset_, buffer_);
    offset_ += static_cast<Index>(buffer_.size());
    buffer_.clear();
  }

 private:
  const io::File& file_;
  Index offset_;
  std::vector<std::byte> buffer_;
};

}  // namespace mpinmf::text
