#include "output_folder.hpp"

#include <fmt/core.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "cli/fit/results.hpp"
#include "io/unfinished.hpp"
#include "report/memory.hpp"
#include "report/text_file.hpp"
#include "run_lock.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

/// Pictures can be drawn again.
bool is_work(const fs::path& result) {
  return result.extension() != ".svg" && result.extension() != ".png";
}

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

OutputFolder::OutputFolder(const Comm& comm, std::string path, Results results)
    : comm_(comm), path_(std::move(path)), results_(std::move(results)) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  try {
    comm_.meet_on_root([&] { open(); });
  } catch (...) {
    clean();
    throw;
  }
  comm_.broadcast(run_);
}

OutputFolder::~OutputFolder() {
  clean();
}

void OutputFolder::open() {
  run_ = fmt::format("{}-{}", host_name(), ::getpid());
  require_no_results();
  make();
  take_lock(path_);
  locked_ = true;
  remove_leftovers();
  require_no_results();  // the run that held the lock before may have left some
  probe();
  require_space(path_, results_.bytes);
}

void OutputFolder::require_no_results() const {
  if (results_.force || results_.resumes) return;
  std::vector<fs::path> found = results_in(path_);
  for (const std::string& name : results_.names) {
    std::error_code ignored;
    if (fs::exists(fs::path(path_) / name, ignored)) found.push_back(fs::path(path_) / name);
  }
  const auto work = std::find_if(found.begin(), found.end(), is_work);
  if (work == found.end()) return;
  throw UsageError(fmt::format("{} holds results already ({}): give another --output, or --force to replace them",
                               path_, work->lexically_relative(path_).string()));
}

void OutputFolder::make() {
  made_here_ = missing_folders(path_);
  for (const fs::path& folder : made_here_) remember_unfinished(folder.string(), true);
  std::error_code error;
  fs::create_directories(path_, error);
  if (!error && !fs::is_directory(path_)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) throw SystemError(fmt::format("cannot make the folder {}: {}", path_, error.message()));
}

namespace {

/// Whether a file was to become one of these.
bool is_unfinished(const std::string& name, const std::vector<std::string>& known) {
  return std::any_of(known.begin(), known.end(), [&](const std::string& result) {
    return name.starts_with(result + ".partial-") || name.starts_with(result + ".gnuplot-");
  });
}

}  // namespace

/// What runs that were killed have left half-written. Nobody else writes here while the lock is held.
void OutputFolder::remove_leftovers() const {
  std::vector<std::string> known(results_.names);
  known.insert(known.end(), fit_result_names.begin(), fit_result_names.end());
  known.insert(known.end(), summary_names.begin(), summary_names.end());
  known.insert(known.end(), survey_names.begin(), survey_names.end());
  known.insert(known.end(), topic_result_names.begin(), topic_result_names.end());
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (is_unfinished(name, known)) found.push_back(entry->path());
    const std::size_t end_of_name = name.find(".partial");
    if (end_of_name != std::string::npos) {
      const std::string result = name.substr(0, end_of_name);
      if (is_cnmf_file(path_, result) || is_cross_validation_of_group(result)) found.push_back(entry->path());
    }
    std::error_code ignored;
    if (!is_of_several(entry->path()) || !entry->is_directory(ignored)) continue;
    for (fs::directory_iterator below(entry->path(), ignored), last; !ignored && below != last;
         below.increment(ignored)) {
      if (is_unfinished(below->path().filename().string(), {clustering_names.begin(), clustering_names.end()}))
        found.push_back(below->path());
    }
  }
  for (const fs::path& path : found) fs::remove(path, error);
}

void OutputFolder::probe() const {
  const std::string path = partial_path("probe").string();
  std::error_code ignored;
  remember_unfinished(path, false);
  try {
    report::write_text_file(path, "mpinmf\n");
  } catch (...) {
    fs::remove(path, ignored);
    forget_unfinished(path);
    throw;
  }
  fs::remove(path, ignored);
  forget_unfinished(path);
}

void OutputFolder::clean() noexcept {
  if (!comm_.is_root()) return;
  std::error_code ignored;
  for (const std::string& name : names_) {
    fs::remove(partial_path(name), ignored);
    forget_unfinished(partial_path(name).string());
  }
  if (locked_) release_lock(path_);
  // not empty after a success, and then left alone
  for (auto folder = made_here_.rbegin(); folder != made_here_.rend(); ++folder) {
    fs::remove(*folder, ignored);
    forget_unfinished(folder->string());
  }
}

fs::path OutputFolder::partial_path(const std::string& name) const {
  return fs::path(path_) / fmt::format("{}.partial-{}", name, run_);
}

std::string OutputFolder::partial(const std::string& name) {
  names_.push_back(name);
  if (comm_.is_root()) remember_unfinished(partial_path(name).string(), false);
  return partial_path(name).string();
}

void OutputFolder::remove_older() {
  comm_.meet_on_root([&] { make_place(); });
  is_cleared_ = true;
}

void OutputFolder::make_place() {
  require_no_results();
  const fs::path folder(path_);
  std::error_code ignored;
  const auto is_ours = [&](const char* name) {
    return std::find(results_.names.begin(), results_.names.end(), name) != results_.names.end();
  };
  // this goes first and comes last: where it is, all is complete
  if (results_.all_fits || is_ours("run.json")) fs::remove(folder / "run.json", ignored);
  if (results_.all_fits) return remove_results_in(folder, names_);
  for (const std::string& name : results_.names) {
    const bool replaced = std::find(names_.begin(), names_.end(), name) != names_.end();
    if (!replaced) fs::remove(folder / name, ignored);
  }
}

void OutputFolder::publish() {
  comm_.meet_on_root([&] { rename_all(); });
  names_.clear();
}

void OutputFolder::rename_all() {
  if (!holds_lock(path_)) {
    throw SystemError(fmt::format("{} is gone or another run's, so the results are not put in place: start again",
                                  lock_path(path_)));
  }
  if (!is_cleared_ && !results_.resumes) make_place();
  const fs::path folder(path_);
  std::error_code error;
  for (const std::string& name : names_) {
    fs::rename(partial_path(name), folder / name, error);
    if (error)
      throw SystemError(fmt::format("cannot rename {}: {}", partial_path(name).string(), error.message()));
    forget_unfinished(partial_path(name).string());
  }
}

}  // namespace mpinmf::cli
