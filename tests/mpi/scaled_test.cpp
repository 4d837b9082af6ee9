// Weights of rows and of columns by which V is scaled (DataMatrix::scaled), beside fits to entries with weights,
// plain loops, and what is known of a minimum.
#include "api/evaluate.hpp"
#include "api/row_errors.hpp"
#include "catch.hpp"
#include "known_entries.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

constexpr Index m = 37, n = 29;

/// From 0.01 to 100; one in ten is 0.
template <class T>
Matrix<T> weights_of(bool by_row, unsigned seed) {
  Matrix<T> weights = by_row ? random_matrix<T>(m, 1, seed, 0) : random_matrix<T>(1, n, seed, 0);
  const Index count = by_row ? m : n;
  for (Index i = 0; i < count; ++i) {
    T& weight = by_row ? weights(i, 0) : weights(0, i);
    weight = i % 10 == 3 ? T{0} : static_cast<T>(std::pow(10.0, 4 * static_cast<double>(weight) - 2));
  }
  return weights;
}

double weight_at(const Matrix<double>& weights, Index i, Index j) {
  return weights.columns() == 1 ? weights(i, 0) : weights(0, j);
}

template <class T>
Matrix<double> in_double(const Matrix<T>& x) {
  Matrix<double> result(x.rows(), x.columns());
  for (Index i = 0; i < x.rows(); ++i) std::copy_n(x.row(i), x.columns(), result.row(i));
  return result;
}

/// Weights of rows are cut among ranks as V is.
template <class T>
DataMatrix<T> lines_of(const DataMatrix<T>& v, const Matrix<T>& weights) {
  if (weights.columns() > 1) return spread(v.comm(), weights, false);
  return DataMatrix<T>::from_partition(v.comm(), v.partition(), rows_of(weights, v.first_row(), v.rows_local()),
                                       "weights");
}

template <class T>
DataMatrix<T> scaled(const Matrix<T>& v, bool sparse, const Matrix<T>& weights, double beta,
                     Missing missing = Missing::none) {
  auto all = spread(world(), v, sparse, missing);
  const auto lines = lines_of(all, weights);
  return std::move(all).scaled(lines, beta, missing);
}

/// All of W, which is spread over the ranks.
template <class T>
Matrix<double> whole(const DataMatrix<T>& v, ConstMatrixView<T> w) {
  std::vector<double> all(static_cast<std::size_t>(m * w.columns()));
  for (Index i = 0; i < w.rows(); ++i) {
    for (Index c = 0; c < w.columns(); ++c)
      all[static_cast<std::size_t>((v.first_row() + i) * w.columns() + c)] = static_cast<double>(w(i, c));
  }
  v.comm().sum(std::span(all));
  Matrix<double> result(m, w.columns());
  for (Index i = 0; i < m; ++i) std::copy_n(all.data() + i * w.columns(), w.columns(), result.row(i));
  return result;
}

template <class T>
KnownPair pair_of(const DataMatrix<T>& v, const Nmf<T>& model) {
  return {whole<T>(v, model.w()), in_double(model.components())};
}

/// Over what is a number.
double weighted_loss(const Matrix<double>& v, const Matrix<double>& weights, const KnownPair& pair, double beta) {
  double loss = 0;
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      const double weight = weight_at(weights, i, j);
      if (weight > 0 && v(i, j) == v(i, j)) loss += weight * divergence(v(i, j), pair.model(i, j), beta);
    }
  }
  return loss;
}

/// |min(x, g)| for the gradient g of the weighted loss over its rising part, at worst over the rows of W, or over
/// the columns of H. Entries that are small in their row, or column, are on their way to 0.
double worst_slope(const Matrix<double>& v, const Matrix<double>& weights, const KnownPair& pair, double beta,
                   bool of_w) {
  const Index k = pair.w.columns();
  double worst = 0;
  for (Index line = 0; line < (of_w ? m : n); ++line) {
    const auto entry = [&](Index c) { return of_w ? pair.w(line, c) : pair.h(c, line); };
    double largest = 0;
    for (Index c = 0; c < k; ++c) largest = std::max(largest, entry(c));
    for (Index c = 0; c < k; ++c) {
      double slope = 0, rising = 0;
      for (Index other = 0; other < (of_w ? n : m); ++other) {
        const Index i = of_w ? line : other, j = of_w ? other : line;
        if (weight_at(weights, i, j) == 0 || v(i, j) != v(i, j)) continue;
        const double x = pair.model(i, j), power = weight_at(weights, i, j) * std::pow(x, beta - 1);
        const double of_other = of_w ? pair.h(c, j) : pair.w(i, c);
        rising += power * of_other;
        slope += (power - (v(i, j) > 0 ? v(i, j) * power / x : 0)) * of_other;
      }
      if (rising == 0) continue;
      worst =
          std::max(worst, entry(c) > 1e-6 * largest ? std::abs(slope) / rising : std::max(0.0, -slope) / rising);
    }
  }
  return worst;
}

/// A round of HALS on W, then on H, one component after the other.
void hals_round(const Matrix<double>& v, const Matrix<double>& weights, KnownPair& pair) {
  for (const bool of_w : {true, false}) {
    for (Index line = 0; line < (of_w ? m : n); ++line) {
      for (Index c = 0; c < pair.w.columns(); ++c) {
        double pull = 0, square = 0;
        for (Index other = 0; other < (of_w ? n : m); ++other) {
          const Index i = of_w ? line : other, j = of_w ? other : line;
          const double of_other = of_w ? pair.h(c, j) : pair.w(i, c);
          pull += weight_at(weights, i, j) * (v(i, j) - pair.model(i, j)) * of_other;
          square += weight_at(weights, i, j) * of_other * of_other;
        }
        double& x = of_w ? pair.w(line, c) : pair.h(c, line);
        x = square > 0 ? std::max(0.0, x + pull / square) : 0;
      }
    }
  }
}

template <class T>
void check_zeros(const DataMatrix<T>& v, const Matrix<T>& weights, const Nmf<T>& model) {
  const KnownPair pair = pair_of(v, model);
  for (Index c = 0; c < pair.w.columns(); ++c) {
    for (Index i = 0; weights.columns() == 1 && i < m; ++i) CHECK((weights(i, 0) > 0 || pair.w(i, c) == 0));
    for (Index j = 0; weights.columns() > 1 && j < n; ++j) CHECK((weights(0, j) > 0 || pair.h(c, j) == 0));
  }
}

/// 1 where an entry is held out.
Matrix<double> marks_of(const Matrix<double>& v, const Holdout& holdout) {
  const auto plain = spread(Comm::self(), v, false), held = plain.only(holdout);
  Matrix<double> marks(v.rows(), v.columns());
  std::vector<std::pair<Index, double>> row;
  for (Index i = 0; i < v.rows(); ++i) {
    held.read_row(held.rows(i, 1), 0, row);
    for (const auto& [j, value] : row) marks(i, j) = 1;
  }
  return marks;
}

template <class T>
void check_against_entries(bool by_row, bool sparse, double beta, Missing missing) {
  INFO((by_row ? "rows" : "columns") << (sparse ? ", sparse" : ", dense") << ", beta " << beta << ", missing "
                                     << name_of(missing) << ", bytes " << sizeof(T));
  const Matrix<T> all = random_matrix<T>(m, n, 31, 0.3), weights = weights_of<T>(by_row, 32);
  const auto plain = spread(world(), all, sparse);
  const auto entries = plain.weighted(lines_of(plain, weights), missing);
  const auto v = scaled(all, sparse, weights, beta, missing);
  Options options = fixed_options(3, beta, Order::w_first, 6);
  options.threads = 2;
  options.loss.missing = missing;
  Nmf<T> model(options);
  options.loss.missing = Missing::zeros;
  Nmf<T> of_entries(options);
  const Matrix<T> w0 = rows_of(random_matrix<T>(m, 3, 33, 0), v.first_row(), v.rows_local()),
                  h0 = random_matrix<T>(3, n, 34, 0);
  model.fit(v, w0.view(), h0.view());
  of_entries.fit(entries, w0.view(), h0.view());
  const double tolerance = sizeof(T) == 8 ? 1e-10 : 1e-3;
  CHECK(relative_difference<T>(world(), of_entries.w(), model.w()) < tolerance);
  CHECK(relative_difference<T>(Comm::self(), of_entries.ht(), model.ht()) < tolerance);
  CHECK(model.cost().loss == Approx(of_entries.cost().loss).epsilon(tolerance));
  if (beta == 2) CHECK(model.cost().relative_error == Approx(of_entries.cost().relative_error).epsilon(tolerance));
  check_zeros(v, weights, model);
  const Evaluation found = evaluate<T>(v, model.w(), model.ht(), model.options().loss, 1);
  const Index own = beta == 2 ? 0 : beta == 1 ? 1 : 3;
  CHECK(found.losses[static_cast<std::size_t>(own)].loss == Approx(model.cost().loss).epsilon(tolerance));
  CHECK(found.kkt_w == Approx(model.kkt_w()).epsilon(1e-4));
  CHECK(!found.losses[2].why_not.empty());
}

}  // namespace

TEST_CASE("A V that is scaled by weights is fitted as its entries with these", "[scaled]") {
  for (const bool by_row : {true, false}) {
    for (const double beta : {2.0, 1.0, 0.5, 1.5, 3.0}) {
      for (const bool sparse : {true, false}) {
        check_against_entries<double>(by_row, sparse, beta, Missing::none);
        check_against_entries<float>(by_row, sparse, beta, Missing::none);
      }
      check_against_entries<double>(by_row, true, beta, Missing::zeros);
    }
  }
}

TEST_CASE("Columns that are kept in another order have their own weights", "[scaled]") {
  constexpr Index few = 12, many = 4300;
  const Matrix<double> all = random_matrix<double>(few, many, 35, 0.9),
                       weights = random_matrix<double>(1, many, 36, 0.1);
  auto plain = spread(world(), all, true);
  const auto lines = spread(world(), weights, false);
  const auto entries = plain.weighted(lines, Missing::zeros);
  const auto v = std::move(plain).scaled(lines, 1, Missing::zeros);
  CHECK(!v.column_order().empty());
  Options options = fixed_options(3, 1, Order::w_first, 4);
  options.loss.missing = Missing::zeros;
  const Matrix<double> w0 = rows_of(random_matrix<double>(few, 3, 37, 0), v.first_row(), v.rows_local()),
                       h0 = random_matrix<double>(3, many, 38, 0);
  Nmf<double> model(options), of_entries(options);
  model.fit(v, w0.view(), h0.view());
  of_entries.fit(entries, w0.view(), h0.view());
  CHECK(relative_difference<double>(world(), of_entries.w(), model.w()) < 1e-10);
  CHECK(relative_difference<double>(Comm::self(), of_entries.ht(), model.ht()) < 1e-10);
  // errors of a row, where columns count by their own weights, too
  const Matrix<double> w_all = random_matrix<double>(few, 3, 37, 0), ht = random_matrix<double>(many, 3, 39, 0);
  constexpr Index row = 2;
  double residual = 0, norm = 0;
  for (Index j = 0; j < many; ++j) {
    if (all(row, j) == 0) continue;
    double x = 0;
    for (Index c = 0; c < 3; ++c) x += w_all(row, c) * ht(j, c);
    residual += std::pow(weights(0, j) * (all(row, j) - x), 2);
    norm += std::pow(weights(0, j) * all(row, j), 2);
  }
  const std::vector<Index> asked = {row};
  CHECK(row_errors<double>(v, w0.view(), ht.view(), asked, Missing::zeros).front() ==
        Approx(std::sqrt(residual / norm)).epsilon(1e-10));
}

TEST_CASE("HALS on a V that is scaled is that of plain loops with weights", "[scaled]") {
  const Matrix<double> all = random_matrix<double>(m, n, 41, 0.3);
  for (const bool by_row : {true, false}) {
    const Matrix<double> weights = weights_of<double>(by_row, 42);
    for (const bool sparse : {true, false}) {
      INFO((by_row ? "rows" : "columns") << (sparse ? ", sparse" : ", dense"));
      const auto v = scaled(all, sparse, weights, 2);
      Options options = fixed_options(4, 2, Order::w_first, 8);
      options.rule = "hals";
      options.extrapolate = false;
      KnownPair pair{random_matrix<double>(m, 4, 43, 0), random_matrix<double>(4, n, 44, 0)};
      Nmf<double> model(options);
      model.fit(v, rows_of(pair.w, v.first_row(), v.rows_local()).view(), pair.h.view());
      for (Index i = 0; i < options.max_iterations; ++i) hals_round(all, weights, pair);
      CHECK(relative_difference<double>(Comm::self(), pair.w.view(), whole<double>(v, model.w()).view()) < 1e-10);
      CHECK(relative_difference<double>(Comm::self(), pair.h.view(), model.components().view()) < 1e-10);
      CHECK(model.cost().loss == Approx(weighted_loss(all, weights, pair, 2)).epsilon(1e-10));
    }
  }
}

TEST_CASE("Every rule comes to a minimum of the weighted loss, and says what it is", "[scaled]") {
  struct Case {
    const char* rule;
    double beta;
    Missing missing;
  };
  for (const bool by_row : {true, false}) {
    const Matrix<double> weights = weights_of<double>(by_row, 52);
    for (const Case& one :
         {Case{"ahals", 2, Missing::none}, Case{"anls-bpp", 2, Missing::none}, Case{"ao-admm", 2, Missing::none},
          Case{"scd", 1, Missing::none}, Case{"mu-newton", 1.5, Missing::none}, Case{"anls-bpp", 2, Missing::nan},
          Case{"scd", 1, Missing::nan}}) {
      INFO((by_row ? "rows, " : "columns, ") << one.rule << ", missing " << name_of(one.missing));
      Matrix<double> all = random_matrix<double>(m, n, 51, one.missing == Missing::nan ? 0 : 0.3);
      for (Index i = 0; one.missing == Missing::nan && i < m; ++i) all(i, (i * 7) % n) = std::nan("");
      const auto v = scaled(all, one.missing == Missing::none, weights, one.beta, one.missing);
      Options options;
      options.components = 3;
      options.loss = {.beta = one.beta, .missing = one.missing};
      options.rule = one.rule;
      options.max_iterations = 700;
      options.tolerance = one.beta == 2 ? 1e-11 : 1e-13;
      Nmf<double> model(options);
      model.fit(v);
      const KnownPair pair = pair_of(v, model);
      CHECK(model.cost().loss == Approx(weighted_loss(all, weights, pair, one.beta)).epsilon(1e-9));
      CHECK(worst_slope(all, weights, pair, one.beta, true) < 2e-3);
      CHECK(worst_slope(all, weights, pair, one.beta, false) < 2e-3);
      check_zeros(v, weights, model);
    }
  }
}

TEST_CASE("Weights of 1 change no bit of a fit, and those of 2 count twice", "[scaled]") {
  const Matrix<double> all = random_matrix<double>(m, n, 61, 0.3);
  for (const double weight : {1.0, 2.0}) {
    for (const double beta : {2.0, 1.0, 1.5}) {
      for (const Start start : {Start::automatic, Start::nndsvda}) {
        INFO("weight " << weight << ", beta " << beta << ", start " << start.name());
        Matrix<double> weights(1, n);
        std::fill_n(weights.row(0), n, weight);
        Options options;
        options.components = 4;
        options.loss.beta = beta;
        options.start = start;
        options.max_iterations = 15;
        options.tolerance = 0;
        Nmf<double> plain(options), model(options);
        plain.fit(spread(world(), all, true));
        model.fit(scaled(all, true, weights, beta));
        const double tolerance = weight == 1 ? 0 : 1e-6;
        if (start == Start::automatic || weight == 1) {  // zeros become the mean of another V there
          CHECK(relative_difference<double>(world(), plain.w(), model.w()) <= tolerance);
          CHECK(relative_difference<double>(Comm::self(), plain.ht(), model.ht()) <= tolerance);
          CHECK(model.cost().loss == Approx(weight * plain.cost().loss).epsilon(1e-8));
        }
      }
    }
  }
}

TEST_CASE("What is known of a factor stays bit by bit, whatever its weights", "[scaled]") {
  const Matrix<double> all = random_matrix<double>(m, n, 71, 0.2), of_h = random_matrix<double>(2, n, 72, 0),
                       of_w = random_matrix<double>(m, 1, 73, 0);
  for (const bool by_row : {true, false}) {
    for (const Index merge : {0, 2}) {
      const auto v = scaled(all, true, weights_of<double>(by_row, 74), 2);
      Options options;
      options.components = 4;
      options.max_iterations = 10;
      options.tolerance = 0;
      options.merge = merge;
      Nmf<double> model(options);
      if (merge == 0) {
        model.fix_h({0, 2}, of_h.view());
        model.fix_w({1}, rows_of(of_w, v.first_row(), v.rows_local()).view());
      }
      model.fit(v);
      const Evaluation found = evaluate<double>(v, model.w(), model.ht(), options.loss, 1);
      const KnownPair pair = pair_of(v, model);
      CHECK(weighted_loss(all, weights_of<double>(by_row, 74), pair, 2) ==
            Approx(found.losses.front().loss).epsilon(1e-8));
      for (Index j = 0; merge == 0 && j < n; ++j)
        CHECK((pair.h(0, j) == of_h(0, j) && pair.h(2, j) == of_h(1, j)));
      for (Index i = 0; merge == 0 && i < m; ++i) CHECK(pair.w(i, 1) == of_w(i, 0));
    }
  }
}

TEST_CASE("transform solves for rows by the weights of columns", "[scaled]") {
  const Matrix<double> all = random_matrix<double>(m, n, 81, 0.2), h = random_matrix<double>(4, n, 82, 0.2);
  for (const bool by_row : {false, true}) {
    const Matrix<double> weights = weights_of<double>(by_row, 83);
    for (const double beta : {2.0, 1.0, 1.5}) {
      INFO((by_row ? "rows" : "columns") << ", beta " << beta);
      const auto v = scaled(all, true, weights, beta);
      Options options;
      options.components = 4;
      options.loss.beta = beta;
      options.tolerance = 1e-9;
      Nmf<double> model(options);
      model.set_components(h.view());
      const Matrix<double> w = model.transform(v);
      const KnownPair pair{whole<double>(v, w.view()), h.copy()};
      CHECK(worst_slope(all, weights, pair, beta, true) < 1e-6);
      CHECK(cost_of<double>(v, w.view(), model.ht(), options.loss, 1).loss ==
            Approx(weighted_loss(all, weights, pair, beta)).epsilon(1e-9));
    }
  }
}

TEST_CASE("errors of rows are weighted", "[scaled]") {
  const Index rows = 23, columns = 40, k = 3;
  Matrix<double> all = random_matrix<double>(rows, columns, 3, 0.6);
  all(1, 2) = std::nan("");
  const Matrix<double> w = random_matrix<double>(rows, k, 5, 0.3), ht = random_matrix<double>(columns, k, 6, 0.3);
  Matrix<double> of_rows(rows, 1), of_columns(1, columns);
  for (Index i = 0; i < rows; ++i) of_rows(i, 0) = static_cast<double>(i % 4);  // the first counts nothing
  for (Index j = 0; j < columns; ++j) of_columns(0, j) = 0.5 + static_cast<double>(j % 3);
  const std::vector<Index> asked = {0, 1, 5, 22};
  for (const bool by_rows : {false, true}) {
    for (const bool sparse : {false, true}) {
      INFO("rows " << by_rows << " sparse " << sparse);
      const auto v = scaled(all, sparse, by_rows ? of_rows : of_columns, 2, Missing::nan);
      const std::vector<double> errors =
          row_errors<double>(v, rows_of(w, v.first_row(), v.rows_local()).view(), ht.view(), asked, Missing::nan);
      for (std::size_t r = 0; r < asked.size(); ++r) {
        double residual = 0, norm = 0;
        for (Index j = 0; j < columns; ++j) {
          const double value = all(asked[r], j), weight = by_rows ? of_rows(asked[r], 0) : of_columns(0, j);
          if (value != value) continue;
          double model = 0;
          for (Index c = 0; c < k; ++c) model += w(asked[r], c) * ht(j, c);
          residual += weight * (value - model) * (value - model);
          norm += weight * value * value;
        }
        if (norm == 0) CHECK(errors[r] != errors[r]);
        if (norm > 0) CHECK(errors[r] == Approx(std::sqrt(residual / norm)).epsilon(1e-10));
      }
    }
  }
}

TEST_CASE("entries that are held out of a scaled V count by their weights", "[scaled]") {
  const Matrix<double> all = random_matrix<double>(m, n, 71, 0.3);
  const Holdout holdout{7, 4, 1};
  for (const bool by_row : {true, false}) {
    const Matrix<double> weights = weights_of<double>(by_row, 72), held_marks = marks_of(all, holdout);
    Matrix<double> left = all.copy();
    for (Index i = 0; i < m; ++i) {
      for (Index j = 0; j < n; ++j) left(i, j) = held_marks(i, j) > 0 ? std::nan("") : all(i, j);
    }
    for (const double beta : {2.0, 1.0}) {
      for (const bool sparse : {true, false}) {
        INFO((by_row ? "rows" : "columns") << (sparse ? ", sparse" : ", dense") << ", beta " << beta);
        const auto v = scaled(all, sparse, weights, beta);
        const auto seen = v.without(holdout), held = v.only(holdout);
        const auto by_hand = scaled(left, false, weights, beta, Missing::nan);
        CHECK(seen.scales()->known == Approx(by_hand.scales()->known).epsilon(1e-12));
        CHECK(seen.scales()->known + held.scales()->known == Approx(v.scales()->known).epsilon(1e-12));
        Options options = fixed_options(3, beta, Order::w_first, 10);
        options.loss.missing = Missing::nan;
        Nmf<double> model(options), of_hand(options);
        model.fit(seen);
        of_hand.fit(by_hand);
        CHECK(relative_difference<double>(world(), of_hand.w(), model.w()) < 1e-10);
        CHECK(relative_difference<double>(Comm::self(), of_hand.ht(), model.ht()) < 1e-10);
        const KnownPair pair = pair_of(seen, model);
        double loss = 0, weight = 0;
        for (Index i = 0; i < m; ++i) {
          for (Index j = 0; j < n; ++j) {
            const double own = held_marks(i, j) * weight_at(weights, i, j);
            if (own > 0) loss += own * divergence(all(i, j), pair.model(i, j), beta);
            weight += own;
          }
        }
        CHECK(mean_divergence_at<double>(held, model.w(), model.ht(), beta, 0) ==
              Approx(loss / weight).epsilon(1e-10));
      }
    }
  }
}

TEST_CASE("What V cannot be scaled for is refused", "[scaled]") {
  const Matrix<double> all = random_matrix<double>(m, n, 91, 0);
  const Matrix<double> of_rows = weights_of<double>(true, 92), of_columns = weights_of<double>(false, 92);
  const auto refusal = [&](double beta, const Matrix<double>& weights, ExitCode code) {
    return message_of([&] { scaled(all, false, weights, beta); }, code);
  };
  CHECK_THAT(refusal(0, of_rows, ExitCode::usage), Catch::Contains("beta > 0"));
  CHECK_THAT(refusal(2, all, ExitCode::usage), Catch::Contains("weights of rows or columns"));
  CHECK_THAT(refusal(2, Matrix<double>(1, n), ExitCode::bad_data), Catch::Contains("no entry of V that is known"));
  CHECK_THAT(refusal(2, Matrix<double>(1, n - 1), ExitCode::bad_data), Catch::Contains("weights are 1 x 28"));
  Matrix<double> huge = of_columns.copy();
  huge(0, 1) = 1e100;
  CHECK_THAT(refusal(0.25, huge, ExitCode::bad_data), Catch::Contains("divide all weights by the largest"));
  const Matrix<double> own = all.copy();
  auto seen = DataMatrix<double>::view_rows(Comm::self(), own.view());
  const auto columns = spread(Comm::self(), of_columns, false);
  CHECK_THAT(message_of([&] { std::move(seen).scaled(columns, 2); }, ExitCode::usage), Catch::Contains("a copy"));

  const auto v = scaled(all, false, of_rows, 2);
  const auto refused = [&](const Options& options) {
    return message_of([&] { Nmf<double>(options).fit(v); }, ExitCode::usage);
  };
  Options options = fixed_options(2, 1, Order::w_first, 3);
  CHECK_THAT(refused(options),
             Catch::Contains("its weights are those of the loss frobenius, not kullback-leibler"));
  options.loss.beta = 2;
  options.alpha_w = 0.1;
  CHECK_THAT(refused(options), Catch::Contains("weights of rows exclude --alpha-w"));
  options.alpha_w = 0;
  options.alpha_h = 0.1;
  CHECK(refused(options).empty());  // H is the same
  options.alpha_h = 0;
  options.rule = "anls-bpp";
  options.sum_to_one = SumToOne::w;
  CHECK_THAT(refused(options), Catch::Contains("exclude --sum-to-one w"));
  options.sum_to_one = SumToOne::h;
  CHECK(refused(options).empty());
  CHECK_THAT(message_of([&] { v.perturbed({}); }, ExitCode::usage), Catch::Contains("noise"));
}
