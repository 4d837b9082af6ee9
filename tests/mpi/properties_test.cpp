// Properties that hold for any number of ranks, both precisions, dense and sparse, and shapes that nobody planned
// for.
#include <cmath>

#include "api/evaluate.hpp"
#include "catch.hpp"
#include "io/generate/generate.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

Options options_for(Index k, double beta = 2, Order order = Order::w_first, Index iterations = 50) {
  return fixed_options(k, beta, order, iterations);
}

template <class T>
bool is_finite_and_non_negative(ConstMatrixView<T> x) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) {
      if (!(x(i, c) >= 0) || std::isinf(x(i, c))) return false;
    }
  }
  return true;
}

/// H of the root against H of this rank, bit by bit.
template <class T>
bool is_same_everywhere(ConstMatrixView<T> ht) {
  bool same = true;
  for (Index j = 0; j < ht.rows(); ++j) {
    std::vector<T> row(ht.row(j), ht.row(j) + ht.columns());
    world().broadcast(std::span<T>(row));
    same = same && std::equal(row.begin(), row.end(), ht.row(j));
  }
  return world().min(same ? 1.0 : 0.0) == 1;
}

/// Losses never rise by more than rounding.
template <class T>
void check_falling(const Nmf<T>& model, const DataMatrix<T>& v) {
  const double rounding =
      model.options().loss.beta == 2
          ? 100 * static_cast<double>(std::numeric_limits<T>::epsilon()) * v.summary().sum_squares
          : (sizeof(T) == 8 ? 1e-13 : 1e-5) * model.trace().front().cost.loss;
  for (std::size_t i = 1; i < model.trace().size(); ++i) {
    CHECK(model.trace()[i].cost.loss <= model.trace()[i - 1].cost.loss + rounding);
  }
}

template <class T>
void check_shape(Index m, Index n, Index k, double share_of_zeros) {
  const Matrix<T> all = random_matrix<T>(m, n, 1, share_of_zeros);
  for (bool sparse : {false, true}) {
    const DataMatrix<T> v = spread(world(), all, sparse);
    for (double beta : {2.0, 1.0, 1.5}) {
      for (Order order : {Order::w_first, Order::h_first}) {
        INFO(m << " x " << n << ", k = " << k << ", beta = " << beta << (sparse ? ", sparse" : ", dense")
               << (order == Order::w_first ? ", W first, " : ", H first, ") << sizeof(T) << " bytes");
        Nmf<T> model(options_for(k, beta, order, 8));
        model.fit(v);
        CHECK(is_finite_and_non_negative(model.w()));
        CHECK(is_finite_and_non_negative(model.ht()));
        CHECK(is_same_everywhere(model.ht()));
        CHECK(std::isfinite(model.cost().loss));
        check_falling(model, v);
        CHECK(is_finite_and_non_negative<T>(model.transform(v).view()));
      }
    }
  }
}

}  // namespace

TEST_CASE("Odd shapes work: fewer rows than ranks, one row, one column, one component, k > min(m, n)",
          "[properties]") {
  check_shape<double>(1, 1, 1, 0);
  check_shape<double>(1, 9, 2, 0);
  check_shape<double>(9, 1, 1, 0);
  check_shape<double>(3, 5, 7, 0.2);
  check_shape<double>(65, 33, 9, 0.5);
  check_shape<float>(2, 3, 1, 0);
  check_shape<float>(40, 17, 20, 0.5);
}

TEST_CASE("Empty rows and columns keep zeros in W and H", "[properties]") {
  Matrix<double> all = random_matrix<double>(30, 12, 2, 0.3);
  for (Index j = 0; j < 12; ++j) all(13, j) = 0;
  for (Index i = 0; i < 30; ++i) all(i, 5) = 0;
  for (bool sparse : {false, true}) {
    const DataMatrix<double> v = spread(world(), all, sparse);
    for (double beta : {2.0, 1.0}) {
      Nmf<double> model(options_for(3, beta));
      model.fit(v);
      for (Index c = 0; c < 3; ++c) {
        CHECK(model.ht()(5, c) == 0);
        const Index row = 13 - v.first_row();
        if (row >= 0 && row < v.rows_local()) CHECK(model.w()(row, c) == 0);
      }
    }
  }
}

TEST_CASE("V = 0 works", "[properties]") {
  const Matrix<double> all(20, 6);
  for (bool sparse : {false, true}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      for (Start start : {Start::random, Start::uniform}) {
        Options options = options_for(2, 2, order, 25);
        options.tolerance = 1e-4;
        options.start = start;
        Nmf<double> model(options);
        model.fit(spread(world(), all, sparse));
        CHECK(model.cost().loss == 0);
        CHECK(model.cost().relative_error == 0);
        CHECK(is_finite_and_non_negative(model.w()));
        Nmf<double> kullback_leibler(options_for(2, 1, order, 25));
        kullback_leibler.fit(spread(world(), all, sparse));
        CHECK(kullback_leibler.cost().loss == 0);
      }
    }
  }
}

TEST_CASE("Any number of ranks agrees with one rank after 50 iterations", "[properties]") {
  const Matrix<double> all = random_matrix<double>(150, 60, 3, 0.6);
  for (bool sparse : {false, true}) {
    const DataMatrix<double> v = spread(world(), all, sparse), alone = spread(Comm::self(), all, sparse);
    for (double beta : {2.0, 1.0, 0.5}) {
      for (Order order : {Order::w_first, Order::h_first}) {
        INFO("beta = " << beta << (sparse ? ", sparse" : ", dense"));
        const Options options = options_for(6, beta, order);
        Nmf<double> model(options), reference(options);
        model.fit(v);
        reference.fit(alone);
        const auto own_rows = reference.w().middle_rows(v.first_row(), v.rows_local());
        CHECK(relative_difference<double>(world(), own_rows, model.w()) < 1e-10);
        CHECK(relative_difference<double>(Comm::self(), reference.ht(), model.ht()) < 1e-10);
        CHECK(model.cost().loss == Approx(reference.cost().loss).epsilon(1e-10));
      }
    }
  }
}

TEST_CASE("The start has the same bits for any number of ranks", "[properties]") {
  const Matrix<double> all = random_matrix<double>(45, 13, 4, 0);
  const DataMatrix<double> v = spread(world(), all, false), alone = spread(Comm::self(), all, false);
  for (Start start : {Start::random, Start::uniform, Start::numpy}) {
    Options options = options_for(4, 2, Order::w_first, 0);
    options.start = start;
    options.seed = Seed(11);
    Nmf<double> model(options), reference(options);
    model.fit(v);
    reference.fit(alone);
    // summary().sum, and with it the scale, is summed in another order on other ranks
    const double scale_rounding = start == Start::random ? 1e-15 : 0;
    const auto own_rows = reference.w().middle_rows(v.first_row(), v.rows_local());
    CHECK(relative_difference<double>(world(), own_rows, model.w()) <= scale_rounding);
    CHECK(relative_difference<double>(Comm::self(), reference.ht(), model.ht()) <= scale_rounding);
  }
}

TEST_CASE("The same run twice has the same bits", "[properties]") {
  for (bool sparse : {false, true}) {
    const DataMatrix<float> v = spread(world(), random_matrix<float>(100, 40, 5, 0.5), sparse);
    for (double beta : {2.0, 1.0, 1.5}) {
      Nmf<float> first(options_for(5, beta)), second(options_for(5, beta));
      first.fit(v);
      second.fit(v);
      CHECK(relative_difference<float>(world(), first.w(), second.w()) == 0);
      CHECK(relative_difference<float>(world(), first.ht(), second.ht()) == 0);
    }
  }
}

TEST_CASE("Dense and sparse storage agree", "[properties]") {
  const Matrix<double> all = random_matrix<double>(120, 50, 6, 0.7);
  const DataMatrix<double> dense = spread(world(), all, false), sparse = spread(world(), all, true);
  for (double beta : {2.0, 1.0, 1.5, 3.0}) {
    Nmf<double> one(options_for(5, beta)), other(options_for(5, beta));
    one.fit(dense);
    other.fit(sparse);
    CHECK(relative_difference<double>(world(), one.w(), other.w()) < 1e-10);
    CHECK(relative_difference<double>(world(), one.ht(), other.ht()) < 1e-10);
    CHECK(one.cost().loss == Approx(other.cost().loss).epsilon(1e-10));
  }
}

TEST_CASE("Float follows double", "[properties]") {
  const Matrix<double> all = random_matrix<double>(200, 60, 7, 0.6);
  Matrix<float> rounded(200, 60);
  for (Index i = 0; i < 200; ++i) {
    for (Index j = 0; j < 60; ++j) rounded(i, j) = static_cast<float>(all(i, j));
  }
  for (bool sparse : {false, true}) {
    for (double beta : {2.0, 1.0, 0.5}) {
      Nmf<double> one(options_for(6, beta));
      Nmf<float> other(options_for(6, beta));
      one.fit(spread(world(), all, sparse));
      other.fit(spread(world(), rounded, sparse));
      CHECK(other.cost().loss == Approx(one.cost().loss).epsilon(1e-4));
    }
  }
}

TEST_CASE("Losses fall", "[properties]") {
  for (bool sparse : {false, true}) {
    for (double beta : {2.0, 1.0, 0.5, 0.0, 1.5, 3.0, -0.5}) {
      const DataMatrix<double> v = spread(world(), random_matrix<double>(80, 30, 8, beta > 0 ? 0.5 : 0), sparse);
      for (Order order : {Order::w_first, Order::h_first}) {
        INFO("beta = " << beta << (sparse ? ", sparse" : ", dense"));
        Nmf<double> model(options_for(4, beta, order, 100));
        model.fit(v);
        check_falling(model, v);
        CHECK(model.cost().loss < model.trace().front().cost.loss);
      }
    }
  }
}

TEST_CASE("Where the multiplicative update stands still the gradient vanishes on positive entries",
          "[properties]") {
  if (!is_for_long_fits()) return;
  const DataMatrix<double> v = spread(world(), random_matrix<double>(40, 15, 9, 0), false);
  for (double beta : {2.0, 1.0}) {
    Nmf<double> model(options_for(2, beta, Order::w_first, 20000));
    model.fit(v);
    const Evaluation result = evaluate(v, model.w(), model.ht(), model.options().loss);
    CHECK(result.kkt_w < 1e-6);
    CHECK(result.kkt_h < 1e-6);
    Nmf<double> far(options_for(2, beta, Order::w_first, 1));
    far.fit(v);
    CHECK(evaluate(v, far.w(), far.ht(), far.options().loss).kkt_h > 1e-4);  // the measure can fail
  }
}

TEST_CASE("Each rank may bring its own rows, cut anywhere", "[properties]") {
  const Matrix<double> all = random_matrix<double>(53, 21, 10, 0.4);
  const Index each = 53 / world().size() + 1;
  const Index first = std::min<Index>(53, each * world().rank()), last = std::min<Index>(53, first + each);
  const Matrix<double> own = rows_of(all, first, last - first);
  const DataMatrix<double> alone = spread(Comm::self(), all, true);
  Nmf<double> model(options_for(3)), reference(options_for(3));
  model.fit(DataMatrix<double>::from_rows(world(), compressed(own)));
  reference.fit(alone);
  CHECK(relative_difference<double>(Comm::self(), reference.ht(), model.ht()) < 1e-10);
  CHECK(model.w().rows() == last - first);
}

TEST_CASE("At the exact factors the relative error is rounding on any number of ranks", "[properties]") {
  const Matrix<double> w0 = random_matrix<double>(60, 4, 12, 0.5), h0 = random_matrix<double>(4, 30, 13, 0.5);
  Matrix<double> all(60, 30);
  for (Index i = 0; i < 60; ++i) {
    for (Index j = 0; j < 30; ++j) {
      for (Index c = 0; c < 4; ++c) all(i, j) += w0(i, c) * h0(c, j);
    }
  }
  for (bool sparse : {false, true}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      const DataMatrix<double> v = spread(world(), all, sparse);
      Nmf<double> model(options_for(4, 2, order, 20));
      model.fit(v, rows_of(w0, v.first_row(), v.rows_local()).view(), h0.view());
      for (const TraceRow& row : model.trace()) CHECK(row.cost.relative_error < 1e-12);
    }
  }
}

TEST_CASE("Limits and refusals are every rank's", "[properties]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(90, 30, 14, 0.3), true);
  for (Order order : {Order::w_first, Order::h_first}) {
    Options options = options_for(4, 1, order, 1'000'000'000);
    options.max_seconds = 0.1;
    options.trace_every = 1000;
    Nmf<double> limited(options);
    limited.fit(v);
    CHECK(limited.stop_reason() == StopReason::max_seconds);
    CHECK(world().max(static_cast<double>(limited.iterations())) == static_cast<double>(limited.iterations()));
    CHECK(std::isfinite(limited.cost().loss));

    options = options_for(4, 1, order, 1000);
    options.tolerance = 1e-3;
    Nmf<double> stopped(options), alone(options);
    stopped.fit(v);
    alone.fit(spread(Comm::self(), random_matrix<double>(90, 30, 14, 0.3), true));
    CHECK(stopped.stop_reason() == StopReason::tolerance);
    CHECK(stopped.iterations() == alone.iterations());
  }
  try {
    Nmf<double>(options_for(2, 0)).fit(v);
    FAIL("zeros were taken");
  } catch (const BadData& error) {
    CHECK(error.has_met());
  }
  Matrix<double> w0(v.rows_local(), 2), h0(2, 30);
  if (world().rank() == world().size() - 1) w0 = Matrix<double>(v.rows_local() + 1, 2);
  CHECK_THROWS_AS(Nmf<double>(options_for(2)).fit(v, w0.view(), h0.view()), ShapeMismatch);
}

TEST_CASE("A bad entry on one rank is every rank's error and names the place", "[properties]") {
  const auto message_of = [](double bad) {
    Matrix<double> all = random_matrix<double>(64, 5, 11, 0);
    all(41, 3) = bad;
    try {
      spread(world(), all, false);
    } catch (const BadData& error) {
      CHECK(error.has_met());
      return std::string(error.what());
    }
    return std::string();
  };
  for (double bad : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK(message_of(bad).find("row 41, column 3") != std::string::npos);
  }
  CHECK(message_of(std::nan("")).find("--missing nan") != std::string::npos);
}

TEST_CASE("The limbs of the swimmer are found", "[properties]") {
  if (!is_for_long_fits()) return;
  const DataMatrix<double> v = load<double>(world(), "generate:swimmer");
  int all_found = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Options options = options_for(17, 2, Order::w_first, 1000);
    options.seed = Seed(seed);
    options.trace_every = 1000;
    Nmf<double> model(options);
    model.fit(v);
    const Matrix<double> parts = io::planted_parts("generate:swimmer");
    int found = 0;
    for (Index limb = 1; limb < 17; ++limb) {
      double closest = 0;
      for (Index c = 0; c < 17; ++c) {
        double inner = 0, norm = 0;
        for (Index j = 0; j < 1024; ++j) {
          if (parts(0, j) > 0) continue;  // the torso is in every image: its share of a limb is not determined
          inner += model.ht()(j, c) * parts(limb, j);
          norm += model.ht()(j, c) * model.ht()(j, c);
        }
        closest = std::max(closest, inner / std::sqrt(6 * norm));
      }
      found += closest > 0.99 ? 1 : 0;
    }
    if (world().is_root()) {
      std::printf("swimmer, seed %d: relative error %.2e, %d of 16 limbs\n", static_cast<int>(seed),
                  model.cost().relative_error, found);
    }
    // the images are not separable: from some starts the update ends in a poorer minimum
    if (found == 16 && model.cost().relative_error < 1e-2) ++all_found;
  }
  CHECK(all_found >= 2);
}
