#include "scratch_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

#include "mpinmf/error.hpp"

namespace mpinmf::machine {
namespace {

/// What is asked for at once, and how many of these ahead of the reader: 16 MiB on their way keep a disk busy.
constexpr std::size_t chunk = std::size_t{4} << 20, chunks_ahead = 4, chunks_kept = 1;
static_assert((chunks_ahead + chunks_kept + 1) * chunk == ScratchFile::window_bytes);

constexpr const char* other_folder = "--scratch names another folder";

[[noreturn]] void refuse(const ScratchFolder& folder, const std::string& what, int code) {
  throw SystemError(fmt::format("{}: cannot {}: {}; {}", folder.path, what, std::strerror(code), folder.cure));
}

/// A file without a name; where the file system has none such, it loses its name at once.
int open_nameless(const std::string& folder) {
  const int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string name = folder + "/mpinmf-XXXXXX";
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

/// What the handler of SIGBUS must know, which may not wait for anything: whether any file is mapped, and who
/// would have handled the signal.
std::atomic<int> mapped_files = 0;
struct sigaction handler_before {};

/// The system cannot say by an error that a page did not come in from the disk.
void on_bus_error(int, siginfo_t*, void*) {
  if (mapped_files > 0) {
    constexpr std::string_view text =
        "mpinmf: numbers that were put on disk could not be read or written there: the disk failed, or their file "
        "was cut short; take another folder (--scratch, or that of the output)\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
    _exit(static_cast<int>(ExitCode::system));
  }
  sigaction(SIGBUS, &handler_before, nullptr);  // it comes again at once
}

void watch_for_bus_errors() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, &handler_before);
  });
}

/// The beginning of the page.
std::size_t page_begin(std::size_t at) {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return at / page * page;
}

}  // namespace

ScratchFile::ScratchFile(const ScratchFolder& folder, std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  file_ = open_nameless(folder.path);
  if (file_ < 0) refuse(folder, "make a file for what is larger than memory", errno);
  const int code = posix_fallocate(file_, 0, static_cast<off_t>(bytes));
  if (code != 0) {
    close(file_);
    refuse(folder, fmt::format("set aside {} bytes", bytes), code);
  }
  void* const mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (mapped == MAP_FAILED) {
    const int error = errno;
    close(file_);
    refuse(folder, fmt::format("map {} bytes", bytes), error);
  }
  data_ = static_cast<std::byte*>(mapped);
  ++mapped_files;
  watch_for_bus_errors();
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)) {}

ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

ScratchFile::~ScratchFile() {
  if (data_ != nullptr) {
    munmap(data_, bytes_);
    --mapped_files;
  }
  if (file_ >= 0) close(file_);
}

// What the system makes of advice changes no result, so that its answers are not looked at.

void ScratchFile::let_go(std::size_t begin, std::size_t end) const {
  begin = page_begin(begin);
  end = std::min(end, bytes_);
  if (begin >= end) return;
  madvise(data_ + begin, end - begin, MADV_DONTNEED);
  sync_file_range(file_, static_cast<off_t>(begin), static_cast<off_t>(end - begin), SYNC_FILE_RANGE_WRITE);
}

void ScratchFile::move_window(std::size_t begin, std::size_t end) const {
  end = std::min(end, bytes_);
  for (std::size_t at = (begin + chunk - 1) / chunk * chunk; at < end; at += chunk) {
    const std::size_t ahead = at + chunks_ahead * chunk;
    if (ahead < bytes_) madvise(data_ + ahead, std::min(chunk, bytes_ - ahead), MADV_WILLNEED);
    if (at < (chunks_kept + 1) * chunk) continue;
    madvise(data_ + (at - (chunks_kept + 1) * chunk), chunk, MADV_DONTNEED);
  }
}

double free_bytes_of_disk(const std::string& folder) {
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0) {
    throw SystemError(fmt::format("{}: {}; {}", folder, std::strerror(errno), other_folder));
  }
  return static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
}

bool lies_in_memory(const std::string& folder) {
  struct statfs system {};
  return statfs(folder.c_str(), &system) == 0 && system.f_type == TMPFS_MAGIC;
}

ScratchFolder scratch_folder(const std::string& asked) {
  if (!asked.empty()) return {asked, other_folder};
  const char* const of_host = std::getenv("TMPDIR");
  return {of_host == nullptr || *of_host == '\0' ? "/var/tmp" : of_host, other_folder};
}

}  // namespace mpinmf::machine
