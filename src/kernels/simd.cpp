#include "simd.hpp"

#include <fmt/core.h>

#include <cstdlib>
#include <string_view>

#include "mpinmf/error.hpp"
#include "vector_kernels.hpp"

namespace mpinmf {

// The tables that level/kernels.cpp leaves behind, once for each level it was compiled for.
#define MPINMF_TABLES(level)                           \
  namespace level {                                    \
  extern const VectorKernels<float> single_precision;  \
  extern const VectorKernels<double> double_precision; \
  }
MPINMF_TABLES(baseline)
#if defined(__x86_64__)
MPINMF_TABLES(v3)
MPINMF_TABLES(v4)
#endif
#undef MPINMF_TABLES

namespace {

struct Level {
  VectorLevel level;
  std::string_view name, description;
  bool (*is_here)();
  const VectorKernels<float>* single_precision;
  const VectorKernels<double>* double_precision;
};

#if defined(__x86_64__)
constexpr std::string_view baseline_description = "baseline (x86-64)";
#elif defined(__aarch64__)
constexpr std::string_view baseline_description = "baseline (aarch64)";
#else
constexpr std::string_view baseline_description = "baseline";
#endif

// From the least to the best.
const Level levels[] = {
    {VectorLevel::baseline, "baseline", baseline_description, [] { return true; }, &baseline::single_precision,
     &baseline::double_precision},
#if defined(__x86_64__)
    {VectorLevel::v3, "v3", "v3 (AVX2, FMA)",
     [] { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; },
     &v3::single_precision, &v3::double_precision},
    {VectorLevel::v4, "v4", "v4 (AVX-512)",
     [] {
       return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
              __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
              __builtin_cpu_supports("fma") != 0;
     },
     &v4::single_precision, &v4::double_precision},
#endif
};

std::string names(bool only_here) {
  std::string list;
  for (const Level& level : levels) {
    if (only_here && !level.is_here()) continue;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", level.name);
  }
  return list;
}

const Level& choose() {
  const char* wanted = std::getenv("MPINMF_SIMD");
  if (wanted == nullptr || *wanted == '\0') {
    const Level* best = levels;
    for (const Level& level : levels) {
      if (level.is_here()) best = &level;
    }
    return *best;
  }
  for (const Level& level : levels) {
    if (level.name != wanted) continue;
    if (level.is_here()) return level;
    throw UsageError(
        fmt::format("MPINMF_SIMD={}: this processor lacks {}; it has {}", wanted, level.description, names(true)));
  }
  throw UsageError(fmt::format("MPINMF_SIMD={} is not a vector level: it is one of {}", wanted, names(false)));
}

const Level& chosen() {
  static const Level& level = choose();  // a throw leaves it unset, so that the next call throws too
  return level;
}

const VectorKernels<float>* kernels_in(const Level& level, float) {
  return level.single_precision;
}
const VectorKernels<double>* kernels_in(const Level& level, double) {
  return level.double_precision;
}

}  // namespace

VectorLevel vector_level() {
  return chosen().level;
}

std::string vector_level_name() {
  return std::string(chosen().description);
}

template <class T>
const VectorKernels<T>* kernels_of(VectorLevel wanted) {
  for (const Level& level : levels) {
    if (level.level == wanted && level.is_here()) return kernels_in(level, T());
  }
  return nullptr;
}
template const VectorKernels<float>* kernels_of(VectorLevel);
template const VectorKernels<double>* kernels_of(VectorLevel);

template <class T>
const VectorKernels<T>& vector_kernels() {
  return *kernels_in(chosen(), T());
}
template const VectorKernels<float>& vector_kernels();
template const VectorKernels<double>& vector_kernels();

}  // namespace mpinmf
