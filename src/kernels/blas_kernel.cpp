#include "blas_kernel.hpp"

#include <fmt/core.h>
#include <strings.h>

#include "blas.hpp"

namespace mpinmf {
namespace {

struct Kernel {
  const char* name;
  VectorLevel level;
};

// All kernels for x86-64 (`corename` in OpenBLAS's driver/others/dynamic.c). Those with AVX alone, or with FMA of
// four operands, count as baseline: no level of ours is between.
constexpr Kernel known_kernels[] = {
    {"Prescott", VectorLevel::baseline},     {"Core2", VectorLevel::baseline},
    {"Penryn", VectorLevel::baseline},       {"Dunnington", VectorLevel::baseline},
    {"Atom", VectorLevel::baseline},         {"Nano", VectorLevel::baseline},
    {"Nehalem", VectorLevel::baseline},      {"Opteron", VectorLevel::baseline},
    {"Opteron_SSE3", VectorLevel::baseline}, {"Barcelona", VectorLevel::baseline},
    {"Bobcat", VectorLevel::baseline},       {"Bulldozer", VectorLevel::baseline},
    {"Piledriver", VectorLevel::baseline},   {"Steamroller", VectorLevel::baseline},
    {"Sandybridge", VectorLevel::baseline},  {"Haswell", VectorLevel::v3},
    {"Excavator", VectorLevel::v3},          {"Zen", VectorLevel::v3},
    {"SkylakeX", VectorLevel::v4},           {"Cooperlake", VectorLevel::v4},
    {"SapphireRapids", VectorLevel::v4},
};

/// In OpenBLAS's description of itself, where it picks its kernel at run time.
constexpr const char* picks_at_run_time = "DYNAMIC_ARCH";

}  // namespace

std::optional<VectorLevel> level_of_blas_kernel(std::string_view name) {
  const std::string wanted(name);
  for (const Kernel& kernel : known_kernels) {
    if (strcasecmp(kernel.name, wanted.c_str()) == 0) return kernel.level;
  }
  return {};
}

std::string_view blas_kernel_for(VectorLevel level) {
  switch (level) {
    case VectorLevel::v4: return "SkylakeX";
    case VectorLevel::v3: return "Haswell";
    case VectorLevel::baseline: break;
  }
  return "Prescott";
}

std::optional<SlowBlas> slow_blas(VectorLevel level) {
  const std::string kernel = blas_kernel();
  const std::optional<VectorLevel> of_blas = level_of_blas_kernel(kernel);
  if (!of_blas || *of_blas >= level) return {};
  const bool can_change = blas_description().find(picks_at_run_time) != std::string::npos;
  return SlowBlas{kernel, can_change ? std::string(blas_kernel_for(level)) : ""};
}

std::string text_of(const SlowBlas& slow) {
  const std::string cure = slow.better.empty() ? "take an OpenBLAS built for this processor, or with DYNAMIC_ARCH"
                                               : "set OPENBLAS_CORETYPE=" + slow.better;
  return fmt::format(
      "OpenBLAS works with its kernel {}, made for older processors than this one: its products, and with them "
      "starts from the SVD, take longer than they need; {}",
      slow.kernel, cure);
}

}  // namespace mpinmf
