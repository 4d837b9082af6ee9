// The file or folder that a writer makes: under a working name until it is complete.
#pragma once

#include <span>
#include <string>

#include "mpinmf/comm.hpp"

namespace mpinmf::io {

/// Members are called on the root alone unless said otherwise.
struct OutputTarget {
  std::string path, working_path;
  /// What may be in the folder that it is, as Writer::folder_files; the root alone knows.
  std::span<const char* const> folder_files = {};

  /// Decides where to write and makes the working folder, where there are `folder_files`. Throws UsageError when
  /// `path` exists and may not be replaced, SystemError when nothing can be written there.
  static OutputTarget prepare(const std::string& path, std::span<const char* const> folder_files, bool overwrite);
  /// Gives it its name.
  void complete() const;
  /// Removes what was written. Never throws.
  void discard() const noexcept;

  /// Whether an existing device is written into. Any rank.
  bool is_device() const { return path == working_path; }
  /// The root's decision on every rank. Collective.
  void broadcast(const Comm& comm);

 private:
  bool is_folder() const { return !folder_files.empty(); }
  void remove_folder(const std::string& folder) const;
  /// A signal removes what is remembered.
  void remember() const;
  void forget() const;
};

}  // namespace mpinmf::io
