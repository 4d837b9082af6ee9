// Gzip in blocks that say how long they are, as bgzip writes it (BGZF: section 4.1 of the specification of SAM, at
// samtools.github.io/hts-specs). Each can be unpacked by itself, so that ranks read such a file in pieces.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "file.hpp"

struct z_stream_s;

namespace mpinmf::io {

/// The blocks of a file. Faults are BadData that name the byte of the file where a block begins.
class GzipBlocks {
 public:
  static constexpr std::size_t most_text = std::size_t{1} << 16;  ///< bytes that a block holds

  explicit GzipBlocks(const std::string& path);
  ~GzipBlocks();

  /// Whether the file begins with one.
  bool are_there() { return length_at(0) > 0; }
  Index file_bytes() const { return bytes_; }
  /// Where the first one at byte `from` or behind it begins; file_bytes() where there is none. What looks like a
  /// block and is damaged counts as none: who reads on from the block before it finds that.
  Index find(Index from);
  struct Unpacked {
    std::size_t text;  ///< bytes in `out`
    Index next;        ///< where the next block begins
  };
  /// The one that begins there. @pre out has room for most_text
  Unpacked unpack(Index at, char* out);
  /// How many bytes of text the one that begins there says it has, and where the next one begins.
  Unpacked look_at(Index at);
  BadData fault(const std::string& what) const;

 private:
  std::span<const unsigned char> bytes_at(Index at, std::size_t wanted);
  Index length_at(Index at);
  Index require_length_at(Index at);
  bool is_whole_block(Index at);

  File file_;
  Index bytes_;
  std::vector<unsigned char> window_;  // of the file
  Index window_at_ = 0;
  std::unique_ptr<z_stream_s> stream_;
};

/// The text of blocks, one after the other.
class BlockedText {
 public:
  /// From the block that begins at byte `begin` on to the end of the file.
  BlockedText(const std::string& path, Index begin, Index end)
      : blocks_(path), next_(begin), end_(end), own_(GzipBlocks::most_text) {
    note_end();
  }

  /// Up to `limit` bytes, at least one where there is one; 0 at the end.
  std::size_t read(char* out, std::size_t limit);
  /// How many bytes of text are before the block that begins at byte `end`. Known once they have been read, and to
  /// any thread.
  Index end_of_text() const { return end_of_text_; }

 private:
  std::size_t next_block(char* out);
  void note_end();

  GzipBlocks blocks_;
  Index next_, end_, text_ = 0;
  std::atomic<Index> end_of_text_ = std::numeric_limits<Index>::max();
  bool was_empty_ = false;  // the block before
  std::vector<char> own_;   // a block on its way, of which [at_, count_) is left
  std::size_t at_ = 0, count_ = 0;
};

}  // namespace mpinmf::io
