#include "unfinished.hpp"

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

enum Kind : std::sig_atomic_t { nothing, file, folder };
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

}  // namespace

void end_by_signal(int signal) {
  for (Slot& slot : slots) {
    if (slot.kind == file) ::unlink(slot.path.data());
  }
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
    if (slot->kind == folder) ::rmdir(slot->path.data());
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void remember_unfinished(const std::string& path, bool is_folder) {
  const std::string whole = absolute(path);
  if (whole.size() >= longest_path) return;
  const std::lock_guard<std::mutex> guard(writers);
  for (Slot& slot : slots) {
    if (slot.kind != nothing) continue;
    std::memcpy(slot.path.data(), whole.c_str(), whole.size() + 1);
    slot.kind = is_folder ? folder : file;
    return;
  }
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
