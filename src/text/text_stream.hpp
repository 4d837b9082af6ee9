// Bytes of a text file from front to back: gunzipped, and UTF-16 as UTF-8.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "encoding.hpp"
#include "io/file.hpp"

namespace mpinmf::text {

/// Positions are those of the bytes that `read` hands out.
class TextStream {
 public:
  /// Throws SystemError; BadData (UTF-16 without a mark).
  TextStream(const std::string& path, Encoding encoding);

  /// Whether positions are those of the file: neither gzip'd nor UTF-16.
  bool can_start_anywhere() const { return file_.has_value() && !is_utf16_; }
  bool is_compressed() const { return gzip_ != nullptr; }
  /// Of what is handed out: UTF-8 or Latin-1. UTF-16 is known by its mark even where UTF-8 was said; a half of a
  /// surrogate pair comes as the byte FF, which UTF-8 does not allow.
  Encoding encoding() const { return encoding_; }
  /// @pre can_start_anywhere
  void start_at(Index position) { position_ = position; }
  /// As many bytes as there are, up to `limit`. Throws SystemError, BadData.
  std::size_t read(char* out, std::size_t limit);

 private:
  /// At least one byte, unless there are no more.
  std::size_t read_piece(char* out, std::size_t limit);
  std::size_t read_raw(char* out, std::size_t limit);
  void open_raw(const std::string& path);
  void look_for_mark(const std::string& path, Encoding encoding);
  /// The next bytes; false when the file has ended.
  bool decode_utf16();

  std::optional<io::File> file_;          // a plain file
  std::unique_ptr<io::ByteReader> gzip_;  // or a gzip'd one
  Encoding encoding_ = Encoding::utf8;
  Index position_ = 0, size_ = 0;  // of a plain file
  std::string head_;               // read from a gzip'd file to see its mark
  bool is_utf16_ = false, is_big_endian_ = false;
  std::string raw_, decoded_;  // of UTF-16: what is not decoded yet, and what is not handed out yet
  std::size_t handed_out_ = 0;
};

/// The number of the line that the byte at `position` of the stream is in, counted from the front; for messages.
Index line_at(const std::string& path, Encoding encoding, Index position);

/// "PATH, line N: text", N that of the byte at `position`.
BadData fault_at(const std::string& path, Encoding encoding, Index position, const std::string& text);

}  // namespace mpinmf::text
