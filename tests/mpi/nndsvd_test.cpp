// The starts made from the truncated SVD.
#include "init/nndsvd.hpp"

#include <algorithm>
#include <utility>

#include "catch.hpp"
#include "contains.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"
#include "svd_support.hpp"

using namespace mpinmf;

namespace {

/// Algorithm NNDSVD of Boutsidis and Gallopoulos 2008, figure 1, column by column, entries below 1e-6 set to 0.
struct PlainNndsvd {
  Matrix<double> w, ht;
};

std::vector<double> part(const Matrix<double>& x, Index column, double sign) {
  std::vector<double> result;
  for (Index i = 0; i < x.rows(); ++i) result.push_back(std::max(sign * x(i, column), 0.0));
  return result;
}

double norm(const std::vector<double>& x) {
  double square = 0;
  for (const double value : x) square += value * value;
  return std::sqrt(square);
}

void set_column(Matrix<double>& x, Index column, const std::vector<double>& from, double scale) {
  for (Index i = 0; i < x.rows(); ++i) {
    const double value = scale * from[static_cast<std::size_t>(i)];
    x(i, column) = value < 1e-6 ? 0 : value;
  }
}

PlainNndsvd plain_nndsvd(const FullSvd& svd, Index k) {
  PlainNndsvd result{Matrix<double>(svd.u.rows(), k), Matrix<double>(svd.w.rows(), k)};
  for (Index c = 0; c < k; ++c) {
    const double value = svd.values[static_cast<std::size_t>(c)];
    auto u = part(svd.u, c, 1), w = part(svd.w, c, 1);
    const auto u_minus = part(svd.u, c, -1), w_minus = part(svd.w, c, -1);
    if (norm(u) * norm(w) <= norm(u_minus) * norm(w_minus)) u = u_minus, w = w_minus;
    // the first pair has one sign
    const double m = norm(u) * norm(w);
    set_column(result.w, c, u, std::sqrt(value * m) / norm(u));
    set_column(result.ht, c, w, std::sqrt(value * m) / norm(w));
  }
  return result;
}

template <class T>
Matrix<double> as_double(const Matrix<T>& x) {
  return transposed(transposed(x));
}

/// Largest relative difference of the factors, in the Frobenius norm.
template <class T>
double difference(const DataMatrix<T>& v, const PlainNndsvd& wanted, const FactorPair<T>& pair) {
  const Matrix<double> own = rows_of(wanted.w, v.first_row(), v.rows_local());
  return std::max(relative_difference<double>(world(), own.view(), as_double(pair.w).view()),
                  relative_difference<double>(Comm::self(), wanted.ht.view(), as_double(pair.ht).view()));
}

}  // namespace

TEST_CASE("a start from the SVD needs as many singular values", "[nndsvd]") {
  const auto v = spread(world(), graded_matrix<double>(12, 5, 0), false);
  CHECK_THROWS_AS(nndsvd(v, Start::nndsvda, {6, Seed()}), UsageError);
  CHECK_THROWS_WITH(nndsvd(v, Start::nndsvda, {6, Seed()}), Contains("--init random"));
}

TEST_CASE("nndsvd is the published algorithm", "[nndsvd]") {
  for (const bool sparse : {false, true}) {
    for (const auto& [rows, columns] : {std::pair<Index, Index>{80, 30}, {25, 70}, {5, 12}}) {
      const auto all = graded_matrix<double>(rows, columns, 0.3);
      const PlainNndsvd wanted = plain_nndsvd(full_svd(all), 5);
      const auto v = spread(world(), all, sparse);
      CHECK(difference(v, wanted, nndsvd(v, Start::nndsvd, {5, Seed()})) < 1e-6);
    }
    const auto all = graded_matrix<float>(80, 30, 0.3);
    const auto v = spread(world(), all, sparse);
    CHECK(difference(v, plain_nndsvd(full_svd(all), 5), nndsvd(v, Start::nndsvd, {5, Seed()})) < 1e-3);
  }
}

namespace {

void check_any_ranks(const Matrix<double>& all, bool sparse, Index k) {
  for (const Start start : {Start::nndsvd, Start::nndsvda, Start::nndsvdar, Start::nndsvdm}) {
    const auto v = spread(world(), all, sparse), alone = spread(Comm::self(), all, sparse);
    const auto pair = nndsvd(v, start, {k, Seed(3)}), wanted = nndsvd(alone, start, {k, Seed(3)});
    const Matrix<double> own = rows_of(wanted.w, v.first_row(), v.rows_local());
    CHECK(relative_difference<double>(world(), own.view(), pair.w.view()) < 1e-8);
    CHECK(relative_difference<double>(Comm::self(), wanted.ht.view(), pair.ht.view()) < 1e-8);
    // H leaves one rank, so that every replica has the same bits
    Matrix<double> of_root = pair.ht.copy();
    world().broadcast(std::span(of_root.data(), static_cast<std::size_t>(of_root.rows() * of_root.stride())));
    CHECK(relative_difference<double>(world(), of_root.view(), pair.ht.view()) == 0);
  }
}

Matrix<double> dense_rows(const DataMatrix<double>& v) {
  Matrix<double> all(v.rows_global(), v.columns());
  for (Index i = 0; i < all.rows(); ++i) {
    v.rows(i, 1).for_stored(0, [&](Index j, double value) { all(i, j) = value; });
  }
  return all;
}

}  // namespace

TEST_CASE("the starts from the SVD are the same for any number of ranks", "[nndsvd]") {
  // singular values apart; equal ones, of symmetric images; a block that occurs six times
  Matrix<double> blocks(72, 18);
  for (Index i = 0; i < 72; ++i) {
    for (Index j = 0; j < 3; ++j) blocks(i, i / 12 * 3 + j) = static_cast<double>(1 + (i + j) % 4);
  }
  for (const bool sparse : {false, true}) {
    check_any_ranks(graded_matrix<double>(150, 35, 0.4), sparse, 6);
    check_any_ranks(dense_rows(load<double>(Comm::self(), "generate:swimmer")), sparse, 17);
    check_any_ranks(blocks, sparse, 6);
    check_any_ranks(blocks, sparse, 8);
  }
}

namespace {

struct Fills {
  double zeros = 0, wrong_elsewhere = 0, sum = 0, least = 1e300, greatest = 0;

  void add(const Matrix<double>& plain, const Matrix<double>& filled) {
    for (Index i = 0; i < plain.rows(); ++i) {
      for (Index c = 0; c < plain.columns(); ++c) {
        if (plain(i, c) != 0) {
          wrong_elsewhere += plain(i, c) == filled(i, c) ? 0 : 1;
          continue;
        }
        zeros += 1;
        sum += filled(i, c);
        least = std::min(least, filled(i, c));
        greatest = std::max(greatest, filled(i, c));
      }
    }
  }
};

/// Of W on all ranks and H of one.
Fills fills(const FactorPair<double>& plain, const FactorPair<double>& filled) {
  Fills found;
  found.add(plain.w, filled.w);
  if (world().is_root()) found.add(plain.ht, filled.ht);
  for (double* number : {&found.zeros, &found.wrong_elsewhere, &found.sum}) *number = world().sum(*number);
  found.least = world().min(found.least);
  found.greatest = world().max(found.greatest);
  return found;
}

}  // namespace

TEST_CASE("nndsvda fills zeros with the mean, nndsvdar with small random numbers", "[nndsvd]") {
  const auto all = graded_matrix<double>(400, 50, 0.6);
  const auto v = spread(world(), all, true);
  const double mean = v.summary().sum / (400.0 * 50.0);
  const auto plain = nndsvd(v, Start::nndsvd, {8, Seed(1)});
  const Fills a = fills(plain, nndsvd(v, Start::nndsvda, {8, Seed(1)}));
  CHECK(a.zeros > 500);
  CHECK(a.wrong_elsewhere == 0);
  CHECK(a.least == mean);
  CHECK(a.greatest == mean);
  const Fills ar = fills(plain, nndsvd(v, Start::nndsvdar, {8, Seed(1)}));
  CHECK(ar.wrong_elsewhere == 0);
  CHECK(ar.least > 0);
  CHECK(ar.greatest < 6 * mean / 100);
  // the mean of |N(0,1)| is sqrt(2 / pi); its standard deviation 0.6
  CHECK(std::abs(ar.sum / ar.zeros / (mean / 100) - std::sqrt(2 / 3.14159265358979)) < 3 / std::sqrt(ar.zeros));
}

TEST_CASE("nndsvdm raises entries to a tenth of the mean of their factor", "[nndsvd]") {
  const auto v = spread(world(), graded_matrix<double>(400, 50, 0.6), true);
  const auto plain = nndsvd(v, Start::nndsvd, {8, Seed(1)}), raised = nndsvd(v, Start::nndsvdm, {8, Seed(1)});
  double sum = 0;
  for (Index j = 0; j < 50; ++j) {
    for (Index c = 0; c < 8; ++c) sum += plain.ht(j, c);
  }
  const double least = sum / (50 * 8) / 10;
  double wrong = 0, at_least = 0;
  for (Index j = 0; j < 50; ++j) {
    for (Index c = 0; c < 8; ++c) {
      wrong += raised.ht(j, c) == Approx(std::max(least, plain.ht(j, c))).epsilon(1e-4) ? 0 : 1;
      at_least += raised.ht(j, c) > 1.001 * least ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
  CHECK(at_least > 20);
  double zeros = 0;
  for (Index i = 0; i < raised.w.rows(); ++i) {
    for (Index c = 0; c < 8; ++c) zeros += raised.w(i, c) > 0 ? 0 : 1;
  }
  CHECK(world().sum(zeros) == 0);
}

TEST_CASE("components beyond the rank of V are zero, or filled", "[nndsvd]") {
  for (const Index rank : {Index{0}, Index{2}}) {
    const auto all = low_rank_matrix<double>(40, 12, rank);
    const auto v = spread(world(), all, false);
    const auto plain = nndsvd(v, Start::nndsvd, {5, Seed()});
    double beyond = 0, sum = 0;
    for (Index i = 0; i < plain.w.rows(); ++i) {
      for (Index c = 0; c < 5; ++c) (c < rank ? sum : beyond) += plain.w(i, c);
    }
    CHECK(world().sum(beyond) == 0);
    CHECK((world().sum(sum) > 0) == (rank > 0));
    if (rank > 0) CHECK(fills(plain, nndsvd(v, Start::nndsvdar, {5, Seed()})).least > 0);
  }
}

TEST_CASE("fit starts from the SVD, transform from its rows", "[nndsvd]") {
  const auto all = graded_matrix<double>(90, 20, 0.3);
  const auto v = spread(world(), all, true);
  for (const Start start : {Start::nndsvd, Start::nndsvda, Start::nndsvdar, Start::nndsvdm}) {
    Options options = fixed_options(4, 2, Order::w_first, 0);
    options.start = start;
    Nmf<double> model(options);
    model.fit(v);
    const auto first = nndsvd(v, start, {4, options.seed});
    CHECK(relative_difference<double>(world(), first.w.view(), model.w()) < 1e-12);
    CHECK(relative_difference<double>(Comm::self(), first.ht.view(), model.ht()) < 1e-12);
    options.max_iterations = 30;
    Nmf<double> fitted(options);
    fitted.fit(v);
    CHECK(fitted.cost().loss < model.cost().loss);
    Options random = options;
    random.start = Start::random;
    Nmf<double> other(random);
    other.set_components(fitted.components().view());
    const Matrix<double> w = fitted.transform(v), wanted = other.transform(v);
    CHECK(relative_difference<double>(world(), wanted.view(), w.view()) == 0);
  }
  Options options = fixed_options(3, 2, Order::w_first, 5);
  options.start = Start::nndsvd;
  Nmf<double> of_nothing(options);
  of_nothing.fit(spread(world(), Matrix<double>(20, 8), false));
  CHECK(of_nothing.cost().loss == 0);
}

namespace {

/// NNDSVD made of LAPACK's full SVD on the root, against ours.
void compare_start_with_lapack(const std::string& file, Index k) {
  const auto path = reference_file(file);
  if (!path) return;
  const auto v = load<double>(world(), *path);
  PlainNndsvd wanted{Matrix<double>(v.rows_global(), k), Matrix<double>(v.columns(), k)};
  world().meet_on_root([&] { wanted = plain_nndsvd(full_svd(dense_rows(load<double>(Comm::self(), *path))), k); });
  for (Matrix<double>* factor : {&wanted.w, &wanted.ht}) {
    world().broadcast(std::span(factor->data(), static_cast<std::size_t>(factor->rows() * factor->columns())));
  }
  INFO(file);
  CHECK(difference(v, wanted, nndsvd(v, Start::nndsvd, {k, Seed()})) < 1e-6);
}

}  // namespace

TEST_CASE("the starts of the reference sets are those of an exact SVD", "[nndsvd]") {
  compare_start_with_lapack("golub/X.npy", 10);
  compare_start_with_lapack("jasper_ridge/X.mtx.gz", 10);
  compare_start_with_lapack("cbcl_faces/X.npy", 49);
  compare_start_with_lapack("piano_spectrogram/power.npy", 8);
  if (world().size() == 1 || world().size() == 3) compare_start_with_lapack("newsgroups20/X_train.mtx.gz", 20);
}
