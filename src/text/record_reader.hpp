// Records of a text file, lines or rows of a table, and which of them a rank owns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text_stream.hpp"

namespace mpinmf::text {

/// The part of a file that a rank owns: the records whose first byte lies in [begin, end).
struct Part {
  static constexpr Index to_the_end = Index{1} << 62;

  Index begin = 0, end = to_the_end;
  Index lines_before = 0;         ///< line ends before begin; 0 where nobody asks for numbers of lines
  bool begins_in_quotes = false;  ///< of a table: the byte at begin is inside quotes
};

/// How records end.
enum class Ending {
  line,           ///< at each line end, LF or CRLF
  outside_quotes  ///< at line ends outside double quotes, as in CSV
};

/// Reads in pieces; holds one record, which may be as long as memory allows, up to `longest`. A stream that cannot
/// be cut by position is read from its front.
class RecordReader {
 public:
  static constexpr std::size_t longest = std::size_t{1} << 30;
  /// Bytes behind each record that may be read (and mean nothing).
  static constexpr std::size_t padding = 64;

  /// Throws as TextStream does.
  RecordReader(std::string path, Encoding encoding, Part part, Ending ending);

  /// The next record of the part, without its line end (and a byte order mark), valid until the next call; false
  /// at the end. Throws SystemError, BadData: a record too long, a quote left open.
  bool next(std::string_view& record);
  /// Where the record that was read last begins, in bytes of the stream.
  Index position() const { return position_; }
  /// The number of its first line: right where `lines_before` was.
  Index line() const { return line_; }
  const std::string& path() const { return path_; }
  Encoding encoding() const { return stream_.encoding(); }
  /// "PATH, line N: text", N that of the record's first line or `lines_below` that.
  BadData fault(const std::string& text, Index lines_below = 0) const;

 private:
  bool next_of_stream(std::string_view& record);
  /// One behind the record's last byte, of the bytes read so far; npos: it goes on.
  std::size_t find_end(std::size_t from);
  std::size_t find_end_outside_quotes(std::size_t from);
  bool refill();
  void skip_to_own();

  std::string path_;
  Encoding asked_;
  TextStream stream_;
  Part part_;
  Ending ending_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what is read and not handed out, in the buffer
  Index base_ = 0;                   // position of the buffer's first byte
  Index position_ = 0, line_ = 0, next_line_ = 1, line_ends_ = 0;
  bool in_quotes_ = false;
  Index quote_ = -1;  // position of the quote that is open
};

}  // namespace mpinmf::text
