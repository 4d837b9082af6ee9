// Fits to what is known of V, and to entries with weights, beside plain loops over a dense V and what each of its
// entries weighs, 0 where it is not known. Every rank runs them whole.
#include "api/evaluate.hpp"
#include "catch.hpp"
#include "known_entries.hpp"
#include "losses/loss_table.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"
#include "svd_support.hpp"

using namespace mpinmf;

namespace {

/// A row has more known entries than are worked on together (256); one row and one column have none.
constexpr Index rows = 23, columns = 700, empty_row = 5, empty_column = 7;

/// Zeros are what is not known.
template <class T>
Matrix<T> ratings() {
  Matrix<T> v = random_matrix<T>(rows, columns, 11, 0.5);
  for (Index j = 0; j < columns; ++j) v(empty_row, j) = 0;
  for (Index i = 0; i < rows; ++i) v(i, empty_column) = 0;
  return v;
}

/// V, and how many times each of its entries counts.
template <class T>
struct Weighted {
  Matrix<T> v;
  Matrix<double> weights;

  static Weighted ratings_alone() {
    Weighted all{ratings<T>(), Matrix<double>(rows, columns)};
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) all.weights(i, j) = all.v(i, j) == 0 ? 0 : 1;
    }
    return all;
  }
  double square() const {
    double sum = 0;
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) sum += weights(i, j) * static_cast<double>(v(i, j) * v(i, j));
    }
    return sum;
  }
};

template <class T>
double masked_loss(const Weighted<T>& all, const KnownPair& pair, double beta) {
  double loss = 0;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      if (all.weights(i, j) == 0) continue;
      loss += all.weights(i, j) * divergence(static_cast<double>(all.v(i, j)), pair.model(i, j), beta);
    }
  }
  return loss;
}

/// x <- x (numerator / denominator)^exponent for all rows of W, or all columns of H, from sums over known entries.
template <class T>
void masked_step(const Weighted<T>& all, KnownPair& pair, double beta, bool of_w) {
  const double exponent = facts_of(Loss{beta}).exponent;
  const Index k = pair.w.columns();
  Matrix<double> above(of_w ? rows : columns, k), below(above.rows(), k);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      if (all.weights(i, j) == 0) continue;
      const double x = pair.model(i, j), power = all.weights(i, j) * std::pow(x, beta - 1);
      for (Index c = 0; c < k; ++c) {
        const double other = of_w ? pair.h(c, j) : pair.w(i, c);
        above(of_w ? i : j, c) += all.v(i, j) > 0 ? static_cast<double>(all.v(i, j)) * power / x * other : 0;
        below(of_w ? i : j, c) += power * other;
      }
    }
  }
  for (Index r = 0; r < above.rows(); ++r) {
    for (Index c = 0; c < k; ++c) {
      double& entry = of_w ? pair.w(r, c) : pair.h(c, r);
      entry = below(r, c) > 0 ? entry * std::pow(above(r, c) / below(r, c), exponent) : 0;
    }
  }
}

/// x_c <- max(0, x_c - slope / curvature), component by component, for all rows of W or all columns of H.
/// `penalty`: l1, which is l2, too. `fixed` ones stay.
template <class T>
void masked_descent(const Weighted<T>& all, KnownPair& pair, double penalty, bool of_w,
                    const std::vector<Index>& fixed = {}) {
  for (Index r = 0; r < (of_w ? rows : columns); ++r) {
    for (Index c = 0; c < pair.w.columns(); ++c) {
      if (std::find(fixed.begin(), fixed.end(), c) != fixed.end()) continue;
      double& x = of_w ? pair.w(r, c) : pair.h(c, r);
      double slope = penalty + penalty * x, curvature = penalty;
      for (Index other = 0; other < (of_w ? columns : rows); ++other) {
        const Index i = of_w ? r : other, j = of_w ? other : r;
        const double y = of_w ? pair.h(c, j) : pair.w(i, c), weight = all.weights(i, j);
        if (weight == 0) continue;
        slope += weight * (pair.model(i, j) - static_cast<double>(all.v(i, j))) * y;
        curvature += weight * y * y;
      }
      x = curvature > 0 ? std::max(0.0, x - slope / curvature) : 0;
    }
  }
}

/// `v`: what is known of `all`.
template <class T>
void check_against_loops(const Weighted<T>& all, const DataMatrix<T>& v, double beta, Index k, Order order,
                         const char* rule = "mu", double alpha = 0) {
  INFO("beta " << beta << ", k " << k << ", " << name_of(order) << ", bytes " << sizeof(T) << ", " << rule);
  KnownPair pair{random_matrix<double>(rows, k, 1, 0), random_matrix<double>(k, columns, 2, 0)};
  Options options = fixed_options(k, beta, order, 6);
  options.loss.missing = Missing::zeros;
  options.threads = 2;
  options.rule = rule;
  options.alpha_w = alpha;
  options.l1_ratio = 0.5;
  Nmf<T> model(options);
  model.fit(v, rows_of(cast<T>(pair.w), v.first_row(), v.rows_local()).view(), cast<T>(pair.h).view());
  const auto step = [&](bool of_w) {
    if (options.rule == "mu") return masked_step(all, pair, beta, of_w);
    masked_descent(all, pair, alpha * 0.5 * static_cast<double>(of_w ? columns : rows), of_w);
  };
  for (Index i = 0; i < options.max_iterations; ++i) {
    step(order == Order::w_first);
    step(order != Order::w_first);
  }
  const double tolerance = sizeof(T) == 8 ? 1e-10 : 2e-4;
  CHECK(relative_difference<T>(world(), rows_of(cast<T>(pair.w), v.first_row(), v.rows_local()).view(),
                               model.w()) < tolerance);
  CHECK(relative_difference<T>(Comm::self(), cast<T>(pair.h).view(), model.components().view()) < tolerance);
  const double loss = masked_loss(all, pair, beta);
  CHECK(model.cost().loss == Approx(loss).epsilon(tolerance));
  if (beta == 2)
    CHECK(model.cost().relative_error == Approx(std::sqrt(2 * loss / all.square())).epsilon(tolerance));
  const Evaluation found = evaluate<T>(v, model.w(), model.ht(), options.loss, 1);
  if (options.rule == "mu")  // which leaves no zeros, at which that loss is infinite
    CHECK(found.losses[1].loss == Approx(masked_loss(all, pair, 1)).epsilon(tolerance));
  CHECK(found.losses[beta == 2 ? 0 : beta == 1 ? 1 : beta == 0 ? 2 : 3].loss == Approx(loss).epsilon(tolerance));
  if (alpha == 0) CHECK(found.kkt_w == Approx(model.kkt_w()).epsilon(1e-4));  // evaluate knows of no penalties
}

/// |min(w, g)| for the gradient g over known entries, relative to its rising part, at worst.
double worst_slope(const Matrix<double>& v, const KnownPair& pair, double beta, Index first, Index count) {
  double worst = 0;
  for (Index i = first; i < first + count; ++i) {
    for (Index c = 0; c < pair.h.rows(); ++c) {
      double slope = 0, rising = 0;
      for (Index j = 0; j < columns; ++j) {
        if (v(i, j) == 0) continue;
        const double x = pair.model(i, j), power = std::pow(x, beta - 1);
        rising += power * pair.h(c, j);
        slope += (power - v(i, j) * power / x) * pair.h(c, j);
      }
      if (rising == 0) continue;
      worst = std::max(worst, pair.w(i, c) > 0 ? std::abs(slope) / rising : std::max(0.0, -slope) / rising);
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("A fit to known entries is that of plain loops over a mask", "[missing]") {
  const auto all = Weighted<double>::ratings_alone();
  const auto in_float = Weighted<float>::ratings_alone();
  const auto v = spread(world(), all.v, true);
  const auto float_v = spread(world(), in_float.v, true);
  for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0}) {
    for (const Index k : {1, 3, 20}) {
      check_against_loops(all, v, beta, k, Order::w_first);
      check_against_loops(in_float, float_v, beta, k, Order::w_first);
    }
    check_against_loops(all, v, beta, 3, Order::h_first);
  }
}

TEST_CASE("Coordinate descent over known entries is that of plain loops over a mask", "[missing]") {
  const auto all = Weighted<double>::ratings_alone();
  const auto in_float = Weighted<float>::ratings_alone();
  const auto v = spread(world(), all.v, true);
  const auto float_v = spread(world(), in_float.v, true);
  for (const Index k : {1, 3, 8, 20}) {
    check_against_loops(all, v, 2, k, Order::w_first, "hals");
    check_against_loops(in_float, float_v, 2, k, Order::w_first, "hals");
  }
  check_against_loops(all, v, 2, 9, Order::h_first, "hals");
  check_against_loops(all, v, 2, 3, Order::w_first, "hals", 1e-3);
}

TEST_CASE("Rows and features change places in coordinate descent over known entries", "[missing]") {
  const Matrix<double> all = ratings<double>(), turned = transposed(all);
  const Matrix<double> w = random_matrix<double>(rows, 7, 1, 0), h = random_matrix<double>(7, columns, 2, 0);
  for (const char* rule : {"hals", "ahals"}) {
    for (const int threads : {1, 2}) {
      Options options = fixed_options(7, 2, Order::w_first, 8);
      options.loss.missing = Missing::zeros;
      options.rule = rule;
      options.inner_rounds = options.rule == "ahals" ? 5 : 0;
      options.threads = threads;
      Nmf<double> model(options);
      options.order = Order::h_first;
      Nmf<double> other(options);
      const auto v = spread(world(), all, true), v_turned = spread(world(), turned, true);
      const Matrix<double> turned_h = transposed(h), turned_w = transposed(w);
      model.fit(v, rows_of(w, v.first_row(), v.rows_local()).view(), h.view());
      other.fit(v_turned, rows_of(turned_h, v_turned.first_row(), v_turned.rows_local()).view(), turned_w.view());
      CHECK(relative_difference<double>(
                world(), model.w(),
                rows_of(transposed(other.components()), v.first_row(), v.rows_local()).view()) < 1e-10);
      CHECK(other.cost().loss == Approx(model.cost().loss).epsilon(1e-10));
    }
  }
}

TEST_CASE("Components that are fixed stay in coordinate descent over known entries", "[missing]") {
  const auto v = spread(world(), ratings<double>(), true);
  const auto all = Weighted<double>::ratings_alone();
  const std::vector<Index> fixed = {8, 0, 9};
  const Matrix<double> known = random_matrix<double>(3, columns, 2, 0.4);
  KnownPair pair{random_matrix<double>(rows, 10, 1, 0), random_matrix<double>(10, columns, 2, 0)};
  for (Index f = 0; f < 3; ++f) {
    std::copy_n(known.row(f), columns, pair.h.row(fixed[static_cast<std::size_t>(f)]));
  }
  Options options = fixed_options(10, 2, Order::w_first, 6);
  options.loss.missing = Missing::zeros;
  options.rule = "hals";
  Nmf<double> model(options);
  model.fix_h(fixed, known.view());
  model.fit(v, rows_of(pair.w, v.first_row(), v.rows_local()).view(), pair.h.view());
  for (Index i = 0; i < options.max_iterations; ++i) {
    masked_descent(all, pair, 0, true);
    masked_descent(all, pair, 0, false, fixed);
  }
  CHECK(relative_difference<double>(world(), rows_of(pair.w, v.first_row(), v.rows_local()).view(), model.w()) <
        1e-10);
  CHECK(relative_difference<double>(Comm::self(), pair.h.view(), model.components().view()) < 1e-10);
  bool same = true;
  for (Index f = 0; f < 3; ++f) {
    for (Index j = 0; j < columns; ++j)
      same = same && model.ht()(j, fixed[static_cast<std::size_t>(f)]) == known(f, j);
  }
  CHECK(same);
}

namespace {

/// From 0.01 to 100, a share of them 0.
template <class T>
Matrix<T> weights_of_entries(double share_of_zeros) {
  Matrix<T> weights = random_matrix<T>(rows, columns, 21, share_of_zeros);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      if (weights(i, j) != 0)
        weights(i, j) = static_cast<T>(std::pow(10.0, 4 * static_cast<double>(weights(i, j)) - 2));
    }
  }
  return weights;
}

template <class T>
void check_weighted_entries(double share_of_zeros) {
  const Matrix<T> weights = weights_of_entries<T>(share_of_zeros);
  Weighted<T> all{random_matrix<T>(rows, columns, 22, 0), Matrix<double>(rows, columns)};
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) all.weights(i, j) = static_cast<double>(weights(i, j));
  }
  const auto v = spread(world(), all.v, false);
  for (const bool sparse : {false, true}) {
    const auto weighted = v.weighted(spread(world(), weights, sparse));
    CHECK(weighted.is_sparse() == (share_of_zeros > 0));
    for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0}) {
      check_against_loops(all, weighted, beta, 3, sparse ? Order::h_first : Order::w_first);
    }
    check_against_loops(all, weighted, 2, 9, sparse ? Order::h_first : Order::w_first, "hals");
  }
}

/// One column of V's rows, or one row of its columns.
template <class T>
DataMatrix<T> vector_of(const DataMatrix<T>& v, const Matrix<T>& weights) {
  if (weights.columns() == 1) {
    return DataMatrix<T>::from_partition(v.comm(), v.partition(), rows_of(weights, v.first_row(), v.rows_local()),
                                         "weights");
  }
  return spread(v.comm(), weights, false);
}

}  // namespace

TEST_CASE("A fit to entries with weights is that of plain loops that count each so often", "[missing]") {
  for (const double share_of_zeros : {0.1, 0.0}) {
    check_weighted_entries<double>(share_of_zeros);
    check_weighted_entries<float>(share_of_zeros);
  }
}

TEST_CASE("Rows, or columns, may have weights, and what is not stored or NaN may be unknown besides",
          "[missing]") {
  Weighted<double> all = Weighted<double>::ratings_alone();
  const Matrix<double> of_rows = random_matrix<double>(rows, 1, 23, 0.1),
                       of_columns = random_matrix<double>(1, columns, 24, 0.1), known = all.weights.copy();
  for (const bool by_row : {true, false}) {
    for (const Missing missing : {Missing::zeros, Missing::nan, Missing::none}) {
      INFO(name_of(missing) << (by_row ? ", rows" : ", columns"));
      Matrix<double> v = all.v.copy();
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < columns; ++j) {
          if (missing == Missing::nan && known(i, j) == 0) v(i, j) = std::nan("");
          all.weights(i, j) =
              (by_row ? of_rows(i, 0) : of_columns(0, j)) * (missing == Missing::none ? 1 : known(i, j));
        }
      }
      const auto plain = spread(world(), v, missing != Missing::nan, missing);
      const auto weighted = plain.weighted(vector_of(plain, by_row ? of_rows : of_columns), missing);
      check_against_loops(all, weighted, 2, 3, Order::w_first);
      check_against_loops(all, weighted, 1, 3, Order::w_first);
    }
  }
}

TEST_CASE("Weights of 1 change nothing, and those of 2 count twice", "[missing]") {
  const Matrix<double> all = random_matrix<double>(rows, columns, 25, 0.3);
  const auto v = spread(world(), all, false);
  Matrix<double> weights(rows, columns);
  for (const double weight : {1.0, 2.0}) {
    for (Index i = 0; i < rows; ++i) std::fill_n(weights.row(i), columns, weight);
    for (const double beta : {2.0, 1.0, 1.5}) {
      INFO("weight " << weight << ", beta " << beta);
      Options options = fixed_options(4, beta, Order::w_first, 20);
      Nmf<double> plain(options), model(options);
      plain.fit(v);
      options.loss.missing = Missing::zeros;
      model = Nmf<double>(options);
      model.fit(v.weighted(spread(world(), weights, false)));
      CHECK(relative_difference<double>(world(), plain.w(), model.w()) < 1e-10);
      CHECK(relative_difference<double>(Comm::self(), plain.ht(), model.ht()) < 1e-10);
      CHECK(model.cost().loss == Approx(weight * plain.cost().loss).epsilon(1e-10));
      if (beta == 2) CHECK(model.cost().relative_error == Approx(plain.cost().relative_error).epsilon(1e-10));
    }
  }
}

TEST_CASE("Weights that do not fit V are refused, as is what does not know of them", "[missing]") {
  const auto v = spread(world(), random_matrix<double>(rows, columns, 26, 0), false);
  const auto refusal = [&](Index m, Index n, double share_of_zeros) {
    const auto weights = spread(world(), random_matrix<double>(m, n, 27, share_of_zeros), false);
    return message_of([&] { v.weighted(weights); }, ExitCode::bad_data);
  };
  CHECK_THAT(refusal(rows, 2, 0), Catch::Contains("weights are 23 x 2, but V is 23 x 700"));
  CHECK_THAT(refusal(1, rows, 0), Catch::Contains("a row with one of each column"));
  CHECK_THAT(refusal(rows, columns, 1), Catch::Contains("no entry of V that is known has a weight"));
  const auto weighted = v.weighted(spread(world(), weights_of_entries<double>(0.1), false));
  const Options whole = fixed_options(2, 2, Order::w_first, 3);
  CHECK_THAT(message_of([&] { Nmf<double>(whole).fit(weighted); }, ExitCode::usage),
             Catch::Contains("the loss must have Missing::zeros"));
  Options known = whole;
  known.loss.missing = Missing::zeros;
  Nmf<double> model(known);
  model.fit(weighted);
  CHECK_THAT(message_of([&] { model.transform(weighted); }, ExitCode::usage),
             Catch::Contains("which transform does not know of"));
  CHECK_THAT(message_of([&] { weighted.without({}); }, ExitCode::usage), Catch::Contains("does not know of"));
  CHECK_THAT(message_of([&] { weighted.perturbed({}); }, ExitCode::usage), Catch::Contains("noise"));
}

TEST_CASE("Where all is known the fit is the plain one", "[missing]") {
  const Matrix<double> all = random_matrix<double>(rows, columns, 3, 0);
  for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0}) {
    for (const bool sparse : {true, false}) {
      INFO("beta " << beta << (sparse ? ", sparse" : ", dense"));
      const auto v = spread(world(), all, sparse);
      Options options = fixed_options(4, beta, Order::w_first, 20);
      options.alpha_w = 1e-3;
      options.l1_ratio = 0.5;
      Nmf<double> plain(options);
      plain.fit(v);
      options.loss.missing = Missing::zeros;
      Nmf<double> model(options);
      model.fit(v);
      CHECK(relative_difference<double>(world(), plain.w(), model.w()) < 1e-10);
      CHECK(relative_difference<double>(Comm::self(), plain.ht(), model.ht()) < 1e-10);
      CHECK(model.cost().loss == Approx(plain.cost().loss).epsilon(1e-10));
      CHECK(model.cost().penalty == Approx(plain.cost().penalty).epsilon(1e-10));
      CHECK(model.kkt_h() == Approx(plain.kkt_h()).epsilon(1e-6));
      if (beta == 2) CHECK(model.cost().mean_row_norm == Approx(plain.cost().mean_row_norm).epsilon(1e-10));
      const Matrix<double> w = plain.transform(v), known_w = model.transform(v);
      CHECK(relative_difference<double>(world(), w.view(), known_w.view()) < 1e-4);
    }
  }
}

TEST_CASE("transform solves for rows by what is known of them", "[missing]") {
  const Matrix<double> all = ratings<double>();
  const auto v = spread(world(), all, true);
  for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0}) {
    INFO("beta " << beta);
    Options options = fixed_options(5, beta, Order::w_first, 10);
    options.loss.missing = Missing::zeros;
    options.tolerance = 1e-9;
    Nmf<double> model(options);
    const Matrix<double> h = random_matrix<double>(5, columns, 4, 0.2);
    model.set_components(h.view());
    TransformRecord record;
    const Matrix<double> w = model.transform(v, &record);
    CHECK(record.unconverged == 0);
    KnownPair pair{Matrix<double>(rows, 5), h.copy()};
    for (Index i = 0; i < w.rows(); ++i) std::copy_n(w.row(i), 5, pair.w.row(v.first_row() + i));
    CHECK(worst_slope(all, pair, beta, v.first_row(), v.rows_local()) < 1e-7);
    for (Index i = 0; i < w.rows(); ++i) {
      if (v.first_row() + i != empty_row) continue;
      for (Index c = 0; c < 5; ++c) CHECK(w(i, c) == 0);
    }
  }
}

TEST_CASE("What asks for all of V is refused where some is not known", "[missing]") {
  Options options = fixed_options(2, 2, Order::w_first, 5);
  options.loss.missing = Missing::zeros;
  for (const char* rule : {"anls-bpp", "scd", "mu-newton", "amu"}) {
    options.rule = rule;
    CHECK_THROWS_WITH(Nmf<double>(options), Catch::Contains("takes every entry of V as known"));
  }
  options.rule = "";
  options.final_w = true;
  CHECK_THROWS_WITH(Nmf<double>(options), Catch::Contains("--final-w"));
}
