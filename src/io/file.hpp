// Files with errors that name them: plain ones by position, plain or gzip'd ones from front to back.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::io {

class ReadAhead;

/// "PATH: cannot DO: reason of the operating system", with what to do about it. `error` is an errno.
SystemError file_error(const std::string& path, const std::string& action, int error);

/// Opening a pipe that nobody writes to would wait for ever, so the kind of file is asked before. Throws
/// SystemError.
void require_regular(const std::string& path);

/// A name beside `path` that nobody else uses, for work in progress.
std::string partial_name(const std::string& path);

/// Throws SystemError, which calls it `name`, where this rank does not see what the root has made at `path`.
void require_seen(const Comm& comm, const std::string& path, const std::string& name);

/// An open file, closed with the object. Positions and sizes are bytes.
class File {
 public:
  /// A regular file. Throws SystemError for anything else (a pipe cannot be read twice).
  static File open_to_read(const std::string& path);
  /// A file to write (and map): created when missing, not shortened when there. Messages call it `name`.
  static File open_to_write(const std::string& path, const std::string& name);
  /// As open_to_write, but the file must be there.
  static File open_existing(const std::string& path, const std::string& name);
  File(File&& other) noexcept : path_(std::move(other.path_)), descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  File& operator=(File&&) = delete;
  ~File();

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  Index size() const;
  /// Fills `bytes`. Throws SystemError, BadData when the file ends before.
  void read_at(Index offset, std::span<std::byte> bytes) const;
  /// Throws SystemError: disk full, file too large.
  void write_at(Index offset, std::span<const std::byte> bytes) const;
  /// Makes the file `bytes` long with all of its blocks on disk. Throws SystemError.
  void reserve(Index bytes) const;
  void shorten(Index bytes) const;
  /// Starts to write to disk what sync_and_close waits for, so that several files can be on their way at once.
  void start_sync() const;
  /// To disk, so that a late "disk full" is seen here. Throws SystemError.
  void sync_and_close();

 private:
  File(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
};

/// Bytes from front to back.
class ByteSource {
 public:
  /// Messages call it `name`.
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  const std::string& name() const { return name_; }
  /// As many bytes as there are, up to `limit`; 0 at the end, where checksums have been compared. Throws
  /// SystemError, BadData (cut short or damaged).
  virtual std::size_t read(char* out, std::size_t limit) = 0;
  /// Exactly so many. Throws BadData when it ends before; `what` is what was being read.
  void read_exactly(char* out, std::size_t count, const std::string& what);

 private:
  std::string name_;
};

/// Part of a text: lines that begin in it, of the first piece also one that begins where it does, of others not.
struct TextPiece {
  /// A byte of the file: of a plain text where it begins, of one that is gzip'd in blocks where a block does.
  Index begin = 0;
  Index skip = 0;                                 ///< bytes of text from there that belong to none
  Index end = std::numeric_limits<Index>::max();  ///< likewise; the last line goes on behind it
  bool is_first = true;
};

/// How the bytes of a text are had from its file.
class TextBytes;

/// A file, decompressed when it is gzip'd: by a thread of its own, some way ahead, where there is a core for it.
class ByteReader final : public ByteSource {
 public:
  /// From the beginning of a piece to the end of the file. Throws SystemError, BadData.
  explicit ByteReader(const std::string& path, const TextPiece& piece = {});
  ~ByteReader() override;

  bool is_compressed() const { return kind_ != Kind::plain; }
  /// Whether ranks can read it in pieces: it is plain, or gzip'd in blocks.
  bool has_pieces() const { return kind_ != Kind::gzip; }
  std::size_t read(char* out, std::size_t limit) override;
  /// How many bytes from its beginning the piece ends. Known at the latest when that many have been read.
  Index end_of_piece() const;

 private:
  enum class Kind { plain, gzip, blocks };
  void start_thread();

  Kind kind_ = Kind::plain;
  std::unique_ptr<TextBytes> bytes_;  // the thread's, once there is one
  Index unpacked_ = 0;                // bytes, until it was asked whether there is a core
  std::unique_ptr<ReadAhead> ahead_;  // last, so that it ends before what it reads
};

/// Piece `part` of `parts` of what stands behind the first `body` bytes of a text. Throws SystemError, BadData.
/// @pre the file has pieces
TextPiece piece_of_text(const std::string& path, Index body, int part, int parts);

/// How many lines end before the piece, and in what it skips. Throws SystemError, BadData.
Index lines_before(const std::string& path, const TextPiece& piece);

/// What to do with a gzip'd file that must be read in place: BadData.
BadData refuse_gzip(const std::string& path);

/// What some editors put before a text in UTF-8.
inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Bytes: a row of a million genes.
inline constexpr std::size_t longest_line = std::size_t{1} << 26;

/// Lines of a text, plain or gzip'd; without line ends, be they LF or CRLF, and without a byte order mark.
class LineReader {
 public:
  explicit LineReader(const std::string& path, const TextPiece& piece = {});
  /// The next line in `line`, valid until the next call; false at the end. Throws SystemError, BadData (a line too
  /// long, or lines that end as on old Macs).
  bool next(std::string_view& line);
  /// The number of the line that was read last; the first of the file, or of its piece, is 1.
  Index number() const { return number_; }
  /// Where the next line begins, in bytes of the text from where reading began.
  Index position() const { return position_; }
  bool has_pieces() const { return bytes_.has_pieces(); }
  /// "PATH, line N: text"
  BadData fault(const std::string& text) const;

 private:
  bool refill();
  void refuse_lone_cr(std::string_view text) const;

  TextPiece piece_;
  ByteReader bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  Index number_ = 0, position_ = 0;
  Index last_ = std::numeric_limits<Index>::max();  // no line begins behind it, as far as is known
};

}  // namespace mpinmf::io
