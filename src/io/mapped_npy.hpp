// A vector in a .npy file, in memory as far as the operating system has room.
#pragma once

#include <optional>
#include <string>

#include "file.hpp"

namespace mpinmf::io {

/// A new one-dimensional .npy whose elements can be written in any order. T is float, double, int32 or int64.
template <class T>
class MappedNpy {
 public:
  /// All of its blocks are on the disk from now on, so that a full disk is an error here and not a signal later.
  /// Elements are 0. Messages call it `name`. Throws SystemError.
  MappedNpy(const std::string& path, const std::string& name, Index elements);
  ~MappedNpy();
  MappedNpy(const MappedNpy&) = delete;
  MappedNpy& operator=(const MappedNpy&) = delete;

  T* data() { return data_; }
  /// Keeps the first `elements`, writes the header, syncs and closes. Throws SystemError.
  void finish(Index elements);

 private:
  void unmap();

  File file_;
  Index bytes_ = 0;
  void* mapping_ = nullptr;
  T* data_ = nullptr;
};

}  // namespace mpinmf::io
