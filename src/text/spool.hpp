// Bytes that are written once and read once from front to back: in memory, and from a bound on in a file.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/file.hpp"

namespace mpinmf::text {

class Spool {
 public:
  /// From `most_bytes` on, what is held goes to a file without a name in `folder`, which is gone with the object,
  /// or with the process.
  Spool(std::string folder, Index most_bytes)
      : folder_(std::move(folder)), bound_(static_cast<std::size_t>(most_bytes)) {}

  /// Throws SystemError (disk full).
  void append(std::string_view bytes);
  /// In one to ten bytes, fewer for smaller ones.
  void append_number(std::uint64_t number) {
    if (room_ - used_ < longest_number) grow(longest_number);
    char* end = memory_.get() + used_;
    for (; number >= 0x80; number >>= 7) *end++ = static_cast<char>((number & 0x7f) | 0x80);
    *end++ = static_cast<char>(number);
    used_ = static_cast<std::size_t>(end - memory_.get());
    if (used_ >= bound_) flush();
  }
  /// In as many bytes as it has.
  template <class T>
  void append_value(const T& value) {
    if (room_ - used_ < sizeof value) grow(sizeof value);
    std::memcpy(memory_.get() + used_, &value, sizeof value);
    used_ += sizeof value;
    if (used_ >= bound_) flush();
  }
  Index size() const { return in_file_ + static_cast<Index>(used_); }
  bool has_file() const { return file_.has_value(); }

 private:
  friend class SpoolReader;
  static constexpr std::size_t longest_number = 10;
  /// Makes room for so many bytes more.
  void grow(std::size_t bytes);
  void flush();

  std::string folder_;
  std::size_t bound_;               // of what memory holds
  std::unique_ptr<char[]> memory_;  // what comes behind the file
  std::size_t room_ = 0, used_ = 0;
  std::optional<io::File> file_;
  Index in_file_ = 0;
};

/// @pre nothing is appended to the spool while it is read
class SpoolReader {
 public:
  explicit SpoolReader(const Spool& spool) : spool_(spool) {}

  bool at_end() { return rest_.empty() && !refill(); }
  /// The next number. @pre not at the end. Throws SystemError.
  std::uint64_t number() {
    if (rest_.size() < Spool::longest_number) refill();
    std::uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      number |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return number;
    }
  }
  /// The next value. @pre as for number()
  template <class T>
  T value() {
    T value;
    if (rest_.size() < sizeof value) refill();
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  /// Fills `bytes`. @pre so many are left. Throws SystemError.
  void read(std::span<std::byte> bytes);
  /// All that was read ahead, or the next piece; empty at the end. Good until the next call.
  std::string_view piece();

 private:
  /// Puts more behind what is left. Returns whether there is anything.
  bool refill();

  const Spool& spool_;
  Index next_ = 0;  // byte of the spool
  std::string buffer_;
  std::string_view rest_;
};

}  // namespace mpinmf::text
