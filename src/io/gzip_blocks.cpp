#include "gzip_blocks.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace mpinmf::io {
namespace {

constexpr std::size_t header_bytes = 12, trailer_bytes = 8, least_block = 26;
constexpr std::size_t most_packed = std::size_t{1} << 16, window_bytes = std::size_t{1} << 18;

unsigned two_bytes(const unsigned char* at) {
  return at[0] | static_cast<unsigned>(at[1]) << 8;
}
std::uint32_t four_bytes(const unsigned char* at) {
  return two_bytes(at) | static_cast<std::uint32_t>(two_bytes(at + 2)) << 16;
}

}  // namespace

GzipBlocks::GzipBlocks(const std::string& path)
    : file_(File::open_to_read(path)), bytes_(file_.size()), stream_(std::make_unique<z_stream_s>()) {
  if (inflateInit2(stream_.get(), -MAX_WBITS) != Z_OK) throw std::bad_alloc();
}

GzipBlocks::~GzipBlocks() {
  inflateEnd(stream_.get());
}

BadData GzipBlocks::fault(const std::string& what) const {
  return BadData(fmt::format("{}: the gzip data are cut short or damaged ({}); copy or compress the file again",
                             file_.path(), what));
}

/// So many, or fewer at the end of the file; until the next call.
std::span<const unsigned char> GzipBlocks::bytes_at(Index at, std::size_t wanted) {
  const auto here = static_cast<std::size_t>(std::clamp<Index>(bytes_ - at, 0, static_cast<Index>(wanted)));
  const Index behind = window_at_ + static_cast<Index>(window_.size());
  if (here > 0 && (at < window_at_ || at + static_cast<Index>(here) > behind)) {
    window_.resize(static_cast<std::size_t>(std::min<Index>(bytes_ - at, window_bytes)));
    window_at_ = at;
    file_.read_at(at, std::as_writable_bytes(std::span(window_)));
  }
  return {window_.data() + (here > 0 ? at - window_at_ : 0), here};
}

/// Of the block that begins there, with header and trailer; 0 where none does.
Index GzipBlocks::length_at(Index at) {
  constexpr unsigned char start[] = {0x1f, 0x8b, 8, 4};
  constexpr std::size_t field_header = 4;
  const auto header = bytes_at(at, most_packed);
  if (header.size() < header_bytes || std::memcmp(header.data(), start, sizeof start) != 0) return 0;
  const std::size_t extra = two_bytes(&header[10]), fields_end = std::min(header_bytes + extra, header.size());
  for (std::size_t field = header_bytes; field + field_header <= fields_end;) {
    const std::size_t length = two_bytes(&header[field + 2]);
    if (header[field] == 'B' && header[field + 1] == 'C' && length == 2 && field + 6 <= fields_end) {
      const std::size_t block = two_bytes(&header[field + field_header]) + 1;
      return block >= header_bytes + extra + trailer_bytes + 2 ? static_cast<Index>(block) : 0;
    }
    field += field_header + length;
  }
  return 0;
}

Index GzipBlocks::require_length_at(Index at) {
  const Index length = length_at(at);
  if (at + length > bytes_ || (length == 0 && bytes_ - at < static_cast<Index>(least_block))) {
    throw fault(fmt::format("it ends within the block at byte {}", at));
  }
  if (length == 0) throw fault(fmt::format("there is no block at byte {}, where the one before it ends", at));
  return length;
}

GzipBlocks::Unpacked GzipBlocks::look_at(Index at) {
  const auto length = static_cast<std::size_t>(require_length_at(at));
  const auto block = bytes_at(at, length);
  return {four_bytes(&block[length - 4]), at + static_cast<Index>(length)};
}

GzipBlocks::Unpacked GzipBlocks::unpack(Index at, char* out) {
  const auto length = static_cast<std::size_t>(require_length_at(at));
  const auto block = bytes_at(at, length);
  const unsigned char* const trailer = &block[length - trailer_bytes];
  const std::size_t begin = header_bytes + two_bytes(&block[10]);
  z_stream_s& stream = *stream_;
  inflateReset(&stream);
  stream.next_in = const_cast<unsigned char*>(&block[begin]);  // zlib's interface knows no const
  stream.avail_in = static_cast<unsigned>(length - trailer_bytes - begin);
  stream.next_out = reinterpret_cast<unsigned char*>(out);
  stream.avail_out = most_text;
  const int code = inflate(&stream, Z_FINISH);
  const std::size_t text = most_text - stream.avail_out;
  if (code != Z_STREAM_END || stream.avail_in != 0) {
    throw fault(fmt::format("the block at byte {}: {}", at, stream.msg != nullptr ? stream.msg : "its length"));
  }
  const auto checksum = crc32(0, reinterpret_cast<const unsigned char*>(out), static_cast<unsigned>(text));
  if (four_bytes(trailer) != checksum || four_bytes(trailer + 4) != text) {
    throw fault(fmt::format("the block at byte {}: its checksum or length", at));
  }
  return {text, at + static_cast<Index>(length)};
}

bool GzipBlocks::is_whole_block(Index at) {
  if (length_at(at) == 0) return false;
  std::vector<char> text(most_text);
  try {
    const Index next = unpack(at, text.data()).next;
    return next == bytes_ || length_at(next) > 0;
  } catch (const BadData&) {
    return false;
  }
}

Index GzipBlocks::find(Index from) {
  while (from < bytes_) {
    const auto bytes = bytes_at(from, most_packed);
    const auto* const first = static_cast<const unsigned char*>(std::memchr(bytes.data(), 0x1f, bytes.size()));
    from += first == nullptr ? static_cast<Index>(bytes.size()) : first - bytes.data();
    if (first == nullptr) continue;
    if (is_whole_block(from)) return from;
    ++from;
  }
  return bytes_;
}

std::size_t BlockedText::read(char* out, std::size_t limit) {
  if (at_ == count_ && limit >= GzipBlocks::most_text) return next_block(out);
  if (at_ == count_) {
    at_ = 0;
    count_ = next_block(own_.data());
  }
  const std::size_t count = std::min(limit, count_ - at_);
  std::copy_n(own_.data() + at_, count, out);
  at_ += count;
  return count;
}

/// The next one with any text.
std::size_t BlockedText::next_block(char* out) {
  while (next_ < blocks_.file_bytes()) {
    const auto [text, next] = blocks_.unpack(next_, out);
    if (next_ < end_ && next > end_ && end_ < blocks_.file_bytes()) {
      throw blocks_.fault(fmt::format("a block begins at byte {}, within the one at byte {}", end_, next_));
    }
    was_empty_ = text == 0;
    text_ += static_cast<Index>(text);
    next_ = next;
    note_end();
    if (text > 0) return text;
  }
  if (!was_empty_ && text_ > 0) {
    throw blocks_.fault(fmt::format("the empty block that ends such a file is missing at byte {}", next_));
  }
  return 0;
}

void BlockedText::note_end() {
  if (next_ == end_) end_of_text_ = text_;
}

}  // namespace mpinmf::io
