// Memory on disk: for what may be larger than memory and is written in any order.
#pragma once

#include <string>

#include "io/file.hpp"

namespace mpinmf::io {

/// Bytes, all 0 at first, in a file that has no name, so that it vanishes with the process, whatever ends it.
class ScratchBytes {
 public:
  /// In the folder of `beside`, which stands for it in messages. All of its blocks are on the disk from now on, so
  /// that a full disk is an error here and no signal later. Throws SystemError.
  ScratchBytes(const std::string& beside, Index bytes);
  ~ScratchBytes();
  ScratchBytes(const ScratchBytes&) = delete;
  ScratchBytes& operator=(const ScratchBytes&) = delete;

  void* data() { return data_; }

 private:
  Index bytes_;
  void* data_ = nullptr;
};

/// An array there.
template <class T>
class Scratch {
 public:
  Scratch(const std::string& beside, Index elements)
      : bytes_(beside, elements * static_cast<Index>(sizeof(T))), data_(static_cast<T*>(bytes_.data())) {}

  T* data() { return data_; }
  T& operator[](Index i) { return data_[i]; }

 private:
  ScratchBytes bytes_;
  T* data_;
};

}  // namespace mpinmf::io
