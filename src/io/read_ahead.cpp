#include "read_ahead.hpp"

#include <algorithm>

namespace mpinmf::io {

ReadAhead::ReadAhead(FillBytes fill) : fill_(std::move(fill)) {
  for (Block& block : ring_) block.bytes.resize(block_bytes);
  thread_ = std::jthread([this](const std::stop_token& stop) { make_blocks(stop); });
}

void ReadAhead::make_blocks(const std::stop_token& stop) {
  for (bool is_last = false; !is_last;) {
    std::unique_lock lock(mutex_);
    // once all are full, not before half of them are used: else the two threads wake each other for every block
    const std::size_t most = made_ - used_ == ring_.size() ? ring_.size() / 2 : ring_.size() - 1;
    if (!changed_.wait(lock, stop, [this, most] { return made_ - used_ <= most; })) return;
    Block& next = block(made_);
    lock.unlock();
    try {
      next.count = fill_(next.bytes.data(), next.bytes.size());
    } catch (...) {
      next.count = 0;
      next.fault = std::current_exception();
    }
    is_last = next.count == 0;
    lock.lock();
    ++made_;
    lock.unlock();
    changed_.notify_one();
  }
}

std::size_t ReadAhead::read(char* out, std::size_t limit) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return made_ > used_; });
  }
  Block& in_use = block(used_);  // only this thread counts it up
  if (in_use.fault) std::rethrow_exception(in_use.fault);
  const std::size_t count = std::min(limit, in_use.count - at_);
  std::copy_n(in_use.bytes.data() + at_, count, out);
  at_ += count;
  if (count == 0 || at_ < in_use.count) return count;
  at_ = 0;
  {
    const std::lock_guard lock(mutex_);
    ++used_;
  }
  changed_.notify_one();
  return count;
}

}  // namespace mpinmf::io
