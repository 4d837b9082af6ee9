#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "file.hpp"
#include "shell_word.hpp"

namespace mpinmf::io {

namespace {

/// A small file takes but a small buffer; for others it grows.
constexpr std::size_t first_buffer = std::size_t{1} << 14, bytes_at_once = std::size_t{1} << 18;

}  // namespace

LineReader::LineReader(const std::string& path, const TextPiece& piece)
    : piece_(piece), bytes_(path, piece), buffer_(first_buffer), last_(bytes_.end_of_piece()) {
  for (Index left = piece.skip; left > 0; left -= static_cast<Index>(end_)) {
    end_ = bytes_.read(buffer_.data(), std::min(buffer_.size(), static_cast<std::size_t>(left)));
    if (end_ == 0) break;
  }
  end_ = 0;
  position_ = piece.skip;
  std::string_view rest_of_line;
  if (!piece.is_first) next(rest_of_line);
}

bool LineReader::refill() {
  const bool was_filled = end_ == buffer_.size();
  std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
  end_ -= begin_;
  begin_ = 0;
  if (end_ == longest_line) {
    ++number_;
    refuse_lone_cr({buffer_.data(), end_});
    throw fault("is longer than 64 MiB; this is not a text file");
  }
  if (end_ == buffer_.size()) buffer_.resize(std::min(2 * end_, longest_line));
  if (was_filled && buffer_.size() < bytes_at_once) buffer_.resize(bytes_at_once);
  const std::size_t got = bytes_.read(buffer_.data() + end_, buffer_.size() - end_);
  end_ += got;
  last_ = bytes_.end_of_piece();
  return got > 0;
}

bool LineReader::next(std::string_view& line) {
  if (position_ > last_) return false;
  std::size_t searched = 0;
  const char* newline = nullptr;
  while (true) {
    const char* const from = buffer_.data() + begin_ + searched;
    const std::size_t count = end_ - begin_ - searched;
    newline = static_cast<const char*>(std::memchr(from, '\n', count));
    if (newline != nullptr) break;
    searched += count;
    if (!refill()) break;
  }
  if (newline == nullptr && begin_ == end_) return false;
  const char* const first = buffer_.data() + begin_;
  const char* last = newline != nullptr ? newline : buffer_.data() + end_;
  const std::size_t next_begin = static_cast<std::size_t>(last - buffer_.data()) + (newline != nullptr ? 1 : 0);
  position_ += static_cast<Index>(next_begin - begin_);
  begin_ = next_begin;
  if (last > first && last[-1] == '\r') --last;
  line = {first, static_cast<std::size_t>(last - first)};
  if (++number_ == 1 && piece_.begin == 0 && piece_.skip == 0) {
    if (line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    refuse_lone_cr(line);
  }
  return true;
}

void LineReader::refuse_lone_cr(std::string_view text) const {
  if (text.find('\r') == std::string_view::npos) return;
  throw fault(
      fmt::format("lines end with CR alone, as on old Macs; convert them: {} {} | tr '\\r' '\\n' > converted",
                  bytes_.is_compressed() ? "zcat" : "cat", shell_word(bytes_.name())));
}

BadData LineReader::fault(const std::string& text) const {
  return BadData(
      fmt::format("{}, line {}: {}", bytes_.name(), lines_before(bytes_.name(), piece_) + number_, text));
}

}  // namespace mpinmf::io
