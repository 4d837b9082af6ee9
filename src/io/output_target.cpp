#include "output_target.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#include "file.hpp"
#include "mpinmf/error.hpp"
#include "unfinished.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;

/// Whether a name is one of these, of which "*.ENDING" stands for all with this ending.
bool is_one_of(const std::string& name, std::span<const char* const> files) {
  return std::any_of(files.begin(), files.end(), [&](std::string_view file) {
    return file.starts_with('*') ? name.ends_with(file.substr(1)) : name == file;
  });
}

std::vector<std::string> names_in_folder(const std::string& path) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path, ignored))
    names.push_back(entry.path().filename().string());
  return names;
}

/// Whether a folder holds no other files than those that are named here in full: what fits "*.ENDING" might be
/// anyone's.
bool has_only(const std::string& path, std::span<const char* const> files) {
  const std::vector<std::string> names = names_in_folder(path);
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    std::error_code ignored;
    return std::find(files.begin(), files.end(), name) != files.end() &&
           fs::is_regular_file(fs::symlink_status(path + "/" + name, ignored));
  });
}

/// With --force a matrix replaces one of its own kind, and nothing that might be someone's work.
void require_replaceable(const std::string& path, std::span<const char* const> folder_files, bool overwrite) {
  if (!overwrite) throw UsageError(path + ": exists already; give --force to replace it, or another name");
  if (folder_files.empty()) {
    if (!fs::is_directory(path)) return;
    throw UsageError(path + ": is a folder and is not replaced by a file; choose another name");
  }
  if (fs::is_directory(path) && has_only(path, folder_files)) return;
  const bool has_patterns = std::any_of(folder_files.begin(), folder_files.end(),
                                        [](std::string_view file) { return file.starts_with('*'); });
  throw UsageError(path + (has_patterns && fs::is_directory(path)
                               ? ": holds files that might be anyone's, and is not replaced; remove it or choose "
                                 "another name"
                               : ": is something else than a folder of this format and is not replaced; choose "
                                 "another name"));
}

}  // namespace

OutputTarget OutputTarget::prepare(const std::string& path, std::span<const char* const> folder_files,
                                   bool overwrite) {
  OutputTarget target{path, {}, folder_files};
  const bool is_folder = target.is_folder();
  while (is_folder && target.path.size() > 1 && target.path.back() == '/') target.path.pop_back();
  const fs::file_status status = fs::status(target.path);
  if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status)) {
    if (is_folder) throw SystemError(path + ": is not a folder, and this format is written as one; name a folder");
    if (fs::is_fifo(status) || fs::is_socket(status)) {
      throw SystemError(path + ": cannot write it: ranks cannot write into one pipe; name a file");
    }
    target.working_path = target.path;  // a device must not be replaced by a file
    return target;
  }
  if (fs::exists(status)) {
    require_replaceable(target.path, folder_files, overwrite);
    if (fs::is_symlink(target.path)) target.path = fs::canonical(target.path).string();  // the link stays
  }
  target.working_path = partial_name(target.path);
  target.remember();
  std::error_code error;
  if (is_folder && !fs::create_directory(target.working_path, error)) {
    target.forget();
    throw file_error(target.path, "create the folder", error.value());
  }
  return target;
}

void OutputTarget::complete() const {
  if (is_device()) return;
  std::error_code error;
  const std::string old = partial_name(path);
  const bool replaces = is_folder() && fs::exists(path);  // a rename replaces files, but no full folder
  if (replaces) fs::rename(path, old, error);
  if (!error) fs::rename(working_path, path, error);
  if (error) throw file_error(path, "write it", error.value());
  forget();
  if (replaces) remove_folder(old);
}

void OutputTarget::discard() const noexcept {
  if (is_device()) return;
  std::error_code ignored;
  if (is_folder()) {
    remove_folder(working_path);
  } else {
    fs::remove(working_path, ignored);
  }
  try {
    forget();
  } catch (const std::exception&) {  // it stays remembered, though it is gone
  }
}

void OutputTarget::remove_folder(const std::string& folder) const {
  std::error_code ignored;
  for (const std::string& name : names_in_folder(folder)) {
    if (is_one_of(name, folder_files)) fs::remove(folder + "/" + name, ignored);
  }
  fs::remove(folder, ignored);
}

void OutputTarget::remember() const {
  is_folder() ? remember_unfinished_with_files(working_path) : remember_unfinished(working_path, false);
}

void OutputTarget::forget() const {
  forget_unfinished(working_path);
}

void OutputTarget::broadcast(const Comm& comm) {
  comm.broadcast(path);
  comm.broadcast(working_path);
}

}  // namespace mpinmf::io
