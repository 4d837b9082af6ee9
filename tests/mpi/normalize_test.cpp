// Factors whose components have norm 1, and the product that stays what it was.
#include <cmath>
#include <type_traits>

#include "api/normalize.hpp"
#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

constexpr Index height = 90, width = 40, components = 4;
constexpr Norm all_norms[] = {Norm::l1, Norm::l2, Norm::max};
constexpr Factor both_factors[] = {Factor::w, Factor::h};

template <class T>
constexpr double rounding = std::is_same_v<T, float> ? 4e-7 : 1e-15;

Options normalized_options(Norm norm = Norm::none, Factor factor = Factor::w, bool diagonal = false) {
  Options options = fixed_options(components, 2, Order::w_first, 10);
  options.normalize = norm;
  options.normalize_factor = factor;
  options.diagonal = diagonal;
  return options;
}

/// The norms of the columns of x by their definitions; over all ranks, or of what this rank holds.
template <class T>
std::vector<double> norms_of(const Comm& comm, ConstMatrixView<T> x, Norm norm) {
  std::vector<double> norms;
  for (Index c = 0; c < x.columns(); ++c) {
    double sum = 0, squares = 0, largest = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      const auto entry = static_cast<double>(x(i, c));
      sum += entry;
      squares += entry * entry;
      largest = std::max(largest, entry);
    }
    if (norm == Norm::l1) norms.push_back(comm.sum(sum));
    if (norm == Norm::l2) norms.push_back(std::sqrt(comm.sum(squares)));
    if (norm == Norm::max) norms.push_back(comm.max(largest));
  }
  return norms;
}

/// This rank's rows of W H.
template <class T>
Matrix<T> product(const Nmf<T>& model) {
  return model.inverse_transform(model.w());
}

template <class T>
double largest_difference(const std::vector<T>& a, const std::vector<T>& b) {
  double worst = 0;
  for (std::size_t c = 0; c < a.size(); ++c) worst = std::max(worst, std::abs(a[c] - b[c]) / std::abs(b[c]));
  return worst;
}

}  // namespace

TEMPLATE_TEST_CASE("The normalized factor has norm 1 and the product stays", "[normalize]", float, double) {
  using T = TestType;
  const auto v = spread(world(), random_matrix<T>(height, width, 1, 0.3), false);
  Nmf<T> plain(normalized_options());
  plain.fit(v);
  const Matrix<T> before = product(plain);
  CHECK(plain.diagonal().empty());
  for (const Norm norm : all_norms) {
    for (const Factor factor : both_factors) {
      for (const bool diagonal : {false, true}) {
        INFO(name_of(norm) << " of " << (factor == Factor::w ? "W" : "H") << (diagonal ? " with D" : ""));
        Nmf<T> model(normalized_options(norm, factor, diagonal));
        model.fit(v);
        const std::vector<double> ones(components, 1.0);
        const auto norms = factor == Factor::w ? norms_of<T>(world(), model.w(), norm)
                                               : norms_of<T>(Comm::self(), model.ht(), norm);
        CHECK(world().max(largest_difference(norms, ones)) < rounding<T> * height);
        CHECK(relative_difference<T>(world(), before.view(), product(model).view()) < rounding<T>);
        CHECK(model.cost().loss == plain.cost().loss);

        CHECK(model.diagonal().size() == (diagonal ? components : 0));
        if (!diagonal) continue;
        // the other factor is as it was, and D holds the norms of this one
        const auto untouched = factor == Factor::w ? relative_difference<T>(Comm::self(), model.ht(), plain.ht())
                                                   : relative_difference<T>(world(), model.w(), plain.w());
        CHECK(world().max(untouched) == 0);
        const auto scales = factor == Factor::w ? norms_of<T>(world(), plain.w(), norm)
                                                : norms_of<T>(Comm::self(), plain.ht(), norm);
        CHECK(world().max(largest_difference(model.diagonal(), scales)) < 1e-14);
      }
    }
  }
}

TEMPLATE_TEST_CASE("New rows meet D H", "[normalize]", float, double) {
  using T = TestType;
  const auto v = spread(world(), random_matrix<T>(height, width, 2, 0.5), true);
  for (const Factor factor : both_factors) {
    Nmf<T> apart(normalized_options(Norm::l2, factor, true)), moved(normalized_options());
    apart.fit(v);
    moved.fit(v);
    if (factor == Factor::w) moved.normalize(world(), Norm::l2);
    // the same product W (D H), so the same problem for W; with H of norm 1, D H is the H of before
    const Matrix<T> one = apart.transform(v), other = moved.transform(v);
    CHECK(relative_difference<T>(world(), one.view(), other.view()) < (sizeof(T) == 4 ? 1e-4 : 1e-11));
  }
}

TEST_CASE("Normalizing again keeps the product", "[normalize]") {
  const auto v = spread(world(), random_matrix<double>(height, width, 3, 0.3), false);
  Nmf<double> model(normalized_options());
  model.fit(v);
  const Matrix<double> before = product(model);
  model.normalize(world(), Norm::l2, Factor::w, true);
  model.normalize(world(), Norm::l1, Factor::h, true);
  CHECK(model.diagonal().size() == components);
  CHECK(relative_difference<double>(world(), before.view(), product(model).view()) < 1e-15);
  const std::vector<double> ones(components, 1.0);
  CHECK(world().max(largest_difference(norms_of<double>(world(), model.w(), Norm::l2), ones)) < 1e-13);
  CHECK(world().max(largest_difference(norms_of<double>(Comm::self(), model.ht(), Norm::l1), ones)) < 1e-13);
  model.normalize(world(), Norm::max, Factor::h);
  CHECK(model.diagonal().empty());
  CHECK(relative_difference<double>(world(), before.view(), product(model).view()) < 1e-15);
  model.fit(v);
  CHECK(relative_difference<double>(world(), before.view(), product(model).view()) == 0);
}

TEST_CASE("A component without a norm stays as it is", "[normalize]") {
  const auto v = spread(world(), random_matrix<double>(height, width, 4, 0.3), false);
  Options options = normalized_options(Norm::l2, Factor::w, true);
  options.rule = "mu";  // keeps zeros
  Matrix<double> w0 = random_matrix<double>(v.rows_local(), components, 5, 0),
                 h0 = random_matrix<double>(components, width, 6, 0);
  for (Index i = 0; i < w0.rows(); ++i) w0(i, 2) = 0;
  Nmf<double> model(options);
  model.fit(v, w0.view(), h0.view());
  CHECK(model.diagonal()[2] == 1);
  CHECK(model.diagonal()[1] != 1);
  CHECK(norms_of<double>(world(), model.w(), Norm::max)[2] == 0);
}

TEST_CASE("Norms of the tiniest and the largest entries are those of their shares", "[normalize]") {
  for (const double size : {1e-292, 1e300}) {
    Matrix<double> rows(2, 1);
    rows(0, 0) = 3 * size;
    rows(1, 0) = 4 * size;
    const double ranks = world().size();
    const auto norm = [&](Norm which) { return column_norms<double>(world(), rows.view(), which)[0]; };
    CHECK(norm(Norm::l2) == Approx(5 * size * std::sqrt(ranks)).epsilon(1e-14).scale(0));
    CHECK(norm(Norm::l1) == Approx(7 * size * ranks).epsilon(1e-14).scale(0));
    CHECK(norm(Norm::max) == 4 * size);
    CHECK(norm(Norm::none) == 1);
  }
}

TEST_CASE("What cannot be normalized is refused", "[normalize]") {
  CHECK_THROWS_AS(Nmf<double>(normalized_options(Norm::none, Factor::w, true)), UsageError);
  Nmf<double> model(normalized_options());
  CHECK_THROWS_AS(model.normalize(world(), Norm::l2), NotFitted);
  CHECK_THROWS_AS(model.diagonal(), NotFitted);
  CHECK_THROWS_AS(parse_norm("l3"), UsageError);
  CHECK(parse_norm(name_of(Norm::max)) == Norm::max);
}
