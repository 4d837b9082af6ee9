// Bytes that a second thread makes, some blocks ahead of the one that uses them.
#pragma once

#include <array>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace mpinmf::io {

/// Up to `limit` bytes; 0 at the end. May throw.
using FillBytes = std::function<std::size_t(char* out, std::size_t limit)>;

/// The thread ends with the object, at the end of the bytes, or with the first exception of `fill`, which `read`
/// then throws behind the bytes before it.
class ReadAhead {
 public:
  /// `fill` is called by the thread alone from now on. Throws std::system_error where no thread can be had.
  explicit ReadAhead(FillBytes fill);

  /// At least one byte where there is one.
  std::size_t read(char* out, std::size_t limit);

 private:
  static constexpr std::size_t block_bytes = std::size_t{1} << 17;
  struct Block {
    std::vector<char> bytes;
    std::size_t count = 0;  // 0: behind the last
    std::exception_ptr fault;
  };

  void make_blocks(const std::stop_token& stop);
  Block& block(std::size_t number) { return ring_[number % ring_.size()]; }

  FillBytes fill_;
  std::array<Block, 8> ring_;
  std::mutex mutex_;  // of the two counts
  std::condition_variable_any changed_;
  std::size_t made_ = 0, used_ = 0;  // blocks
  std::size_t at_ = 0;               // bytes of the block in use
  std::jthread thread_;              // last, so that it ends before what it works on
};

}  // namespace mpinmf::io
