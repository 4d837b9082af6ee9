// Results that appear under their final names only when all of them are complete.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mpinmf/comm.hpp"

namespace mpinmf::cli {

/// A folder for results. Every member but the destructor is collective.
class OutputFolder {
 public:
  /// Makes the folder where it is missing and tries whether it can be written. Throws UsageError when it holds
  /// results already and `force` is not given, SystemError when it cannot be written or its disk has less than
  /// `bytes` left.
  OutputFolder(const Comm& comm, std::string path, bool force, double bytes);
  /// Removes what was not published, and the folder if it was made here and is empty.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Where to write the result `name` until it is published.
  std::string partial(const std::string& name);
  /// Gives all results their names, the one asked for last after all others, and removes older results that were
  /// not replaced.
  void publish();

 private:
  void open(bool force, double bytes);
  void rename_all();

  Comm comm_;
  std::string path_;
  std::vector<std::string> names_;                // asked for, not yet published
  std::vector<std::filesystem::path> made_here_;  // folders, outermost first
};

}  // namespace mpinmf::cli
