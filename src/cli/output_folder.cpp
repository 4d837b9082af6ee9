#include "output_folder.hpp"

#include <fmt/core.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "report/memory.hpp"
#include "report/text_file.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* results[] = {"run.json", "W.npy", "H.npy", "trace.csv"};
constexpr const char* pictures[] = {"cost.svg", "cost.png"};

/// The folders of `path` that do not exist, outermost first.
std::vector<fs::path> missing_folders(fs::path path) {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (; !path.empty() && !fs::exists(path, ignored); path = path.parent_path()) missing.push_back(path);
  std::reverse(missing.begin(), missing.end());
  return missing;
}

void require_space(const std::string& path, double bytes) {
  struct statvfs disk = {};
  // some network file systems do not say
  if (::statvfs(path.c_str(), &disk) != 0 || disk.f_blocks == 0) return;
  const double left = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
  if (bytes > left) {
    throw SystemError(fmt::format("no space left for the results: {} has {}, they need {}", path,
                                  report::bytes_text(left), report::bytes_text(bytes)));
  }
}

}  // namespace

OutputFolder::OutputFolder(const Comm& comm, std::string path, bool force, double bytes)
    : comm_(comm), path_(std::move(path)) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  try {
    comm_.meet_on_root([&] { open(force, bytes); });
  } catch (...) {
    for (auto folder = made_here_.rbegin(); folder != made_here_.rend(); ++folder) {
      std::error_code ignored;
      fs::remove(*folder, ignored);
    }
    throw;
  }
}

void OutputFolder::open(bool force, double bytes) {
  for (const char* name : results) {
    std::error_code ignored;
    if (!force && fs::exists(fs::path(path_) / name, ignored)) {
      throw UsageError(fmt::format(
          "{} holds results already ({}): give another --output, or --force to replace them", path_, name));
    }
  }
  made_here_ = missing_folders(path_);
  std::error_code error;
  fs::create_directories(path_, error);
  if (!error && !fs::is_directory(path_)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) throw SystemError(fmt::format("cannot make the folder {}: {}", path_, error.message()));
  const std::string probe = (fs::path(path_) / "probe.partial").string();
  try {
    report::write_text_file(probe, "mpinmf\n");
  } catch (...) {
    fs::remove(probe, error);
    throw;
  }
  fs::remove(probe, error);
  require_space(path_, bytes);
}

OutputFolder::~OutputFolder() {
  if (!comm_.is_root()) return;
  std::error_code ignored;
  for (const std::string& name : names_) fs::remove(fs::path(path_) / (name + ".partial"), ignored);
  // not empty after a success, and then left alone
  for (auto folder = made_here_.rbegin(); folder != made_here_.rend(); ++folder) fs::remove(*folder, ignored);
}

std::string OutputFolder::partial(const std::string& name) {
  names_.push_back(name);
  return (fs::path(path_) / (name + ".partial")).string();
}

void OutputFolder::publish() {
  comm_.meet_on_root([&] { rename_all(); });
  names_.clear();
}

void OutputFolder::rename_all() {
  const fs::path folder(path_);
  // run.json goes first and comes last: where it is, all is complete
  std::error_code error;
  for (const char* name : results) {
    const bool replaced = std::find(names_.begin(), names_.end(), name) != names_.end();
    if (!replaced || std::string(name) == "run.json") fs::remove(folder / name, error);
  }
  for (const char* name : pictures) fs::remove(folder / name, error);
  for (const std::string& name : names_) {
    fs::rename(folder / (name + ".partial"), folder / name, error);
    if (error) throw SystemError(fmt::format("cannot rename {}.partial in {}: {}", name, path_, error.message()));
  }
}

}  // namespace mpinmf::cli
