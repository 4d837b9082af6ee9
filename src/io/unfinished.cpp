#include "unfinished.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <system_error>

namespace mpinmf {
namespace {

/// A handler may neither allocate nor lock, so the paths lie in a fixed place.
constexpr std::size_t most_paths = 32, longest_path = 4096;

enum Kind : std::sig_atomic_t { nothing, file, folder, folder_with_files };
struct Slot {
  volatile std::sig_atomic_t kind = nothing;  // set last and cleared first
  std::array<char, longest_path> path = {};
};
std::array<Slot, most_paths> slots;
std::mutex writers;

/// The handler may run in another folder than the one that the path was relative to.
std::string absolute(const std::string& path) {
  std::error_code error;
  const std::string whole = std::filesystem::absolute(path, error).string();
  return error ? path : whole;
}

/// Removes the files that the operating system lists; true if there were any.
bool remove_files(int descriptor) {
  alignas(dirent64) static std::array<char, std::size_t{1} << 15> list;
  bool any = false;
  ::lseek(descriptor, 0, SEEK_SET);
  for (ssize_t bytes = 0; (bytes = ::getdents64(descriptor, list.data(), list.size())) > 0;) {
    for (ssize_t at = 0; at < bytes;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(list.data() + at);
      any = ::unlinkat(descriptor, entry->d_name, 0) == 0 || any;
      at += entry->d_reclen;
    }
  }
  return any;
}

/// Also what is added meanwhile, and what a list leaves out because others were removed.
void remove_with_files(const char* path) {
  const int descriptor = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  while (remove_files(descriptor)) {
  }
  ::close(descriptor);
  ::rmdir(path);
}

void remember(const std::string& path, Kind kind) {
  const std::string whole = absolute(path);
  if (whole.size() >= longest_path) return;
  const std::lock_guard<std::mutex> guard(writers);
  for (Slot& slot : slots) {
    if (slot.kind != nothing) continue;
    std::memcpy(slot.path.data(), whole.c_str(), whole.size() + 1);
    slot.kind = kind;
    return;
  }
}

}  // namespace

void end_by_signal(int signal) {
  for (Slot& slot : slots) {
    if (slot.kind == file) ::unlink(slot.path.data());
    if (slot.kind == folder_with_files) remove_with_files(slot.path.data());
  }
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
    if (slot->kind == folder) ::rmdir(slot->path.data());
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void remember_unfinished(const std::string& path, bool is_folder) {
  remember(path, is_folder ? folder : file);
}

void remember_unfinished_with_files(const std::string& path) {
  remember(path, folder_with_files);
}

void forget_unfinished(const std::string& path) {
  const std::string whole = absolute(path);
  const std::lock_guard<std::mutex> guard(writers);
  for (Slot& slot : slots) {
    if (slot.kind != nothing && whole == slot.path.data()) slot.kind = nothing;
  }
}

void remove_unfinished_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    // nohup has SIGHUP ignored
    if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler != SIG_DFL) continue;
    struct sigaction ours = {};
    ours.sa_handler = end_by_signal;
    ::sigaction(signal, &ours, nullptr);
  }
}

}  // namespace mpinmf
