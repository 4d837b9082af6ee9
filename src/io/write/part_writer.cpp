#include "part_writer.hpp"

#include <zlib.h>

#include <algorithm>

namespace mpinmf::io {

void make_file(const OutputTarget& target, const std::string& file, std::string_view start) {
  File made = File::open_to_write(target.working_path + file, target.path + file);
  made.write_at(0, std::as_bytes(std::span(start)));
  made.sync_and_close();
}

File open_made(const Comm& comm, const OutputTarget& target, const std::string& file) {
  require_seen(comm, target.working_path + file, target.path);
  return File::open_existing(target.working_path + file, target.path + file);
}

PartWriter::PartWriter(File file, Index offset, bool has_checksum)
    : file_(std::move(file)), offset_(offset), has_checksum_(has_checksum), buffer_(std::size_t{1} << 20) {}

void PartWriter::put(std::string_view text) {
  while (!text.empty()) {
    if (used_ == buffer_.size()) flush();
    const std::size_t count = std::min(text.size(), buffer_.size() - used_);
    std::memcpy(buffer_.data() + used_, text.data(), count);
    used_ += count;
    text.remove_prefix(count);
  }
}

void PartWriter::flush() {
  if (has_checksum_) {
    checksum_ = static_cast<std::uint32_t>(
        crc32_z(checksum_, reinterpret_cast<const unsigned char*>(buffer_.data()), used_));
  }
  file_.write_at(offset_ + flushed_, std::span(buffer_).first(used_));
  flushed_ += static_cast<Index>(used_);
  used_ = 0;
}

void PartWriter::finish() {
  flush();
  file_.sync_and_close();
}

}  // namespace mpinmf::io
