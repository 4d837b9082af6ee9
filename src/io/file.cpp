#include "file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

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

}  // namespace

SystemError file_error(const std::string& path, const std::string& action, int error) {
  return SystemError(fmt::format("{}: cannot {}: {}{}", path, action, std::strerror(error), advice(error)));
}

void require_regular(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw file_error(path, "open it", errno);
  if (S_ISDIR(status.st_mode)) throw SystemError(path + ": is a folder where a file is expected");
  if (!S_ISREG(status.st_mode)) {
    throw SystemError(path + ": is not a regular file (a pipe or device cannot be read twice); save it to a file");
  }
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

}  // namespace mpinmf::io
