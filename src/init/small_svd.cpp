#include "small_svd.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

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
      throw BadData(
          "the singular values of V overflow: scale V down, or, where it is in single precision, use --precision "
          "double");
    }
  }
}

/// Rows whose lengths differ by less than this share are as long as each other.
constexpr double equal_lengths = 1e-6;

double inner_product(const double* a, const double* b, Index count) {
  double sum = 0;
  for (Index i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

/// The first of those rows that are as long as any, to rounding.
const double* first_longest_row(const Matrix<double>& x) {
  std::vector<double> squares;
  for (Index i = 0; i < x.rows(); ++i) squares.push_back(inner_product(x.row(i), x.row(i), x.columns()));
  const double least = (1 - equal_lengths) * *std::max_element(squares.begin(), squares.end());
  const auto found = std::find_if(squares.begin(), squares.end(), [&](double square) { return square >= least; });
  return x.row(found - squares.begin());
}

/// The orthonormal d x d matrix whose columns turn those of x, n x d, into the basis that leans on its rows.
Matrix<double> turn_to_rows(Matrix<double> x) {
  const Index d = x.columns();
  Matrix<double> turn(d, d);  // transposed: direction by direction
  for (Index a = 0; a < d; ++a) {
    double* direction = turn.row(a);
    std::copy_n(first_longest_row(x), d, direction);
    const auto remove_from = [d](double* row, const double* other) {
      const double share = inner_product(row, other, d);
      for (Index c = 0; c < d; ++c) row[c] -= share * other[c];
    };
    for (Index b = 0; b < a; ++b) remove_from(direction, turn.row(b));
    const double length = std::sqrt(inner_product(direction, direction, d));
    for (Index c = 0; c < d; ++c) direction[c] /= length;
    for (Index i = 0; i < x.rows(); ++i) remove_from(x.row(i), direction);
  }
  return turn;
}

/// Of the vectors first ... first + d - 1: x <- x T', rotation <- T rotation.
void turn_vectors(SmallSvd& svd, Index first, const Matrix<double>& turn) {
  const Index d = turn.rows(), l = svd.rotation.columns();
  std::vector<double> turned(static_cast<std::size_t>(d));
  for (Index i = 0; i < svd.x.rows(); ++i) {
    for (Index a = 0; a < d; ++a)
      turned[static_cast<std::size_t>(a)] = inner_product(turn.row(a), svd.x.row(i) + first, d);
    std::copy(turned.begin(), turned.end(), svd.x.row(i) + first);
  }
  Matrix<double> rows(d, l);
  for (Index a = 0; a < d; ++a) {
    for (Index b = 0; b < d; ++b) {
      for (Index j = 0; j < l; ++j) rows(a, j) += turn(a, b) * svd.rotation(first + b, j);
    }
  }
  for (Index a = 0; a < d; ++a) std::copy_n(rows.row(a), l, svd.rotation.row(first + a));
}

}  // namespace

void settle_equal_values(SmallSvd& svd, Index wanted, Index count, double gap) {
  const auto value = [&](Index c) { return svd.values[static_cast<std::size_t>(c)]; };
  for (Index first = 0, end = 0; first < std::min(wanted, count); first = end) {
    for (end = first + 1; end < count && value(end - 1) - value(end) <= gap;) ++end;
    if (end - first == 1) continue;
    Matrix<double> x(svd.x.rows(), end - first);
    for (Index i = 0; i < x.rows(); ++i) std::copy_n(svd.x.row(i) + first, x.columns(), x.row(i));
    turn_vectors(svd, first, turn_to_rows(std::move(x)));
  }
}

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
