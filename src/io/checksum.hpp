// XXH3 (Collet), 64 bits: finds torn and flipped bits, not forgery.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io {

/// Of bytes that come in pieces.
class Checksum {
 public:
  Checksum();
  ~Checksum();
  Checksum(const Checksum&) = delete;
  Checksum& operator=(const Checksum&) = delete;

  void add(std::span<const std::byte> bytes);
  std::uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed = 0);
/// Of a file as it lies on disk. Throws SystemError.
std::uint64_t checksum_of_file(const std::string& path);
/// Of a file's size and of 16 pieces of 4 KiB, spread evenly over it, which is quick and misses what differs
/// elsewhere; of a folder the names in it, and likewise its first 16 files by name. 0 where nothing lies there, or
/// something else. Throws SystemError.
std::uint64_t checksum_of_sample(const std::string& path);
/// 16 hexadecimal digits.
std::string checksum_text(std::uint64_t value);

/// Of all stored entries with their places, the same for any number of ranks. Sparse and dense storage of the same
/// numbers differ. Collective.
template <class T>
std::uint64_t checksum(const DataMatrix<T>& v);

}  // namespace mpinmf::io
