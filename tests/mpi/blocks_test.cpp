// Fits of counts, which lie in blocks of columns, beside fits of the same V held otherwise.
#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

/// Counts, half of them 0.
template <class T>
Matrix<T> counts(Index rows, Index columns) {
  const Matrix<double> numbers = random_matrix<double>(rows, columns, 4, 0.5);
  Matrix<T> all(rows, columns);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) all(i, j) = static_cast<T>(static_cast<int>(10 * numbers(i, j)));
  }
  return all;
}

template <class T>
void check_same(const Nmf<T>& one, const Nmf<T>& other, double rounding) {
  CHECK(relative_difference<T>(world(), one.w(), other.w()) <= rounding);
  CHECK(relative_difference<T>(Comm::self(), one.ht(), other.ht()) <= rounding);
  CHECK(std::abs(one.cost().loss - other.cost().loss) <= rounding * other.cost().loss);
}

/// Frobenius fits of V in blocks, between fits that want rows.
template <class T>
void check_fits(Index rows, Index columns, double rounding) {
  const Matrix<T> all = counts<T>(rows, columns);
  const DataMatrix<T> sparse = spread(world(), all, true), dense = spread(world(), all, false);
  REQUIRE(sparse.layout_for(Layout::blocks) == Layout::blocks);
  for (const auto& [threads, rule] : {std::pair<int, std::string>{1, "amu"}, {2, "ao-admm"}}) {
    INFO(rows << " x " << columns << ", " << threads << " threads, " << rule);
    Options options = fixed_options(3, 2, Order::w_first, 4);
    options.threads = threads;
    options.rule = rule;
    options.inner_rounds = 2;  // else chosen by the shape of V
    Nmf<T> first(options), second(options), reference(options);
    first.fit(sparse);
    reference.fit(dense);
    check_same(first, reference, rounding);

    Options other = fixed_options(3, 1, Order::w_first, 3);
    other.threads = threads;
    other.rule = "mu";
    Nmf<T> in_rows(other), reference_in_rows(other);
    in_rows.fit(sparse);
    reference_in_rows.fit(dense);
    check_same(in_rows, reference_in_rows, rounding);

    second.fit(sparse);
    check_same(second, first, 0);
    CHECK(relative_difference<T>(world(), first.transform(sparse).view(), reference.transform(dense).view()) <=
          rounding);
  }
}

}  // namespace

TEST_CASE("a fit of counts does not depend on how they lie in memory", "[blocks]") {
  check_fits<double>(2500, 7, 1e-8);
  check_fits<float>(2500, 7, 1e-2);
  check_fits<double>(150, 70, 1e-8);
}
