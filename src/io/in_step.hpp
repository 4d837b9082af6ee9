// What readers of several arrays in step share.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "npy_file.hpp"
#include "source.hpp"

namespace mpinmf::io {

inline constexpr std::size_t step_size = std::size_t{1} << 16;  ///< elements or entries at once

/// The elements of an array, one after the other.
template <class Out>
class Numbers {
 public:
  explicit Numbers(NpyReader reader) : reader_(std::move(reader)), left_(reader_.header().elements()) {}

  Out next() {
    if (at_ == buffer_.size()) refill();
    return buffer_[at_++];
  }
  void skip(Index count) {
    reader_.skip(count);
    left_ -= count;
  }
  void finish() { reader_.finish(); }

 private:
  void refill() {
    // Where none is left although one is wanted, the file has changed since it was opened, and reading one says
    // so.
    buffer_.resize(static_cast<std::size_t>(std::clamp<Index>(left_, 1, step_size)));
    reader_.read(std::span(buffer_));
    left_ -= static_cast<Index>(buffer_.size());
    at_ = 0;
  }

  NpyReader reader_;
  Index left_;
  std::vector<Out> buffer_;
  std::size_t at_ = 0;
};

/// What reading `arrays` arrays in step holds.
inline constexpr double bytes_in_step(int arrays) {
  constexpr double packed = 1 << 18;  // zlib's window and what it reads
  return step_size * (2.0 * sizeof(double) * arrays + sizeof(Entry)) + arrays * packed;
}

}  // namespace mpinmf::io
