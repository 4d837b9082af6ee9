// Which of OpenBLAS's kernels suit the processor.
#include "kernels/blas_kernel.hpp"
#include "catch.hpp"

using namespace mpinmf;

TEST_CASE("the kernel that is advised for a level is of that level", "[blas_kernel]") {
  for (const VectorLevel level : {VectorLevel::baseline, VectorLevel::v3, VectorLevel::v4}) {
    CHECK(level_of_blas_kernel(blas_kernel_for(level)) == level);
  }
}

TEST_CASE("kernels are known by their names in any case, and none is made of others", "[blas_kernel]") {
  CHECK(level_of_blas_kernel("Prescott") == VectorLevel::baseline);
  CHECK(level_of_blas_kernel("SANDYBRIDGE") == VectorLevel::baseline);  // AVX without FMA
  CHECK(level_of_blas_kernel("Zen") == VectorLevel::v3);
  CHECK(level_of_blas_kernel("COOPERLAKE") == VectorLevel::v4);
  for (const char* unknown : {"", "neoversen1", "Graniterapids", "Haswell2"}) {
    CHECK(level_of_blas_kernel(unknown) == std::nullopt);
  }
}

TEST_CASE("what is said of a slow kernel names it and the cure", "[blas_kernel]") {
  CHECK_FALSE(slow_blas(VectorLevel::baseline).has_value());
  const auto text = text_of({"Prescott", "SkylakeX"}), fixed = text_of({"PRESCOTT", ""});
  CHECK(text.find("Prescott") != std::string::npos);
  CHECK(text.substr(text.find("; ")) == "; set OPENBLAS_CORETYPE=SkylakeX");  // jobs/blas.sh reads it
  CHECK(fixed.find("OPENBLAS_CORETYPE") == std::string::npos);
  CHECK(fixed.find("DYNAMIC_ARCH") != std::string::npos);
}
