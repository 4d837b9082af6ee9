#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "file.hpp"
#include "gzip_blocks.hpp"
#include "machine/core_set.hpp"
#include "read_ahead.hpp"
#include "shell_word.hpp"

namespace mpinmf::io {

class TextBytes {
 public:
  virtual ~TextBytes() = default;
  /// As ByteSource's, but there may be more.
  virtual std::size_t read(char* out, std::size_t limit) = 0;
  virtual Index end_of_piece() const { return std::numeric_limits<Index>::max(); }
};

namespace {

/// What is unpacked before a thread is started for the rest: most files are done by then, or only their beginning
/// is wanted.
constexpr Index least_for_thread = Index{1} << 20;

class PlainText final : public TextBytes {
 public:
  PlainText(const std::string& path, const TextPiece& piece)
      : file_(File::open_to_read(path)), at_(piece.begin), size_(file_.size()), length_(piece.end - piece.begin) {}

  std::size_t read(char* out, std::size_t limit) override {
    const auto count = std::min(limit, static_cast<std::size_t>(std::max<Index>(size_ - at_, 0)));
    file_.read_at(at_, std::as_writable_bytes(std::span(out, count)));
    at_ += static_cast<Index>(count);
    return count;
  }
  Index end_of_piece() const override { return length_; }

 private:
  File file_;
  Index at_, size_, length_;
};

/// From front to back only.
class GzipText final : public TextBytes {
 public:
  explicit GzipText(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rbe")) {
    if (file_ == nullptr) throw file_error(path, "open it", errno == 0 ? ENOMEM : errno);
    constexpr unsigned buffer_bytes = 1U << 17;
    gzbuffer(file_, buffer_bytes);
  }
  ~GzipText() override { gzclose_r(file_); }

  std::size_t read(char* out, std::size_t limit) override {
    constexpr std::size_t largest_read = 1U << 30;
    errno = 0;
    const auto wanted = static_cast<unsigned>(std::min(limit, largest_read));
    const int got = gzread(file_, out, wanted);
    if (got >= 0 && static_cast<unsigned>(got) == wanted) return wanted;
    int code = Z_OK;
    const char* text = gzerror(file_, &code);
    if (code == Z_ERRNO) throw file_error(path_, "read it", errno);
    if (code != Z_OK && code != Z_STREAM_END) {
      throw BadData(fmt::format("{}: the gzip data are cut short or damaged ({}); copy or compress the file again",
                                path_, code == Z_BUF_ERROR ? "unexpected end of file" : text));
    }
    return static_cast<std::size_t>(std::max(got, 0));
  }

 private:
  std::string path_;
  gzFile file_;
};

class GzipBlocksText final : public TextBytes {
 public:
  GzipBlocksText(const std::string& path, const TextPiece& piece) : text_(path, piece.begin, piece.end) {}
  std::size_t read(char* out, std::size_t limit) override { return text_.read(out, limit); }
  Index end_of_piece() const override { return text_.end_of_text(); }

 private:
  BlockedText text_;
};

bool is_gzip(const std::string& path) {
  constexpr std::string_view magic = "\x1f\x8b";
  const File file = File::open_to_read(path);
  std::string start(static_cast<std::size_t>(std::min<Index>(file.size(), magic.size())), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(start)));
  return start == magic;
}

}  // namespace

ByteReader::ByteReader(const std::string& path, const TextPiece& piece) : ByteSource(path) {
  if (!is_gzip(path)) {
    bytes_ = std::make_unique<PlainText>(path, piece);
  } else if (GzipBlocks(path).are_there()) {
    kind_ = Kind::blocks;
    bytes_ = std::make_unique<GzipBlocksText>(path, piece);
  } else {
    kind_ = Kind::gzip;
    bytes_ = std::make_unique<GzipText>(path);
  }
}

ByteReader::~ByteReader() = default;

Index ByteReader::end_of_piece() const {
  return bytes_->end_of_piece();
}

std::size_t ByteReader::read(char* out, std::size_t limit) {
  if (is_compressed() && unpacked_ >= least_for_thread) start_thread();
  std::size_t count = 0;
  while (count < limit) {
    const std::size_t got =
        ahead_ ? ahead_->read(out + count, limit - count) : bytes_->read(out + count, limit - count);
    if (got == 0) break;
    count += got;
  }
  unpacked_ += static_cast<Index>(count);
  return count;
}

/// A thread unpacks from now on, where there is a core for it. Else all stays here.
void ByteReader::start_thread() {
  unpacked_ = std::numeric_limits<Index>::min();  // asked once
  if (processors_of_this_thread() < 2) return;
  try {
    ahead_ =
        std::make_unique<ReadAhead>([this](char* out, std::size_t limit) { return bytes_->read(out, limit); });
  } catch (const std::system_error&) {
  }
}

BadData refuse_gzip(const std::string& path) {
  return BadData(fmt::format(
      "{0}: cannot be read while it is gzip'd; unpack it: gunzip < {1} > {1}.plain && mv {1}.plain {1}", path,
      shell_word(path)));
}

void ByteSource::read_exactly(char* out, std::size_t count, const std::string& what) {
  while (count > 0) {
    const std::size_t got = read(out, count);
    if (got == 0) throw BadData(fmt::format("{}: ends within {}: it was cut short; copy it again", name(), what));
    out += got;
    count -= got;
  }
}

}  // namespace mpinmf::io
