// What a sweep has to compute, and whether BLAS has threads of its own.
#include <dlfcn.h>
#include <unistd.h>

#include "catch.hpp"
#include "kernels/blas.hpp"
#include "losses/sweep_flops.hpp"

using namespace mpinmf;

TEST_CASE("the flops of a sweep are those of its products", "[work]") {
  const SweptRows dense{10, 30, 300}, sparse{10, 30, 50};
  constexpr double k = 7;
  // V H' and W'V, then W (H H') and W'W, a multiplication and an addition each
  CHECK(flops_of_a_sweep(dense, 7, {2}) == 2 * (2 * 300 * k) + 2 * (2 * 10 * k * k));
  CHECK(flops_of_a_sweep(sparse, 7, {2}) == 2 * (2 * 50 * k) + 2 * (2 * 10 * k * k));
  // W H, numerator of W, new W H, numerator of H
  CHECK(flops_of_a_sweep(sparse, 7, {1}) == 4 * (2 * 50 * k));
  // W H, two products for W, new W H, two for H
  CHECK(flops_of_a_sweep(dense, 7, {0}) == 6 * (2 * 300 * k));
  CHECK(flops_of_a_sweep(sparse, 7, {0.5}) == 2 * (2 * 50 * k) + 4 * (2 * 300 * k));
}

TEST_CASE("the flops of a matrix are those of its rows", "[work]") {
  for (const double beta : {2.0, 1.0, 0.0}) {
    const double parts = flops_of_a_sweep({3, 30, 20}, 5, {beta}) + flops_of_a_sweep({7, 30, 30}, 5, {beta});
    CHECK(parts == flops_of_a_sweep({10, 30, 50}, 5, {beta}));
  }
}

TEST_CASE("threads inside BLAS are seen, and are not there after one is asked for", "[work]") {
  constexpr double one_core = 1.1;
  use_one_blas_thread();
  CHECK(threads_inside_blas() < one_core);
  CHECK(cores_of_a_product() < one_core);
  auto* set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set == nullptr || sysconf(_SC_NPROCESSORS_ONLN) < 2) {
    skip("not OpenBLAS, or one core");
    return;
  }
  set(2);
  CHECK(threads_inside_blas() == 2);
  // other programs may have the second core for a while
  double cores = 0;
  for (int attempt = 0; attempt < 50 && cores <= one_core; ++attempt) cores = cores_of_a_product();
  CHECK(cores > one_core);
  use_one_blas_thread();
}
