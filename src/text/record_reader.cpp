#include "record_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace mpinmf::text {
namespace {

constexpr std::size_t first_buffer_bytes = std::size_t{1} << 18;

}  // namespace

RecordReader::RecordReader(std::string path, Encoding encoding, Part part, Ending ending)
    : path_(std::move(path)),
      asked_(encoding),
      stream_(path_, encoding),
      part_(part),
      ending_(ending),
      buffer_(first_buffer_bytes + padding) {
  if (part_.begin > 0 && stream_.can_start_anywhere()) skip_to_own();
}

/// A record that begins before the part belongs to the rank before.
void RecordReader::skip_to_own() {
  std::string_view ignored;
  base_ = part_.begin - 1;
  stream_.start_at(base_);
  if (!refill()) return;
  const char before = buffer_[begin_];
  in_quotes_ = ending_ == Ending::outside_quotes && part_.begins_in_quotes != (before == '"');
  next_line_ = part_.lines_before + (before == '\n' ? 0 : 1);
  next_of_stream(ignored);
}

bool RecordReader::next(std::string_view& record) {
  do {
    if (base_ + static_cast<Index>(begin_) >= part_.end) return false;
    if (!next_of_stream(record)) return false;
  } while (position_ < part_.begin);
  if (position_ == 0 && encoding() == Encoding::utf8 && record.starts_with(io::byte_order_mark)) {
    record.remove_prefix(io::byte_order_mark.size());
  }
  return true;
}

bool RecordReader::next_of_stream(std::string_view& record) {
  const bool began_in_quotes = in_quotes_;
  std::size_t searched = 0, end = std::string::npos;
  line_ends_ = 0;
  while ((end = find_end(begin_ + searched)) == std::string::npos) {
    searched = end_ - begin_;
    if (!refill()) break;
  }
  position_ = base_ + static_cast<Index>(begin_);
  line_ = next_line_;
  if (end == std::string::npos) {
    if (begin_ == end_) return false;
    if (in_quotes_ && !began_in_quotes) {
      throw fault_at(path_, asked_, quote_, "a quote that opens here is never closed");
    }
    end = end_;
  }
  next_line_ += line_ends_;
  record = {buffer_.data() + begin_, end - begin_};
  begin_ = end;
  if (record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return true;
}

std::size_t RecordReader::find_end(std::size_t from) {
  if (ending_ == Ending::outside_quotes) return find_end_outside_quotes(from);
  const auto* const newline = static_cast<const char*>(std::memchr(buffer_.data() + from, '\n', end_ - from));
  if (newline == nullptr) return std::string::npos;
  ++line_ends_;
  return static_cast<std::size_t>(newline - buffer_.data()) + 1;
}

std::size_t RecordReader::find_end_outside_quotes(std::size_t from) {
  for (std::size_t i = from; i < end_; ++i) {
    if (buffer_[i] == '"') {
      in_quotes_ = !in_quotes_;
      if (in_quotes_) quote_ = base_ + static_cast<Index>(i);
    } else if (buffer_[i] == '\n') {
      ++line_ends_;
      if (!in_quotes_) return i + 1;
    }
  }
  return std::string::npos;
}

bool RecordReader::refill() {
  std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
  base_ += static_cast<Index>(begin_);
  end_ -= begin_;
  begin_ = 0;
  std::size_t room = buffer_.size() - padding;
  if (end_ == room) {
    if (room >= longest) {
      position_ = base_;
      throw fault("is longer than 1 GiB; is this a text with one document a line?");
    }
    room *= 2;
    buffer_.resize(room + padding);
  }
  const std::size_t got = stream_.read(buffer_.data() + end_, room - end_);
  end_ += got;
  return got > 0;
}

BadData RecordReader::fault(const std::string& text, Index lines_below) const {
  const Index line = line_at(path_, asked_, position_) + lines_below;
  return BadData(fmt::format("{}, line {}: {}", path_, line, text));
}

}  // namespace mpinmf::text
