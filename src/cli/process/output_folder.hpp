// Results that appear under their final names only when all of them are complete.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mpinmf/comm.hpp"

namespace mpinmf::cli {

/// A folder for results. Every member but the destructor is collective. While it lives, a lock file keeps other
/// runs out of the folder.
class OutputFolder {
 public:
  /// What a command leaves in the folder.
  struct Results {
    std::vector<std::string> names;  ///< all it may write; older ones that it does not replace are removed
    bool force = false;              ///< replace what is there
    bool resumes = false;            ///< what is there is this run's own: none is in the way, none is removed
    double bytes = 0;                ///< about how much it will write
    bool all_fits = false;           ///< a fit's: instead of `names`, all that fits leave, also in folders below
  };

  /// Makes the folder where it is missing and tries whether it can be written. Throws UsageError when it holds
  /// results already and `force` is not given, or another run writes into it; SystemError when it cannot be
  /// written or its disk has too little space.
  OutputFolder(const Comm& comm, std::string path, Results results);
  /// Removes what was not published, and the folder if it was made here and is empty.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Where to write the result `name` until it is published.
  std::string partial(const std::string& name);
  /// Removes older results of this command now: whatever comes into folders below from here on is this run's.
  void remove_older();
  /// Gives all results their names, the one asked for last after all others, and removes older results of this
  /// command that were not replaced.
  void publish();

 private:
  void open();
  void require_no_results() const;
  void make();
  void probe() const;
  void remove_leftovers() const;
  void make_place();
  void rename_all();
  void clean() noexcept;
  std::filesystem::path partial_path(const std::string& name) const;

  Comm comm_;
  std::string path_;
  Results results_;
  std::string run_;                               // "HOST-PID" of the root: in the names of partial files
  bool locked_ = false;                           // on the root
  bool is_cleared_ = false;                       // older results are gone
  std::vector<std::string> names_;                // asked for, not yet published
  std::vector<std::filesystem::path> made_here_;  // folders, outermost first
};

}  // namespace mpinmf::cli
