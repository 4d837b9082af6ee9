#include "text_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "io/shell_word.hpp"

namespace mpinmf::text {
namespace {

constexpr std::size_t read_bytes = std::size_t{1} << 18;
constexpr std::string_view gzip_magic = "\x1f\x8b", big_endian_mark = "\xfe\xff", little_endian_mark = "\xff\xfe";

bool is_high_surrogate(char32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
bool is_low_surrogate(char32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

}  // namespace

TextStream::TextStream(const std::string& path, Encoding encoding) : encoding_(encoding) {
  open_raw(path);
  look_for_mark(path, encoding);
}

void TextStream::open_raw(const std::string& path) {
  file_.emplace(io::File::open_to_read(path));
  size_ = file_->size();
  head_.resize(2);
  head_.resize(read_raw(head_.data(), head_.size()));
  position_ = 0;
  if (head_ != gzip_magic) return;
  file_.reset();
  gzip_ = std::make_unique<io::ByteReader>(path);
  head_.resize(gzip_->read(head_.data(), head_.size()));
}

void TextStream::look_for_mark(const std::string& path, Encoding encoding) {
  if (encoding == Encoding::latin1) return;
  is_big_endian_ = head_ == big_endian_mark;
  is_utf16_ = is_big_endian_ || head_ == little_endian_mark;
  encoding_ = Encoding::utf8;
  if (is_utf16_) {
    position_ = 2;
    if (gzip_) head_.clear();
  } else if (encoding == Encoding::utf16 && !head_.empty()) {
    throw BadData(
        fmt::format("{}: does not begin with the mark of UTF-16 (FF FE or FE FF); if it is UTF-16 all the same, "
                    "convert it: iconv -f UTF-16LE -t UTF-8 {}",
                    path, shell_word(path)));
  }
}

std::size_t TextStream::read_raw(char* out, std::size_t limit) {
  if (file_) {
    const auto count = std::min(limit, static_cast<std::size_t>(std::max<Index>(size_ - position_, 0)));
    file_->read_at(position_, std::as_writable_bytes(std::span(out, count)));
    position_ += static_cast<Index>(count);
    return count;
  }
  if (head_.empty()) return gzip_->read(out, limit);
  const std::size_t count = std::min(limit, head_.size());
  std::copy_n(head_.begin(), count, out);
  head_.erase(0, count);
  return count;
}

std::size_t TextStream::read_piece(char* out, std::size_t limit) {
  if (!is_utf16_) return read_raw(out, limit);
  while (handed_out_ == decoded_.size() && decode_utf16()) {
  }
  const std::size_t count = std::min(limit, decoded_.size() - handed_out_);
  std::copy_n(decoded_.data() + handed_out_, count, out);
  handed_out_ += count;
  return count;
}

std::size_t TextStream::read(char* out, std::size_t limit) {
  std::size_t count = 0;
  while (count < limit) {
    const std::size_t got = read_piece(out + count, limit - count);
    if (got == 0) break;
    count += got;
  }
  return count;
}

bool TextStream::decode_utf16() {
  decoded_.clear();
  handed_out_ = 0;
  const std::size_t left = raw_.size();
  raw_.resize(left + read_bytes);
  const std::size_t got = read_raw(raw_.data() + left, read_bytes);
  raw_.resize(left + got);
  const auto unit_at = [&](std::size_t i) {
    const auto first = static_cast<unsigned char>(raw_[i]), second = static_cast<unsigned char>(raw_[i + 1]);
    return static_cast<char32_t>(is_big_endian_ ? first << 8 | second : second << 8 | first);
  };
  constexpr char bad_byte = '\xff';
  std::size_t i = 0;
  for (; i + 1 < raw_.size(); i += 2) {
    const char32_t unit = unit_at(i);
    if (!is_high_surrogate(unit) && !is_low_surrogate(unit)) {
      append_code_point(unit, decoded_);
      continue;
    }
    const bool has_next = i + 3 < raw_.size();
    if (is_high_surrogate(unit) && !has_next && got > 0) break;  // its other half is still to be read
    if (is_high_surrogate(unit) && has_next && is_low_surrogate(unit_at(i + 2))) {
      append_code_point(0x10000 + ((unit - 0xd800) << 10) + (unit_at(i + 2) - 0xdc00), decoded_);
      i += 2;
    } else {
      decoded_ += bad_byte;
    }
  }
  raw_.erase(0, i);
  if (got > 0) return true;
  if (!raw_.empty()) decoded_ += bad_byte;  // half of a unit
  raw_.clear();
  return false;
}

Index line_at(const std::string& path, Encoding encoding, Index position) {
  TextStream stream(path, encoding);
  std::vector<char> buffer(read_bytes);
  Index line = 1;
  while (position > 0) {
    const std::size_t limit = std::min(buffer.size(), static_cast<std::size_t>(position));
    const std::size_t got = stream.read(buffer.data(), limit);
    if (got == 0) break;
    line += std::count(buffer.begin(), buffer.begin() + static_cast<Index>(got), '\n');
    position -= static_cast<Index>(got);
  }
  return line;
}

BadData fault_at(const std::string& path, Encoding encoding, Index position, const std::string& text) {
  return BadData(fmt::format("{}, line {}: {}", path, line_at(path, encoding, position), text));
}

}  // namespace mpinmf::text
