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

TEMPLATE_TEST_CASE("Known entries count by their weights, where they have any, and others in no sum",
                   "[modelled_panel]", float, double) {
  using T = TestType;
  SomePanel<T> some;
  const bool has_weights = GENERATE(true, false);
  // many entries, and none of the last row; all are positive, as Itakura-Saito needs them even where nothing
  // counts
  for (Index i = 0; i < some.rows; ++i) {
    for (Index j = 0; j < some.features; ++j) some.v(i, j) = i + 1 < some.rows ? some.v(i, j) + T(0.01) : T(0.02);
  }
  const auto weight_of = [&](T v) { return v < T(0.3) ? T(0) : has_weights ? v * v + T(0.2) : T(1); };
  std::vector<Index> offsets = {0};
  std::vector<ColumnIndex> indices;
  std::vector<T> values, weights, all_weights;
  for (Index i = 0; i < some.rows; ++i) {
    for (Index j = 0; j < some.features; ++j) {
      const T weight = weight_of(some.v(i, j));
      all_weights.push_back(weight);
      if (weight == 0) continue;
      indices.push_back(static_cast<ColumnIndex>(j));
      values.push_back(some.v(i, j));
      weights.push_back(weight);
    }
    offsets.push_back(static_cast<Index>(values.size()));
  }
  SparsePanel<T> sparse{some.rows,          some.features,  offsets.data(),
                        offsets.data() + 1, indices.data(), values.data()};
  if (has_weights) sparse.weights = weights.data();
  const DensePanel<T> dense{std::as_const(some.v).view(), 0, all_weights.data()};
  const double rounding = 50 * static_cast<double>(std::numeric_limits<T>::epsilon());
  for (const double beta : {0.0, 1.0, 1.5, 2.0, 3.0}) {
    INFO("beta " << beta);
    const auto weight = [&](T v, T x) { return weight_of(v) * v * std::pow(x, T(beta - 2)); };
    const auto power = [&](T v, T x) { return weight_of(v) * std::pow(x, T(beta - 1)); };
    double losses[2] = {0, 0};
    for (const bool is_dense : {false, true}) {
      const RowPanel<T> panel = is_dense ? RowPanel<T>(dense) : RowPanel<T>(sparse);
      std::vector<double> of_rows(static_cast<std::size_t>(some.rows));
      KnownCost cost{of_rows};
      Matrix<T> above = Matrix<T>::padded(some.rows, some.k), below = above.copy();
      cross_known<T>(panel, some.factors(), beta, {above.view(), below.view()}, some.scratch, &cost);
      Matrix<T> of_h = Matrix<T>::padded(some.features, some.k),
                under_h = Matrix<T>::padded(some.features, some.k);
      accumulate_known<T>(panel, some.factors(), beta, {of_h.view(), under_h.view()}, some.scratch, nullptr);
      CHECK(some.worst_error(of_h, 1, weight) <= rounding);
      CHECK(some.worst_error(under_h, 1, power) <= rounding);
      for (Index i = 0; i < some.rows; ++i) {
        double sum = 0, under = 0;
        for (Index j = 0; j < some.features; ++j) {
          sum += static_cast<double>(weight(some.v(i, j), some.model(i, j)) * some.ht(j, 1));
          under += static_cast<double>(power(some.v(i, j), some.model(i, j)) * some.ht(j, 1));
        }
        CHECK(static_cast<double>(above(i, 1)) == Approx(sum).epsilon(rounding));
        CHECK(static_cast<double>(below(i, 1)) == Approx(under).epsilon(rounding));
      }
      CHECK(of_rows.back() == 0);
      losses[is_dense ? 1 : 0] = of_rows.front();
    }
    CHECK(losses[0] > 0);
    CHECK(losses[0] == Approx(losses[1]).epsilon(rounding));
  }
}
