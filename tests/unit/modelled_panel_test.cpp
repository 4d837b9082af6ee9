// Panels whose model W H is formed block by block of columns, beside plain loops.
#include "catch.hpp"
#include "kernel_support.hpp"
#include "kernels/panel.hpp"

using namespace mpinmf;

namespace {

/// A dense panel, factors of it and work space.
template <class T>
struct SomePanel {
  static constexpr Index rows = 5, features = 300, k = 3;
  Matrix<T> v = Matrix<T>(rows, features), w = Matrix<T>::padded(rows, k), ht = Matrix<T>::padded(features, k);
  BlockedH<T> blocked = BlockedH<T>(features, k);
  ModelScratch<T> scratch;

  SomePanel() {
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < features; ++j) v(i, j) = static_cast<T>(number_at(1, i, j, true));
      for (Index c = 0; c < k; ++c) w(i, c) = static_cast<T>(number_at(2, i, c));
    }
    for (Index j = 0; j < features; ++j) {
      for (Index c = 0; c < k; ++c) ht(j, c) = static_cast<T>(number_at(3, j, c));
    }
    for (const Index part : {1, 2, 0}) blocked.fill(std::as_const(ht).view(), part, 3);
    const PanelSizes sizes{rows, features, features, false};
    scratch.reserve(ModelRoom::for_quotients(sizes, true));
    scratch.reserve(ModelRoom::for_powers(sizes, k));
  }
  Factors<T> factors() const { return {w.view(), ht.view(), blocked.view()}; }
  RowPanel<T> panel() const { return DensePanel<T>{v.view()}; }
  T model(Index i, Index j) const {
    T x = 0;
    for (Index c = 0; c < k; ++c) x += w(i, c) * ht(j, c);
    return x;
  }
  /// sum_i weight(v_ij, x_ij) w_ic^power beside what was gathered.
  template <class F>
  double worst_error(const Matrix<T>& sums, int power, F&& weight) const {
    double worst = 0;
    for (Index j = 0; j < features; ++j) {
      for (Index c = 0; c < k; ++c) {
        double sum = 0;
        for (Index i = 0; i < rows; ++i) {
          sum += static_cast<double>(weight(v(i, j), model(i, j))) * std::pow(static_cast<double>(w(i, c)), power);
        }
        worst = std::max(worst, std::abs(static_cast<double>(sums(j, c)) - sum) / (1 + sum));
      }
    }
    return worst;
  }
};

/// As threads cut the features that they share: not where blocks end.
constexpr Index cuts[] = {0, 37, 131, 250, 300};
template <class T, class F>
void for_parts(const SomePanel<T>& some, F&& work) {
  for (std::size_t p = 1; p < std::size(cuts); ++p) {
    work(some.panel().some_columns(cuts[p - 1], cuts[p] - cuts[p - 1], {}));
  }
}

}  // namespace

TEMPLATE_TEST_CASE("Parts of a dense panel's columns add up to what the panel has", "[modelled_panel]", float,
                   double) {
  using T = TestType;
  SomePanel<T> some;
  const double rounding = 50 * static_cast<double>(std::numeric_limits<T>::epsilon());
  const auto zeros = [&] { return Matrix<T>::padded(some.features, some.k); };
  Matrix<T> numerator = zeros(), curvature = zeros(), squares = Matrix<T>::padded(some.rows, some.k);
  for_parts(some, [&](const RowPanel<T>& part) {
    accumulate_quotients<T>(part, some.factors(), {numerator.view(), curvature.view(), squares.view()},
                            some.scratch, nullptr);
  });
  CHECK(some.worst_error(numerator, 1, [](T v, T x) { return v / x; }) <= rounding);
  CHECK(some.worst_error(curvature, 2, [](T v, T x) { return v / x / x; }) <= rounding);

  for (const double beta : {0.0, 1.5, 2.0}) {
    Matrix<T> above = zeros(), below = zeros(), curved = zeros();
    for_parts(some, [&](const RowPanel<T>& part) {
      accumulate_powers<T>(part, some.factors(), beta, {above.view(), below.view(), curved.view()}, some.scratch,
                           nullptr);
    });
    CHECK(some.worst_error(curved, 2, [&](T v, T x) {
      return T(2 - beta) * v * std::pow(x, T(beta - 3)) + T(beta - 1) * std::pow(x, T(beta - 2));
    }) <= 4 * rounding);
    CHECK(some.worst_error(above, 1, [&](T v, T x) { return v * std::pow(x, T(beta - 2)); }) <= rounding);
    CHECK(some.worst_error(below, 1, [&](T, T x) { return std::pow(x, T(beta - 1)); }) <= rounding);
  }
}
