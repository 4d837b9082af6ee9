#include "narrow_values.hpp"

#include <limits>

#include "kernels/vector_kernels.hpp"

namespace mpinmf {
namespace {

template <class Held, class Bytes>
Held* numbers(Bytes& bytes) {
  return reinterpret_cast<Held*>(bytes.data());
}

template <class Held, class T>
bool hold(Held& held, T value) {
  if (!std::numeric_limits<Held>::is_integer && value != value) {
    held = std::numeric_limits<Held>::quiet_NaN();  // not known
    return true;
  }
  if (!(value >= 0 && value <= static_cast<T>(std::numeric_limits<Held>::max()))) return false;
  held = static_cast<Held>(value);
  return !std::numeric_limits<Held>::is_integer || static_cast<T>(held) == value;
}

}  // namespace

template <class T>
NarrowValues<T>::NarrowValues(StorageType type, const std::optional<machine::ScratchFolder>& folder, Index count)
    : type_(type), width_(value_bytes(type, sizeof(T))), bytes_(folder, count * width_) {}

template <class T>
T NarrowValues<T>::operator[](Index i) const {
  switch (type_) {
    case StorageType::uint8: return static_cast<T>(numbers<std::uint8_t>(bytes_)[i]);
    case StorageType::uint16: return static_cast<T>(numbers<std::uint16_t>(bytes_)[i]);
    default: return static_cast<T>(numbers<float>(bytes_)[i]);
  }
}

template <class T>
bool NarrowValues<T>::set(Index i, T value) {
  switch (type_) {
    case StorageType::uint8: return hold(numbers<std::uint8_t>(bytes_)[i], value);
    case StorageType::uint16: return hold(numbers<std::uint16_t>(bytes_)[i], value);
    default: return hold(numbers<float>(bytes_)[i], value);
  }
}

template <class T>
void NarrowValues<T>::read(Index begin, Index count, T* out) const {
  const VectorKernels<T>& kernels = vector_kernels<T>();
  switch (type_) {
    case StorageType::uint8: return kernels.widen_bytes(numbers<std::uint8_t>(bytes_) + begin, count, out);
    case StorageType::uint16: return kernels.widen_words(numbers<std::uint16_t>(bytes_) + begin, count, out);
    default: return kernels.widen_floats(numbers<float>(bytes_) + begin, count, out);
  }
}

template class NarrowValues<float>;
template class NarrowValues<double>;

}  // namespace mpinmf
