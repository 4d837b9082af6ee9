// Values of V in fewer bytes than they are computed with.
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "placed_array.hpp"

namespace mpinmf {

/// Numbers, each held as an unsigned integer of 8 or 16 bits or as a float of 32.
template <class T>
class NarrowValues {
 public:
  NarrowValues() = default;  ///< there are none
  /// So many zeros. @pre such a type is narrower than T
  NarrowValues(StorageType type, const std::optional<machine::ScratchFolder>& folder, Index count);

  T operator[](Index i) const;
  /// The i-th becomes `value`, rounded where floats are held. Returns whether it could: an integer can hold whole
  /// numbers up to its largest, a float all but too large ones, and NaN.
  bool set(Index i, T value);
  /// Writes those from `begin` on to `out`.
  void read(Index begin, Index count, T* out) const;
  /// See ScratchFile.
  void let_go(Index begin, Index end) const { bytes_.let_go(begin * width_, end * width_); }
  void move_window(Index begin, Index end) const { bytes_.move_window(begin * width_, end * width_); }

 private:
  StorageType type_ = StorageType::automatic;
  Index width_ = 0;  // bytes of a number
  PlacedArray<std::byte> bytes_;
};

/// Whether such values take fewer bytes than T.
template <class T>
constexpr bool is_narrow(StorageType type) {
  return value_bytes(type, sizeof(T)) < static_cast<Index>(sizeof(T));
}

extern template class NarrowValues<float>;
extern template class NarrowValues<double>;

}  // namespace mpinmf
