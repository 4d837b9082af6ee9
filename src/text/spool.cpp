#include "spool.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "io/unfinished.hpp"

namespace mpinmf::text {
namespace {

constexpr Index piece_bytes = Index{1} << 20;

/// Open, and without a name.
io::File nameless_file(const std::string& folder) {
  const std::string path = io::partial_name(folder + "/texts");
  remember_unfinished(path, false);
  try {
    io::File file = io::File::open_to_write(path, folder);
    ::unlink(path.c_str());
    forget_unfinished(path);
    return file;
  } catch (...) {
    forget_unfinished(path);
    throw;
  }
}

}  // namespace

void Spool::append(std::string_view bytes) {
  if (room_ - used_ < bytes.size()) grow(bytes.size());
  std::copy(bytes.begin(), bytes.end(), memory_.get() + used_);
  used_ += bytes.size();
  if (used_ >= bound_) flush();
}

void Spool::grow(std::size_t bytes) {
  room_ = std::max(bound_ + longest_number, used_ + bytes);  // room that is not touched costs nothing
  auto larger = std::make_unique_for_overwrite<char[]>(room_);
  std::copy_n(memory_.get(), used_, larger.get());
  memory_ = std::move(larger);
}

void Spool::flush() {
  if (used_ == 0) return;
  if (!file_) file_.emplace(nameless_file(folder_));
  file_->write_at(in_file_, std::as_bytes(std::span(memory_.get(), used_)));
  in_file_ += static_cast<Index>(used_);
  memory_.reset();
  room_ = used_ = 0;
  bound_ = static_cast<std::size_t>(piece_bytes);
}

bool SpoolReader::refill() {
  const auto kept = static_cast<Index>(rest_.size());
  if (kept > 0) std::memmove(buffer_.data(), rest_.data(), rest_.size());
  const Index count = std::min(piece_bytes, spool_.size() - next_);
  const Index of_file = std::clamp<Index>(spool_.in_file_ - next_, 0, count);
  if (static_cast<Index>(buffer_.size()) < kept + count) buffer_.resize(static_cast<std::size_t>(kept + count));
  if (of_file > 0) {
    spool_.file_->read_at(
        next_, std::as_writable_bytes(std::span(buffer_.data() + kept, static_cast<std::size_t>(of_file))));
  }
  const Index in_memory = std::max<Index>(next_ - spool_.in_file_, 0);
  std::copy_n(spool_.memory_.get() + in_memory, count - of_file, buffer_.data() + kept + of_file);
  next_ += count;
  rest_ = std::string_view(buffer_).substr(0, static_cast<std::size_t>(kept + count));
  return !rest_.empty();
}

void SpoolReader::read(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    if (rest_.empty()) refill();
    const std::size_t count = std::min(bytes.size(), rest_.size());
    std::memcpy(bytes.data(), rest_.data(), count);
    rest_.remove_prefix(count);
    bytes = bytes.subspan(count);
  }
}

std::string_view SpoolReader::piece() {
  if (rest_.empty()) refill();
  const std::string_view all = rest_;
  rest_ = {};
  return all;
}

}  // namespace mpinmf::text
