// Numbers that are held in fewer bytes than those that are computed with.
#pragma once

#include <cstdint>

#include "kernels/vector_kernels.hpp"

namespace mpinmf::MPINMF_LEVEL {

template <class T, class Held>
void widen(const Held* held, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<T>(held[i]);
}

}  // namespace mpinmf::MPINMF_LEVEL
