// Files that all ranks of a test see.
#pragma once

#include <filesystem>
#include <iterator>
#include <optional>
#include <string>

#include "files.hpp"
#include "mpi_support.hpp"

/// One empty folder for all ranks, which goes with the root's object.
class SharedFolder {
 public:
  SharedFolder() {
    if (world().is_root()) path_ = own_.emplace().path().string();
    world().broadcast(path_);
  }
  ~SharedFolder() { world().wait_for_all(); }
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// How many things lie in it.
  mpinmf::Index entries() const {
    return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
  }

 private:
  std::string path_;
  std::optional<TemporaryFolder> own_;
};
