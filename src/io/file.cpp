#include "file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "shell_word.hpp"

namespace mpinmf::io {
namespace {

/// A write beyond the limit of file sizes (ulimit -f) fails with EFBIG instead of ending the process by SIGXFSZ.
class WithoutFileSizeSignal {
 public:
  WithoutFileSizeSignal() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  ~WithoutFileSizeSignal() {
    const int kept = errno;
    const timespec now{};
    if (sigismember(&before_, SIGXFSZ) == 0) sigtimedwait(&signal_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = kept;
  }
  WithoutFileSizeSignal(const WithoutFileSizeSignal&) = delete;
  WithoutFileSizeSignal& operator=(const WithoutFileSizeSignal&) = delete;

 private:
  sigset_t signal_, before_;
};

std::string advice(int error) {
  switch (error) {
    case ENOENT: {
      std::error_code ignored;
      return fmt::format("; check the name (relative names start at {})",
                         std::filesystem::current_path(ignored).string());
    }
    case EACCES:
    case EPERM: return "; ask its owner for permission";
    case ENOSPC:
    case EDQUOT: return "; free some space or choose another disk";
    case EFBIG: return "; raise the limit of file sizes (ulimit -f) or choose another disk";
    case EROFS: return "; choose another disk";
    default: return "";
  }
}

int open_descriptor(const std::string& path, const std::string& name, int flags, const char* action) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  if (descriptor < 0) throw file_error(name, action, errno);
  return descriptor;
}

/// Opening a pipe that nobody writes to would wait for ever, so the kind of file is asked before.
void require_regular(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw file_error(path, "open it", errno);
  if (S_ISDIR(status.st_mode)) throw SystemError(path + ": is a folder where a file is expected");
  if (!S_ISREG(status.st_mode)) {
    throw SystemError(path + ": is not a regular file (a pipe or device cannot be read twice); save it to a file");
  }
}

}  // namespace

SystemError file_error(const std::string& path, const std::string& action, int error) {
  return SystemError(fmt::format("{}: cannot {}: {}{}", path, action, std::strerror(error), advice(error)));
}

std::string partial_name(const std::string& path) {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return fmt::format("{}.partial-{}-{:x}", path, ::getpid(), now);
}

void require_seen(const Comm& comm, const std::string& path, const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return;
  throw SystemError(fmt::format(
      "{}: rank {} on {} does not see what rank 0 created; write to a file system that all hosts share", name,
      comm.rank(), host_name()));
}

File File::open_to_read(const std::string& path) {
  require_regular(path);
  return {path, open_descriptor(path, path, O_RDONLY, "open it")};
}

File File::open_to_write(const std::string& path, const std::string& name) {
  return {name, open_descriptor(path, name, O_RDWR | O_CREAT, "write it")};
}

File File::open_existing(const std::string& path, const std::string& name) {
  return {name, open_descriptor(path, name, O_RDWR, "write it")};
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Index File::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw file_error(path_, "read it", errno);
  return status.st_size;
}

void File::read_at(Index offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(descriptor_, bytes.data(), bytes.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw file_error(path_, "read it", errno);
    if (got == 0)
      throw BadData(fmt::format("{}: ends at byte {}: it was cut short; copy it again", path_, offset));
    offset += got;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

void File::write_at(Index offset, std::span<const std::byte> bytes) const {
  const WithoutFileSizeSignal guard;
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw file_error(path_, "write it", errno);
    offset += put;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void File::reserve(Index bytes) const {
  const WithoutFileSizeSignal guard;
  int error = EINTR;
  while (error == EINTR) error = ::posix_fallocate(descriptor_, 0, bytes);
  if (error != 0) throw file_error(path_, fmt::format("make it {} bytes long", bytes), error);
}

void File::shorten(Index bytes) const {
  if (::ftruncate(descriptor_, bytes) != 0) throw file_error(path_, "shorten it", errno);
}

void File::start_sync() const {
  ::sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);  // a fault is seen by sync_and_close
}

void File::sync_and_close() {
  const bool synced = ::fsync(descriptor_) == 0 || errno == EINVAL || errno == ENOTSUP;  // devices have no disk
  if (!synced) throw file_error(path_, "write it", errno);
  const int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0 && errno != EINTR) throw file_error(path_, "write it", errno);
}

Index line_ends(const std::string& path, Index from, Index to) {
  if (from >= to) return 0;
  const File file = File::open_to_read(path);
  std::vector<std::byte> block(std::size_t{1} << 20);
  Index lines = 0;
  for (; from < to; from += static_cast<Index>(block.size())) {
    block.resize(std::min(block.size(), static_cast<std::size_t>(to - from)));
    file.read_at(from, block);
    lines += std::count(block.begin(), block.end(), std::byte{'\n'});
  }
  return lines;
}

ByteReader::ByteReader(const std::string& path) : ByteSource(path), file_(nullptr) {
  require_regular(path);
  file_ = gzopen(path.c_str(), "rbe");
  if (file_ == nullptr) throw file_error(path, "open it", errno == 0 ? ENOMEM : errno);
  constexpr unsigned buffer_bytes = 1U << 17;
  gzbuffer(file_, buffer_bytes);
}

ByteReader::~ByteReader() {
  gzclose_r(file_);
}

bool ByteReader::is_compressed() const {
  return gzdirect(file_) == 0;
}

std::size_t ByteReader::read(char* out, std::size_t limit) {
  constexpr std::size_t largest_read = 1U << 30;
  errno = 0;
  const auto wanted = static_cast<unsigned>(std::min(limit, largest_read));
  const int got = gzread(file_, out, wanted);
  if (got >= 0 && static_cast<unsigned>(got) == wanted) return wanted;
  int code = Z_OK;
  const char* text = gzerror(file_, &code);
  if (code == Z_ERRNO) throw file_error(name(), "read it", errno);
  if (code != Z_OK && code != Z_STREAM_END) {
    throw BadData(fmt::format("{}: the gzip data are cut short or damaged ({}); copy or compress the file again",
                              name(), code == Z_BUF_ERROR ? "unexpected end of file" : text));
  }
  return static_cast<std::size_t>(std::max(got, 0));
}

BadData refuse_gzip(const std::string& path) {
  return BadData(fmt::format(
      "{0}: cannot be read while it is gzip'd; unpack it: gunzip < {1} > {1}.plain && mv {1}.plain {1}", path,
      shell_word(path)));
}

void ByteSource::read_exactly(char* out, std::size_t count, const std::string& what) {
  while (count > 0) {
    const std::size_t got = read(out, count);
    if (got == 0) throw BadData(fmt::format("{}: ends within {}: it was cut short; copy it again", name_, what));
    out += got;
    count -= got;
  }
}

void ByteReader::seek(Index offset) {
  errno = 0;
  gzdirect(file_);  // looks at the file, so that a plain one is not read up to there
  if (gzseek(file_, offset, SEEK_SET) != offset) throw file_error(name(), "read it", errno == 0 ? EIO : errno);
}

LineReader::LineReader(const std::string& path) : bytes_(path), buffer_(std::size_t{1} << 20) {}

LineReader::LineReader(const std::string& path, Index begin, Index end) : LineReader(path) {
  last_ = end;
  if (begin == 0) return;
  bytes_.seek(begin - 1);  // a line begins at `begin` if the one before ends here
  position_ = begin - 1;
  first_ = begin;
  std::string_view rest_of_line;
  next(rest_of_line);
  number_ = 0;
  first_ = position_;
}

bool LineReader::refill() {
  std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
  end_ -= begin_;
  begin_ = 0;
  if (end_ == longest_line) {
    ++number_;
    refuse_lone_cr({buffer_.data(), end_});
    throw fault("is longer than 64 MiB; this is not a text file");
  }
  if (end_ == buffer_.size()) buffer_.resize(std::min(2 * end_, longest_line));
  const std::size_t got = bytes_.read(buffer_.data() + end_, buffer_.size() - end_);
  end_ += got;
  return got > 0;
}

bool LineReader::next(std::string_view& line) {
  if (position_ >= last_) return false;
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
  if (++number_ == 1 && first_ == 0) {
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
      fmt::format("{}, line {}: {}", bytes_.name(), line_ends(bytes_.name(), 0, first_) + number_, text));
}

}  // namespace mpinmf::io
