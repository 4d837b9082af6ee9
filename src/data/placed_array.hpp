// Numbers of our own, in memory or in a file of a scratch folder, for V that is larger than memory. Such a file is
// mapped, so that all who read numbers in memory read them there.
#pragma once

#include <optional>
#include <span>

#include "machine/scratch_file.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf {

template <class U>
class PlacedArray {
 public:
  PlacedArray() = default;
  /// So many zeros; no folder: in memory.
  PlacedArray(const std::optional<machine::ScratchFolder>& folder, Index count) {
    if (folder) {
      file_ = machine::ScratchFile(*folder, static_cast<std::size_t>(count) * sizeof(U));
    } else {
      memory_ = Matrix<U>(1, count);
    }
  }

  U* data() const { return file_.data() != nullptr ? reinterpret_cast<U*>(file_.data()) : memory_.data(); }
  U& operator[](Index i) const { return data()[i]; }
  std::span<U> all() const {
    return {data(), file_.bytes() > 0 ? file_.bytes() / sizeof(U) : static_cast<std::size_t>(memory_.columns())};
  }
  /// See ScratchFile. Nothing happens in memory.
  void let_go(Index begin, Index end) const { file_.let_go(place(begin), place(end)); }
  void move_window(Index begin, Index end) const { file_.move_window(place(begin), place(end)); }

 private:
  static std::size_t place(Index i) { return static_cast<std::size_t>(i) * sizeof(U); }

  machine::ScratchFile file_;
  mutable Matrix<U> memory_;
};

}  // namespace mpinmf
