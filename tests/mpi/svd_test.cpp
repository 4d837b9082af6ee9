// The truncated SVD against LAPACK's full one of a matrix that every rank knows.
#include <algorithm>
#include <limits>
#include <utility>

#include "catch.hpp"
#include "init/scalapack.hpp"
#include "init/truncated_svd.hpp"
#include "kernels/blas.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "svd_support.hpp"

using namespace mpinmf;

namespace {

template <class T>
struct Tolerance {
  static constexpr double values = sizeof(T) == 8 ? 1e-12 : 3e-6;  // relative to the largest
  static constexpr double vectors = sizeof(T) == 8 ? 3e-8 : 1e-4;
};

/// max |x' x - diag(1 .. 1, 0 .. 0)|, summed over the ranks' rows.
double distance_from_orthonormal(const Comm& comm, ConstMatrixView<double> x, Index ones) {
  const auto k = static_cast<std::size_t>(x.columns());
  std::vector<double> gram(k * k);
  for (Index i = 0; i < x.rows(); ++i) {
    for (std::size_t a = 0; a < k; ++a) {
      for (std::size_t b = 0; b < k; ++b)
        gram[a * k + b] += x(i, static_cast<Index>(a)) * x(i, static_cast<Index>(b));
    }
  }
  comm.sum(gram);
  double distance = 0;
  for (std::size_t a = 0; a < k; ++a) {
    for (std::size_t b = 0; b < k; ++b) {
      const double wanted = a == b && static_cast<Index>(a) < ones ? 1 : 0;
      distance = std::max(distance, std::abs(gram[a * k + b] - wanted));
    }
  }
  return distance;
}

/// Largest distance of a u_c from the span of the first `rank` columns of `full`: sqrt(1 - |full' u_c|^2) cancels,
/// so it is taken from u_c - full full' u_c, whose inner products are sums over the ranks.
template <class T>
double distance_from_span(const DataMatrix<T>& v, const Matrix<T>& u, const FullSvd& full, Index rank) {
  double largest = 0;
  for (Index c = 0; c < rank; ++c) {
    std::vector<double> inside(static_cast<std::size_t>(rank));
    for (Index i = 0; i < u.rows(); ++i) {
      for (Index r = 0; r < rank; ++r) {
        inside[static_cast<std::size_t>(r)] += full.u(v.first_row() + i, r) * static_cast<double>(u(i, c));
      }
    }
    v.comm().sum(inside);
    double square = 0;
    for (Index i = 0; i < u.rows(); ++i) {
      double outside = static_cast<double>(u(i, c));
      for (Index r = 0; r < rank; ++r)
        outside -= inside[static_cast<std::size_t>(r)] * full.u(v.first_row() + i, r);
      square += outside * outside;
    }
    largest = std::max(largest, std::sqrt(v.comm().sum(square)));
  }
  return largest;
}

/// ||V v_c - s_c u_c|| over the ranks, the largest of all c.
template <class T>
double largest_residual(const DataMatrix<T>& v, const Matrix<T>& all, const TruncatedSvd<T>& svd) {
  double largest = 0;
  for (Index c = 0; c < svd.u.columns(); ++c) {
    double square = 0;
    for (Index i = 0; i < svd.u.rows(); ++i) {
      double sum = -svd.values[static_cast<std::size_t>(c)] * static_cast<double>(svd.u(i, c));
      for (Index j = 0; j < all.columns(); ++j) {
        sum += static_cast<double>(all(v.first_row() + i, j)) * svd.v(j, c);
      }
      square += sum * sum;
    }
    largest = std::max(largest, std::sqrt(v.comm().sum(square)));
  }
  return largest;
}

/// Values, orthonormality, vectors and signs. `rank`: how many triplets are not zero.
template <class T>
void check_svd(const Matrix<T>& all, bool sparse, Index k, Index rank) {
  const DataMatrix<T> v = spread(world(), all, sparse);
  INFO(all.rows() << " x " << all.columns() << ", k = " << k << (sparse ? ", sparse" : ", dense") << ", "
                  << sizeof(T) << " bytes");
  const TruncatedSvd<T> svd = truncated_svd(v, {k, Seed(5)});
  const FullSvd full = full_svd(all);
  const double first = full.values[0];
  CHECK(svd.converged);
  for (std::size_t c = 0; c < svd.values.size(); ++c) {
    CHECK(std::abs(svd.values[c] - full.values[c]) <= Tolerance<T>::values * first);
  }
  CHECK(std::count_if(svd.values.begin(), svd.values.end(), [](double value) { return value > 0; }) == rank);
  Matrix<double> u(svd.u.rows(), k);
  for (Index i = 0; i < u.rows(); ++i) {
    for (Index c = 0; c < k; ++c) u(i, c) = static_cast<double>(svd.u(i, c));
  }
  const double rounding = 50 * static_cast<double>(std::numeric_limits<T>::epsilon());
  CHECK(distance_from_orthonormal(world(), std::as_const(u).view(), rank) <= rounding);
  CHECK(distance_from_orthonormal(Comm::self(), svd.v.view(), rank) <= 1e-13);
  CHECK(largest_residual(v, all, svd) <= Tolerance<T>::vectors * first);
  if (rank == static_cast<Index>(full.values.size()) ||
      full.values[static_cast<std::size_t>(rank)] < 0.8 * first) {
    const double last = rank > 0 ? full.values[static_cast<std::size_t>(rank) - 1] : first;
    const double next =
        rank < static_cast<Index>(full.values.size()) ? full.values[static_cast<std::size_t>(rank)] : 0;
    CHECK(distance_from_span(v, svd.u, full, rank) * (last - next) <= Tolerance<T>::vectors * first);
  }
  for (Index c = 0; c < rank; ++c) {
    double least = 0, greatest = 0;
    for (Index i = 0; i < u.rows(); ++i) {
      least = std::min(least, u(i, c));
      greatest = std::max(greatest, u(i, c));
    }
    CHECK(world().max(greatest) >= -world().min(least) * (1 - 1e-3));
  }
}

template <class T>
void check_shapes(bool sparse) {
  check_svd(graded_matrix<T>(97, 23, 0.3), sparse, 5, 5);
  check_svd(graded_matrix<T>(40, 60, 0.5), sparse, 7, 7);
  check_svd(graded_matrix<T>(3, 40, 0.2), sparse, 2, 2);  // fewer rows than some rank counts
  check_svd(graded_matrix<T>(2, 2, 0), sparse, 2, 2);     // fewer rows than ranks and columns than rows a rank
  check_svd(graded_matrix<T>(50, 1, 0.2), sparse, 1, 1);  // one column
  check_svd(graded_matrix<T>(1, 30, 0.2), sparse, 1, 1);  // one row
  check_svd(graded_matrix<T>(90, 9, 0), sparse, 9, 9);    // all singular values
  check_svd(graded_matrix<T>(9, 30, 0), sparse, 9, 9);
  check_svd(low_rank_matrix<T>(70, 20, 3), sparse, 3, 3);
  check_svd(low_rank_matrix<T>(70, 20, 3), sparse, 6, 3);
  check_svd(Matrix<T>(30, 8), sparse, 4, 0);  // all zero
  auto with_zero_rows = graded_matrix<T>(60, 15, 0.1);
  for (Index i = 0; i < 40; ++i) std::fill_n(with_zero_rows.row(i), 15, T(0));
  check_svd(with_zero_rows, sparse, 4, 4);
}

}  // namespace

TEST_CASE("the truncated SVD is the head of LAPACK's full one", "[svd]") {
  check_shapes<double>(false);
  check_shapes<double>(true);
  check_shapes<float>(false);
  check_shapes<float>(true);
}

TEST_CASE("columns spread over the ranks become orthonormal, and dependent ones zero", "[svd]") {
  for (const auto& [rows, columns] : {std::pair<Index, Index>{300, 40}, {33, 5}, {3, 3}, {20, 20}}) {
    auto all = random_matrix<double>(rows, columns, 4, 0.2);
    for (Index i = 0; i < rows; ++i) all(i, columns - 1) = 2 * all(i, 0) - all(i, 1);
    // the last rank owns no rows, unless it is alone
    const Index owners = std::max(world().size() - 1, 1), rank = world().rank();
    const Index first = std::min(rank, owners) * rows / owners, end = std::min(rank + 1, owners) * rows / owners;
    const Matrix<double> own = rows_of(all, first, end - first);
    Matrix<double> q = own.copy();
    TallQr<double>(world(), end - first, columns).orthonormalise(q.view(), 1e-12);
    CHECK(distance_from_orthonormal(world(), std::as_const(q).view(), columns - 1) < 1e-13);
    // x = Q (Q' x)
    std::vector<double> inside(static_cast<std::size_t>(columns * columns));
    const MatrixView<double> r(inside.data(), columns, columns, columns);
    multiply_transposed(std::as_const(q).view(), own.view(), r);
    world().sum(inside);
    Matrix<double> again(end - first, columns);
    multiply(std::as_const(q).view(), r, again.view());
    CHECK(relative_difference<double>(world(), own.view(), again.view()) < 1e-13);
  }
}

TEST_CASE("many rows and columns that V keeps in an order of its own", "[svd]") {
  check_svd(graded_matrix<double>(50, 4500, 0.97), true, 6, 6);
  check_svd(graded_matrix<float>(9000, 6, 0), false, 3, 3);
}

TEST_CASE("a small singular value of a tall V in single precision is not taken for rounding", "[svd]") {
  Matrix<float> all(60000, 5);  // a second value of some 1e-3 of the first, below 60000 epsilon
  for (Index i = 0; i < all.rows(); ++i) {
    for (Index j = 0; j < 5; ++j) all(i, j) = 1 + (j % 2 == 0 ? 1e-3F : -1e-3F) * static_cast<float>(i % 3 - 1);
  }
  const std::vector<double> wanted = full_svd(all).values;
  REQUIRE(wanted[1] < 1.1e-3 * wanted[0]);
  for (const Index k : {2, 4}) {
    const auto svd = truncated_svd(spread(world(), all, false), {k, Seed(5)});
    // ScaLAPACK's sums over 60000 rows are single, too
    for (std::size_t c = 0; c < 2; ++c) CHECK(std::abs(svd.values[c] - wanted[c]) < 1e-4 * wanted[0]);
    CHECK(svd.values[1] > 0);
    if (k == 4) CHECK(svd.values[2] + svd.values[3] == 0);  // what is rounding is 0
  }
}

TEST_CASE("equal singular values have the same vectors on any number of ranks", "[svd]") {
  // two blocks of rank 2 each, the second a copy of the first, and a third that differs
  Matrix<double> all(90, 12);
  const auto block = random_matrix<double>(30, 4, 6, 0);
  for (Index i = 0; i < 90; ++i) {
    for (Index j = 0; j < 4; ++j) all(i, i / 30 * 4 + j) = block(i % 30, j) * (i >= 60 && j == 0 ? 0.3 : 1);
  }
  for (const Index k : {3, 4, 7, 12}) {
    const auto v = spread(world(), all, true);
    const auto svd = truncated_svd(v, {k, Seed(2)}),
               alone = truncated_svd(spread(Comm::self(), all, true), {k, Seed(2)});
    const Matrix<double> own = rows_of(alone.u, v.first_row(), v.rows_local());
    CHECK(relative_difference<double>(world(), own.view(), svd.u.view()) < 1e-8);
    CHECK(relative_difference<double>(Comm::self(), alone.v.view(), svd.v.view()) < 1e-8);
    check_svd(all, true, k, k);
  }
}

TEST_CASE("neither threads nor a second run change the SVD", "[svd]") {
  const auto all = graded_matrix<double>(600, 40, 0.4);
  for (const bool sparse : {false, true}) {
    const auto v = spread(world(), all, sparse);
    const auto one = truncated_svd(v, {5, Seed(1), 1}), again = truncated_svd(v, {5, Seed(1), 1}),
               three = truncated_svd(v, {5, Seed(1), 3}), other_seed = truncated_svd(v, {5, Seed(2), 1});
    CHECK(one.values == again.values);
    CHECK(relative_difference<double>(world(), one.u.view(), again.u.view()) == 0);
    CHECK(relative_difference<double>(world(), one.u.view(), three.u.view()) < 1e-10);
    CHECK(relative_difference<double>(world(), one.u.view(), other_seed.u.view()) < 1e-6);
  }
}

TEST_CASE("more singular values than there are cannot be had", "[svd]") {
  const auto v = spread(world(), graded_matrix<double>(12, 5, 0), false);
  CHECK_THROWS_AS(truncated_svd(v, {6, Seed()}), UsageError);
  CHECK_THROWS_AS(truncated_svd(v, {0, Seed()}), UsageError);
}

TEST_CASE("values that overflow are a fault of every rank", "[svd]") {
  Matrix<float> all(40, 6);
  for (Index i = 0; i < 40; ++i) std::fill_n(all.row(i), 6, 3e38F);
  const auto v = spread(world(), all, false);
  CHECK_THROWS_AS(truncated_svd(v, {2, Seed()}), BadData);
}

namespace {

/// Singular values of a reference set to 1e-8 of each.
void compare_with_lapack(const std::string& file, Index k) {
  const auto path = reference_file(file);
  if (!path) return;
  std::vector<double> wanted(static_cast<std::size_t>(k));
  world().meet_on_root([&] {
    const auto all = load<double>(Comm::self(), *path);
    Matrix<double> dense(all.rows_global(), all.columns());
    for (Index i = 0; i < dense.rows(); ++i) {
      all.rows(i, 1).for_stored(0, [&](Index j, double value) { dense(i, j) = value; });
    }
    SmallSvd full(dense.rows(), dense.columns());
    decompose(dense.view(), full);
    std::copy_n(full.values.begin(), k, wanted.begin());
  });
  world().broadcast(std::span(wanted));
  const auto svd = truncated_svd(load<double>(world(), *path), {k, Seed()});
  CHECK(svd.converged);
  for (std::size_t c = 0; c < wanted.size(); ++c) CHECK(svd.values[c] == Approx(wanted[c]).epsilon(1e-8));
}

}  // namespace

TEST_CASE("ten singular values of golub and jasper_ridge", "[svd]") {
  compare_with_lapack("golub/X.npy", 10);
  compare_with_lapack("jasper_ridge/X.mtx.gz", 10);
}
