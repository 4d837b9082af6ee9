// Which vector instructions the kernels of this library use.
#pragma once

#include <string>

namespace mpinmf {

/// "x86-64 baseline", "x86-64-v3" (AVX2 and FMA), "x86-64-v4" (AVX-512), "aarch64", or "portable".
std::string vector_level();

}  // namespace mpinmf
