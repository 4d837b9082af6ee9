#include "names.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "checkpoint.hpp"
#include "io/file.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "checkpoint-", unfinished = ".partial-";

/// The number in the name of a checkpoint's folder, complete or not; -1: it is none.
Index number_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with(prefix)) return -1;
  Index number = -1;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + prefix.size(), end, number);
  const std::string_view after(rest, static_cast<std::size_t>(end - rest));
  return error == std::errc() && (after.empty() || after.starts_with(unfinished)) ? number : -1;
}

bool is_complete(const fs::path& folder) {
  return number_of(folder) >= 0 && folder.filename().string().find(unfinished) == std::string::npos;
}

/// All that is a checkpoint in a folder, or was to become one, the newest first.
std::vector<fs::path> all_in(const std::string& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (number_of(entry.path()) >= 0) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(),
            [](const fs::path& a, const fs::path& b) { return number_of(a) > number_of(b); });
  return found;
}

/// A name in a folder is on disk only when the folder is.
void sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) throw file_error(path, "open it", errno);
  // some file systems cannot, and say EINVAL
  const int error = ::fsync(folder) != 0 && errno != EINVAL ? errno : 0;
  ::close(folder);
  if (error != 0) throw file_error(path, "write it", error);
}

}  // namespace

std::vector<std::string> checkpoints_in(const std::string& folder) {
  std::vector<std::string> complete;
  for (const fs::path& path : all_in(folder)) {
    if (is_complete(path)) complete.push_back(path.string());
  }
  return complete;
}

std::string next_checkpoint(const std::string& folder) {
  const std::vector<fs::path> there = all_in(folder);
  return fmt::format("{}/{}{}", folder, prefix, there.empty() ? 1 : number_of(there.front()) + 1);
}

std::string unfinished_name(const std::string& checkpoint) {
  return fmt::format("{}{}{}-{}", checkpoint, unfinished, host_name(), ::getpid());
}

void publish_checkpoint(const std::string& unfinished_one, const std::string& checkpoint) {
  sync_folder(unfinished_one);
  std::error_code error;
  fs::rename(unfinished_one, checkpoint, error);
  if (error)
    throw SystemError(fmt::format("cannot rename {} to {}: {}", unfinished_one, checkpoint, error.message()));
  sync_folder(fs::path(checkpoint).parent_path().string());
}

void remove_checkpoint(const std::string& checkpoint) {
  std::error_code ignored;
  const std::string leaving = unfinished_name(checkpoint);
  fs::rename(checkpoint, leaving, ignored);
  fs::remove_all(leaving, ignored);
}

void remove_unfinished_checkpoints(const std::string& folder) {
  std::error_code ignored;
  for (const fs::path& path : all_in(folder)) {
    if (!is_complete(path)) fs::remove_all(path, ignored);
  }
}

void remove_checkpoints(const std::string& folder) noexcept {
  try {
    for (const std::string& path : checkpoints_in(folder)) remove_checkpoint(path);
    remove_unfinished_checkpoints(folder);
  } catch (const std::exception&) {  // no memory: they stay
  }
}

}  // namespace mpinmf::io
