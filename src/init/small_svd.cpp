#include "small_svd.hpp"

#include <cmath>
#include <limits>

#include "mpinmf/error.hpp"

extern "C" void dgesdd_(const char* jobz, const int* m, const int* n, double* a, const int* lda, double* s,
                        double* u, const int* ldu, double* vt, const int* ldvt, double* work, const int* lwork,
                        int* iwork, int* info);

namespace mpinmf {
namespace {

int lapack_size(double size) {
  if (size > std::numeric_limits<int>::max()) {
    throw SystemError("a singular value decomposition of more than 2^31-1 rows does not fit this LAPACK");
  }
  return static_cast<int>(size);
}

void require_finite(ConstMatrixView<double> z) {
  for (Index j = 0; j < z.rows(); ++j) {
    for (Index c = 0; c < z.columns(); ++c) {
      if (std::isfinite(z(j, c))) continue;
      throw BadData("the singular values of V overflow: scale V down, or use --precision double");
    }
  }
}

}  // namespace

void decompose(MatrixView<double> z, SmallSvd& svd) {
  assert(z.columns() <= z.rows() && svd.x.rows() == z.rows() && svd.x.columns() == z.columns());
  require_finite(z);
  // Fortran sees z': l x n, whose left vectors are the rows of `rotation` and whose right vectors are x.
  const int l = lapack_size(static_cast<double>(z.columns())), n = lapack_size(static_cast<double>(z.rows())),
            stride = lapack_size(static_cast<double>(z.stride())), query = -1;
  std::vector<int> integers(8 * static_cast<std::size_t>(l));
  int info = 0;
  const auto call = [&](double* work, const int* room) {
    dgesdd_("S", &l, &n, z.data(), &stride, svd.values.data(), svd.rotation.data(), &l, svd.x.data(), &l, work,
            room, integers.data(), &info);
    if (info != 0) throw SystemError("DGESDD failed with INFO " + std::to_string(info));
  };
  double wanted = 0;
  call(&wanted, &query);
  std::vector<double> work(static_cast<std::size_t>(lapack_size(wanted)));
  const int room = static_cast<int>(work.size());
  call(work.data(), &room);
}

}  // namespace mpinmf
