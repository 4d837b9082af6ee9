// The loops of rules that go over rows in rounds. One file a kernel in level/, which CMake finds and compiles for
// each vector level; a rule names the one it needs.
#pragma once

#include "simd.hpp"
#include "vector_kernels.hpp"

namespace mpinmf {

/// The kernel of this name, compiled for a level that this machine has.
template <class T, class Name>
RoundsKernel<T> rounds_kernel(VectorLevel level) {
#if defined(__x86_64__)
  if (level == VectorLevel::v4) return rounds_of<T>(RoundsFile<Name, v4::Level>());
  if (level == VectorLevel::v3) return rounds_of<T>(RoundsFile<Name, v3::Level>());
#endif
  (void)level;
  return rounds_of<T>(RoundsFile<Name, baseline::Level>());
}

}  // namespace mpinmf
