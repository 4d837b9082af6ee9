#include "output_target.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "csr_folder.hpp"
#include "file.hpp"
#include "mpinmf/error.hpp"
#include "unfinished.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;

/// Whether a folder holds the files of a CSR folder and nothing else.
bool is_csr_folder(const std::string& path) {
  return std::all_of(fs::directory_iterator(path), fs::directory_iterator(), [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return std::find(std::begin(csr_files), std::end(csr_files), name) != std::end(csr_files);
  });
}

/// With --force a matrix replaces one of its own kind, and nothing that might be someone's work.
void require_replaceable(const std::string& path, bool is_folder, bool overwrite) {
  if (!overwrite) throw UsageError(path + ": exists already; give --force to replace it, or another name");
  const bool same_kind = is_folder ? fs::is_directory(path) && is_csr_folder(path) : !fs::is_directory(path);
  if (!same_kind) {
    throw UsageError(path + (is_folder
                                 ? ": is something else than a CSR folder and is not replaced; choose another name"
                                 : ": is a folder and is not replaced by a file; choose another name"));
  }
}

void remove_folder(const std::string& folder) {
  std::error_code ignored;
  for (const char* file : csr_files) fs::remove(folder + "/" + file, ignored);
  fs::remove(folder, ignored);
}

}  // namespace

OutputTarget OutputTarget::prepare(const std::string& path, bool is_folder, bool overwrite) {
  OutputTarget target{path, {}, is_folder};
  while (is_folder && target.path.size() > 1 && target.path.back() == '/') target.path.pop_back();
  target.working_path = partial_name(target.path);
  const fs::file_status status = fs::status(target.path);
  if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status)) {
    if (is_folder)
      throw SystemError(path + ": is not a folder, and a sparse matrix is written as one; name a folder");
    if (fs::is_fifo(status) || fs::is_socket(status)) {
      throw SystemError(path + ": cannot write it: ranks cannot write into one pipe; name a file");
    }
    target.working_path = target.path;  // a device must not be replaced by a file
    return target;
  }
  if (fs::exists(status)) require_replaceable(target.path, is_folder, overwrite);
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
  const bool replaces = is_folder && fs::exists(path);  // a rename replaces files, but no full folder
  if (replaces) fs::rename(path, old, error);
  if (!error) fs::rename(working_path, path, error);
  if (error) throw file_error(path, "write it", error.value());
  forget();
  if (replaces) remove_folder(old);
}

void OutputTarget::discard() const noexcept {
  if (is_device()) return;
  std::error_code ignored;
  if (is_folder) {
    remove_folder(working_path);
  } else {
    fs::remove(working_path, ignored);
  }
  try {
    forget();
  } catch (const std::exception&) {  // it stays remembered, though it is gone
  }
}

void OutputTarget::remember() const {
  if (is_folder) {
    remember_unfinished_csr(working_path);
  } else {
    remember_unfinished(working_path, false);
  }
}

void OutputTarget::forget() const {
  if (is_folder) {
    forget_unfinished_csr(working_path);
  } else {
    forget_unfinished(working_path);
  }
}

void OutputTarget::broadcast(const Comm& comm) {
  comm.broadcast(path);
  comm.broadcast(working_path);
  comm.broadcast_value(is_folder);
}

}  // namespace mpinmf::io
