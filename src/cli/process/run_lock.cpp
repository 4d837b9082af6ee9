#include "run_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "io/unfinished.hpp"
#include "mpinmf/comm.hpp"
#include "report/text_file.hpp"

namespace mpinmf::cli {
namespace {

/// A launcher may leave before the ranks that it ends: 1 s in all is waited for these.
constexpr int most_tries = 11;
constexpr std::chrono::milliseconds between_tries{100};

/// Of the Slurm job, or nothing.
std::string job() {
  const char* const id = std::getenv("SLURM_JOB_ID");
  return id == nullptr ? "" : id;
}

std::string own_text() {
  const std::string id = job();
  return fmt::format("{} {}{}{}\n", host_name(), ::getpid(), id.empty() ? "" : " ", id);
}

/// What the lock file says; empty when there is none, or its writer has not got to it.
std::string text_of(const std::string& path) {
  try {
    return report::read_text_file(path);
  } catch (const SystemError&) {
    return "";
  }
}

/// A process that has ended but that nobody has waited for yet still has its number.
bool is_alive(pid_t process) {
  if (::kill(process, 0) != 0 && errno == ESRCH) return false;
  std::ifstream in(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(in, text);
  const std::size_t end_of_name = text.rfind(')');
  return end_of_name == std::string::npos || end_of_name + 2 >= text.size() || text[end_of_name + 2] != 'Z';
}

/// Of a process elsewhere nothing can be known, unless it was in this job: Slurm starts a job again, perhaps on
/// other nodes, only when it has ended.
bool has_ended(const std::string& holder) {
  std::istringstream in(holder);
  std::string host, job_of_holder;
  pid_t process = 0;
  if (!(in >> host >> process) || process <= 0) return false;
  if (host == host_name()) return !is_alive(process);
  return in >> job_of_holder && job_of_holder == job();
}

/// False when the file exists.
bool create(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0 && errno == EEXIST) return false;
  int error = file < 0 ? errno : 0;
  const std::string text = own_text();
  if (error == 0 && ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) error = errno;
  if (file >= 0 && ::close(file) != 0 && error == 0) error = errno;
  if (error == 0) return true;
  if (file >= 0) ::unlink(path.c_str());
  throw SystemError(fmt::format("cannot create {}: {}", path, std::strerror(error)));
}

}  // namespace

std::string lock_path(const std::string& folder) {
  return (std::filesystem::path(folder) / ".mpinmf-running").string();
}

void take_lock(const std::string& folder) {
  const std::string path = lock_path(folder);
  std::string holder;
  for (int tries = 0; tries < most_tries; ++tries) {
    if (tries > 0) std::this_thread::sleep_for(between_tries);
    if (create(path)) return remember_unfinished(path, false);
    holder = text_of(path);
    if (!has_ended(holder)) continue;
    ::unlink(path.c_str());
    if (create(path)) return remember_unfinished(path, false);
  }
  if (!holder.empty() && holder.back() == '\n') holder.pop_back();
  throw UsageError(fmt::format(
      "another run writes into {} ({} says: {}): give another folder, or remove that file if it has ended", folder,
      path, holder.empty() ? "nothing yet" : "host and process " + holder));
}

std::string state_of_lock(const std::string& folder) {
  const std::string text = text_of(lock_path(folder));
  std::istringstream in(text);
  std::string host, job_of_holder;
  pid_t process = 0;
  if (!(in >> host >> process)) return "";
  in >> job_of_holder;
  const std::string who = fmt::format("process {} on {}{}", process, host,
                                      job_of_holder.empty() ? "" : ", Slurm job " + job_of_holder);
  if (has_ended(text)) return fmt::format("killed: {} has ended", who);
  if (host == host_name()) return fmt::format("running ({})", who);
  return fmt::format("running or killed: {} cannot be seen from here", who);
}

bool holds_lock(const std::string& folder) {
  return text_of(lock_path(folder)) == own_text();
}

void release_lock(const std::string& folder) noexcept {
  const std::string path = lock_path(folder);
  if (holds_lock(folder)) ::unlink(path.c_str());
  forget_unfinished(path);
}

}  // namespace mpinmf::cli
