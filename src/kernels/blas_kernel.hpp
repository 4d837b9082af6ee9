// Whether OpenBLAS took a kernel that suits the processor.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simd.hpp"

namespace mpinmf {

/// The vectors that a kernel of OpenBLAS works with, named as OpenBLAS does ("Haswell") in any case; nothing for a
/// name that is not known.
std::optional<VectorLevel> level_of_blas_kernel(std::string_view name);

/// The kernel of OpenBLAS that every processor of such a level can run, to be named in OPENBLAS_CORETYPE.
std::string_view blas_kernel_for(VectorLevel level);

/// A kernel of OpenBLAS made for lesser vectors than the processor has: OpenBLAS takes such a one where it does
/// not know the processor.
struct SlowBlas {
  std::string kernel;  ///< in use
  std::string better;  ///< to be set as OPENBLAS_CORETYPE; empty where the BLAS was built with one kernel only
};

/// Of the BLAS in use; nothing where its kernel is of that level or above, or not known.
std::optional<SlowBlas> slow_blas(VectorLevel level);

/// What is wrong, and the cure, in one sentence; the cure reads "set OPENBLAS_CORETYPE=Haswell".
std::string text_of(const SlowBlas& slow);

}  // namespace mpinmf
