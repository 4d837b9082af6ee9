#include "blas.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cassert>
#include <ctime>
#include <limits>
#include <utility>

#include "mpinmf/error.hpp"

extern "C" {
void sgemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k, const float* alpha,
            const float* a, const int* lda, const float* b, const int* ldb, const float* beta, float* c,
            const int* ldc);
void dgemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k, const double* alpha,
            const double* a, const int* lda, const double* b, const int* ldb, const double* beta, double* c,
            const int* ldc);
}

namespace mpinmf {
namespace {

/// The interface of Fortran's BLAS is 32-bit; panels and factors are cut so that it suffices.
int blas_size(Index size) {
  if (size > std::numeric_limits<int>::max()) {
    throw SystemError("a product of more than 2^31-1 rows or columns does not fit this BLAS");
  }
  return static_cast<int>(size);
}

int leading(Index stride) {
  return blas_size(stride > 0 ? stride : 1);
}

void gemm(char ta, char tb, int m, int n, int k, ConstMatrixView<float> a, ConstMatrixView<float> b, int add_to,
          MatrixView<float> c) {
  const float one = 1, beta = static_cast<float>(add_to);
  const int lda = leading(a.stride()), ldb = leading(b.stride()), ldc = leading(c.stride());
  sgemm_(&ta, &tb, &m, &n, &k, &one, a.data(), &lda, b.data(), &ldb, &beta, c.data(), &ldc);
}

void gemm(char ta, char tb, int m, int n, int k, ConstMatrixView<double> a, ConstMatrixView<double> b, int add_to,
          MatrixView<double> c) {
  const double one = 1, beta = add_to;
  const int lda = leading(a.stride()), ldb = leading(b.stride()), ldc = leading(c.stride());
  dgemm_(&ta, &tb, &m, &n, &k, &one, a.data(), &lda, b.data(), &ldb, &beta, c.data(), &ldc);
}

// Fortran sees a row-major matrix as its transpose, so c' = b' a' is asked for: operands change places.
template <class T>
void product(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> c, int add_to) {
  assert(a.columns() == b.rows() && c.rows() == a.rows() && c.columns() == b.columns());
  if (c.rows() == 0 || c.columns() == 0) return;
  gemm('N', 'N', blas_size(c.columns()), blas_size(c.rows()), blas_size(a.columns()), b, a, add_to, c);
}

template <class T>
void product_transposed(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> c, int add_to) {
  assert(a.rows() == b.rows() && c.rows() == a.columns() && c.columns() == b.columns());
  if (c.rows() == 0 || c.columns() == 0) return;
  gemm('N', 'T', blas_size(c.columns()), blas_size(c.rows()), blas_size(a.rows()), b, a, add_to, c);
}

template <class T>
void product_by_transposed(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> c, int add_to) {
  assert(a.columns() == b.columns() && c.rows() == a.rows() && c.columns() == b.rows());
  if (c.rows() == 0 || c.columns() == 0) return;
  gemm('T', 'N', blas_size(c.columns()), blas_size(c.rows()), blas_size(a.columns()), b, a, add_to, c);
}

double seconds_of(clockid_t clock) {
  timespec time = {};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <class F>
F* loaded(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_DEFAULT, name));
}

}  // namespace

void multiply(ConstMatrixView<float> a, ConstMatrixView<float> b, MatrixView<float> c, int add_to) {
  product(a, b, c, add_to);
}
void multiply(ConstMatrixView<double> a, ConstMatrixView<double> b, MatrixView<double> c, int add_to) {
  product(a, b, c, add_to);
}
void multiply_transposed(ConstMatrixView<float> a, ConstMatrixView<float> b, MatrixView<float> c, int add_to) {
  product_transposed(a, b, c, add_to);
}
void multiply_transposed(ConstMatrixView<double> a, ConstMatrixView<double> b, MatrixView<double> c, int add_to) {
  product_transposed(a, b, c, add_to);
}
void multiply_by_transposed(ConstMatrixView<float> a, ConstMatrixView<float> b, MatrixView<float> c, int add_to) {
  product_by_transposed(a, b, c, add_to);
}
void multiply_by_transposed(ConstMatrixView<double> a, ConstMatrixView<double> b, MatrixView<double> c,
                            int add_to) {
  product_by_transposed(a, b, c, add_to);
}

void use_one_blas_thread() {
  for (const char* name : {"openblas_set_num_threads", "MKL_Set_Num_Threads"}) {
    if (auto* set = loaded<void(int)>(name)) set(1);
  }
  if (auto* set = loaded<void(Index)>("bli_thread_set_num_threads")) set(1);
}

double cores_of_a_product() {
  constexpr Index size = 256;  // any BLAS with threads shares out a product of 34 MFLOP
  constexpr int rounds = 10;   // of 1 ms or so
  Matrix<double> a(size, size), b(size, size), c(size, size);
  std::fill_n(a.row(0), size * size, 1.0);
  std::fill_n(b.row(0), size * size, 1.0);
  double least = std::numeric_limits<double>::infinity();
  // threads that spin for a while before they sleep, as some do after the start, are in some of the rounds only
  for (int round = 0; round < rounds; ++round) {
    const double process = seconds_of(CLOCK_PROCESS_CPUTIME_ID), thread = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    multiply(std::as_const(a).view(), std::as_const(b).view(), c.view());
    const double own = seconds_of(CLOCK_THREAD_CPUTIME_ID) - thread;
    if (own > 0) least = std::min(least, (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - process) / own);
  }
  return std::max(1.0, least);
}

double threads_inside_blas() {
  for (const char* name : {"openblas_get_num_threads", "MKL_Get_Max_Threads"}) {
    if (auto* count = loaded<int()>(name)) return count();
  }
  if (auto* count = loaded<Index()>("bli_thread_get_num_threads")) return static_cast<double>(count());
  return cores_of_a_product();
}

std::string blas_kernel() {
  auto* core = loaded<char*()>("openblas_get_corename");
  return core != nullptr ? core() : "";
}

std::string blas_description() {
  if (auto* config = loaded<char*()>("openblas_get_config")) {
    const std::string kernel = blas_kernel();
    return config() + (kernel.empty() ? "" : ", kernel " + kernel);
  }
  return MPINMF_BLAS;
}

}  // namespace mpinmf
