// Which vector instructions the kernels use: the best that this machine has, or what MPINMF_SIMD says.
#pragma once

#include <string>

namespace mpinmf {

/// What the loops of a sweep are compiled for: whatever the compiler was told (SSE2 on x86-64, NEON on aarch64);
/// v3, AVX2 and FMA; v4, AVX-512 (F, VL, BW, DQ). The latter two exist on x86-64 only.
enum class VectorLevel { baseline, v3, v4 };

/// Chosen once per process: MPINMF_SIMD=baseline|v3|v4, else the best. Throws UsageError, at every call, when
/// MPINMF_SIMD names something else or a level that this machine lacks.
VectorLevel vector_level();

template <class T>
struct VectorKernels;

/// The kernels of a level; null where this machine lacks it.
template <class T>
const VectorKernels<T>* kernels_of(VectorLevel level);

/// "baseline (x86-64)", "v3 (AVX2, FMA)", "v4 (AVX-512)", "baseline (aarch64)" or "baseline".
std::string vector_level_name();

}  // namespace mpinmf
