// Entries that are held out: which, and that a fit sees all others and none of them.
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include "api/evaluate.hpp"
#include "api/row_errors.hpp"
#include "catch.hpp"
#include "known_entries.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

using Entries = std::map<std::pair<Index, Index>, double>;

/// What v stores, of all ranks.
Entries stored_entries(const DataMatrix<double>& v) {
  const auto places = static_cast<std::size_t>(v.rows_global() * v.columns());
  std::vector<double> stored(places), unknown(places), values(places);
  std::vector<std::pair<Index, double>> row;
  for (Index i = 0; i < v.rows_local(); ++i) {
    v.read_row(v.rows(i, 1), 0, row);
    for (const auto& [j, value] : row) {
      const auto place = static_cast<std::size_t>((v.first_row() + i) * v.columns() + j);
      stored[place] = 1;
      (value == value ? values : unknown)[place] = value == value ? value : 1;
    }
  }
  for (auto* numbers : {&stored, &unknown, &values}) v.comm().sum(*numbers);
  Entries all;
  for (std::size_t place = 0; place < places; ++place) {
    if (stored[place] == 0) continue;
    const auto [i, j] = std::div(static_cast<std::int64_t>(place), std::int64_t{v.columns()});
    all[{i, j}] = unknown[place] > 0 ? std::nan("") : values[place];
  }
  return all;
}

template <class T>
Matrix<T> some_matrix(Index rows, Index columns) {
  Matrix<T> v = random_matrix<T>(rows, columns, 3, 0.6);
  v(1, 2) = std::numeric_limits<T>::quiet_NaN();
  return v;
}

/// Row errors of any pair by what they are, for dense and sparse rows of which some entries are not known.
template <class T>
void check_row_errors(Missing missing, double tolerance) {
  const Index rows = 21, columns = 130, k = 3;
  Matrix<T> all = random_matrix<T>(rows, columns, 3, 0.6);
  for (Index j = 0; j < columns; ++j) all(4, j) = 0;
  if (missing == Missing::nan) all(1, 2) = all(20, 7) = std::numeric_limits<T>::quiet_NaN();
  const Matrix<T> w = random_matrix<T>(rows, k, 5, 0.3), ht = random_matrix<T>(columns, k, 6, 0.3);
  for (const bool is_sparse : {false, true}) {
    if (missing == Missing::zeros && !is_sparse) continue;
    INFO((is_sparse ? "sparse, " : "dense, ") << name_of(missing));
    const auto v = spread(world(), all, is_sparse, missing);
    const std::vector<Index> asked = {0, 1, 4, 9, 20};
    const std::vector<double> errors =
        row_errors<T>(v, rows_of(w, v.first_row(), v.rows_local()).view(), ht.view(), asked, missing);
    REQUIRE(errors.size() == asked.size());
    for (std::size_t r = 0; r < asked.size(); ++r) {
      double residual = 0, norm = 0;
      for (Index j = 0; j < columns; ++j) {
        const double value = all(asked[r], j);
        if (value != value || (missing == Missing::zeros && value == 0)) continue;
        double model = 0;
        for (Index c = 0; c < k; ++c) model += static_cast<double>(w(asked[r], c)) * static_cast<double>(ht(j, c));
        residual += (value - model) * (value - model);
        norm += value * value;
      }
      if (norm == 0) CHECK(errors[r] != errors[r]);
      if (norm > 0) CHECK(errors[r] == Approx(std::sqrt(residual / norm)).epsilon(tolerance));
    }
  }
}

bool is_same(double a, double b) {
  return a == b || (a != a && b != b);
}

}  // namespace

TEST_CASE("The folds of a key hold out each entry once, whoever asks", "[holdout]") {
  const Index rows = 40, columns = 230;
  const Matrix<double> all = some_matrix<double>(rows, columns);
  const auto dense = spread(world(), all, false, Missing::nan), sparse = spread(world(), all, true, Missing::nan);
  const auto alone = spread(Comm::self(), all, true, Missing::nan);
  Entries seen;
  for (Index fold = 0; fold < 5; ++fold) {
    const Holdout holdout{7, 5, fold};
    const Entries held = stored_entries(dense.only(holdout));
    const auto share = static_cast<double>(held.size()) / static_cast<double>(rows * columns);
    CHECK(share == Approx(0.2).margin(5 * std::sqrt(0.16 / static_cast<double>(rows * columns))));
    CHECK(held == stored_entries(sparse.only(holdout)));
    CHECK(held == stored_entries(alone.only(holdout)));
    for (const auto& [place, value] : held) {
      CHECK(seen.insert({place, value}).second);
      CHECK(value == all(place.first, place.second));
    }
  }
  CHECK(seen.size() == static_cast<std::size_t>(rows * columns - 1));  // all but the one that is not known
  CHECK(stored_entries(dense.only({8, 5, 0})) != stored_entries(dense.only({7, 5, 0})));
}

TEST_CASE("What is left has its gaps where entries are held out", "[holdout]") {
  const Matrix<double> all = some_matrix<double>(30, 170);
  for (const bool is_sparse : {false, true}) {
    const auto v = spread(world(), all, is_sparse, Missing::nan);
    for (const bool stored_only : {false, true}) {
      INFO((is_sparse ? "sparse" : "dense") << (stored_only ? ", of what is stored" : ""));
      const Holdout holdout{3, 4, 1, stored_only};
      const auto without = v.without(holdout);
      const Entries held = stored_entries(v.only(holdout)), left = stored_entries(without);
      CHECK(without.is_sparse() == is_sparse);
      CHECK(without.summary().unknown == static_cast<Index>(held.size()) + 1);
      std::size_t numbers = 0;
      for (const auto& [place, value] : left) {
        const bool is_held = held.count(place) > 0;
        CHECK(is_same(value, is_held ? std::nan("") : all(place.first, place.second)));
        numbers += value == value ? 1 : 0;
      }
      const Entries before = stored_entries(v);
      std::size_t kept = 0;
      for (const auto& [place, value] : before) kept += held.count(place) == 0 && value == value ? 1 : 0;
      CHECK(numbers == kept);
      for (const auto& [place, value] : held) CHECK(left.count(place) == 1);
      if (!is_sparse || !stored_only) continue;
      for (const auto& [place, value] : held) CHECK(value > 0);
      const Entries dropped = stored_entries(v.without(holdout, Missing::zeros));
      CHECK(before.size() - held.size() - dropped.size() <= 1);  // the unknown one may be among them
      for (const auto& [place, value] : dropped) CHECK(held.count(place) == 0);
    }
  }
}

TEST_CASE("The loss of held-out entries is their mean divergence", "[holdout]") {
  const Index rows = 25, columns = 60, k = 3;
  const Matrix<double> all = random_matrix<double>(rows, columns, 4, 0.5);
  const auto v = spread(world(), all, true);
  KnownPair pair{random_matrix<double>(rows, k, 5, 0.3), random_matrix<double>(k, columns, 6, 0.3)};
  for (Index c = 0; c < k; ++c) pair.w(3, c) = 0;  // the model of a row is 0
  Matrix<double> ht(columns, k);
  for (Index j = 0; j < columns; ++j) {
    for (Index c = 0; c < k; ++c) ht(j, c) = pair.h(c, j);
  }
  const Holdout holdout{2, 3, 2};
  const auto held = v.only(holdout);
  for (const double beta : {2.0, 1.0, 0.5, 1.5, 3.0}) {
    double sum = 0, count = 0;
    for (const auto& [place, value] : stored_entries(held)) {
      const double model = pair.model(place.first, place.second);
      sum += divergence(value, beta == 2 ? model : std::max(model, 0.01), beta);
      ++count;
    }
    const Matrix<double> w = rows_of(pair.w, v.first_row(), v.rows_local());
    CHECK(mean_divergence_at<double>(held, w.view(), ht.view(), beta, 0.01) == Approx(sum / count).epsilon(1e-12));
  }
}

TEST_CASE("Errors of rows are over what is known of them", "[holdout]") {
  for (const Missing missing : {Missing::none, Missing::nan, Missing::zeros}) {
    check_row_errors<double>(missing, 1e-12);
    check_row_errors<float>(missing, 1e-12);
  }
}

TEST_CASE("A fit without what is held out is that of a V with gaps there", "[holdout]") {
  for (const Index columns : {90, 4300}) {  // columns of a wide sparse V have an order of their own
    const Matrix<double> all = random_matrix<double>(24, columns, 5, 0.7);
    for (const bool is_sparse : {false, true}) {
      INFO(columns << (is_sparse ? ", sparse" : ", dense"));
      const auto v = spread(world(), all, is_sparse);
      const Holdout holdout{11, 10, 3};
      Matrix<double> marked = all.copy();
      for (const auto& [place, value] : stored_entries(v.only(holdout)))
        marked(place.first, place.second) = std::nan("");
      const auto other = spread(world(), marked, is_sparse, Missing::nan);
      for (const double beta : {2.0, 1.0}) {
        Options options = fixed_options(3, beta, Order::w_first, 5);
        options.loss.missing = Missing::nan;
        options.threads = 2;
        Nmf<double> model(options), wanted(options);
        model.fit(v.without(holdout, Missing::nan, 2));
        wanted.fit(other);
        CHECK(relative_difference<double>(world(), wanted.w(), model.w()) < 1e-12);
        CHECK(relative_difference<double>(Comm::self(), wanted.ht(), model.ht()) < 1e-12);
        CHECK(model.cost().loss == Approx(wanted.cost().loss).epsilon(1e-12));
      }
      if (!is_sparse) continue;
      const Holdout of_stored{11, 10, 3, true};
      Matrix<double> dropped = all.copy();
      for (const auto& [place, value] : stored_entries(v.only(of_stored))) dropped(place.first, place.second) = 0;
      Options options = fixed_options(3, 2, Order::w_first, 5);
      options.loss.missing = Missing::zeros;
      Nmf<double> model(options), wanted(options);
      model.fit(v.without(of_stored, Missing::zeros));
      wanted.fit(spread(world(), dropped, true));
      CHECK(relative_difference<double>(Comm::self(), wanted.ht(), model.ht()) < 1e-12);
    }
  }
}
