// Rows that a function makes: what is loaded is what the same numbers are in a file.
#include <stdexcept>

#include "catch.hpp"
#include "contains.hpp"
#include "mpi_support.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/load.hpp"

using namespace mpinmf;

namespace {

constexpr Index made_rows = 53, made_columns = 7;

/// Every fifth row is empty, and others have zeros.
double made_number(Index i, Index j) {
  return i % 5 == 0 || (i + j) % 3 == 0 ? 0 : 0.1 * static_cast<double>(1 + i * 7 + j);
}

DenseRowFunction made_dense_rows() {
  return {made_rows, made_columns, [](Index row, std::span<double> values) {
            for (Index j = 0; j < made_columns; ++j) values[static_cast<std::size_t>(j)] = made_number(row, j);
          }};
}

/// From right to left, each number in two halves.
SparseRowFunction made_sparse_rows() {
  return {made_rows, made_columns, [](Index row, std::vector<std::pair<Index, double>>& entries) {
            for (Index j = made_columns - 1; j >= 0; --j) {
              if (made_number(row, j) == 0) continue;
              for (int half = 0; half < 2; ++half) entries.emplace_back(j, made_number(row, j) / 2);
            }
          }};
}

template <class T>
void check_made(const DataMatrix<T>& v, bool is_sparse, double add = 0) {
  REQUIRE(v.rows_global() == made_rows);
  REQUIRE(v.columns() == made_columns);
  CHECK(v.is_sparse() == is_sparse);
  Index stored = 0;
  std::vector<std::pair<Index, double>> entries;
  const RowPanel<T> all = v.rows(0, v.rows_local());
  for (Index i = 0; i < v.rows_local(); ++i) {
    v.read_row(all, i, entries);
    for (const auto& [j, value] : entries) {
      const auto wanted = static_cast<T>(made_number(v.first_row() + i, j) + add);
      CHECK(value == static_cast<double>(wanted));
      stored += wanted != 0 ? 1 : 0;
    }
  }
  Index nonzeros = 0;
  for (Index i = 0; i < made_rows; ++i) {
    for (Index j = 0; j < made_columns; ++j) nonzeros += made_number(i, j) + add != 0 ? 1 : 0;
  }
  CHECK(world().sum(stored) == nonzeros);
}

}  // namespace

TEMPLATE_TEST_CASE("rows of a function are V, dense or sparse", "[function_rows]", float, double) {
  check_made(load<TestType>(world(), made_dense_rows()), false);
  check_made(load<TestType>(world(), made_sparse_rows()), true);
  LoadOptions options;
  options.add = 0.5;
  check_made(load<TestType>(world(), made_sparse_rows(), options), false, 0.5);
}

TEST_CASE("faults of functions are thrown by all ranks", "[function_rows]") {
  const auto fails = [](const auto& rows, ExitCode code, const LoadOptions& options = {}) {
    return message_of([&] { load<double>(world(), rows, options); }, code);
  };
  SparseRowFunction beyond = made_sparse_rows();
  beyond.row = [](Index row, auto& entries) { entries.emplace_back(row == 17 ? made_columns : 0, 1.0); };
  CHECK_THAT(fails(beyond, ExitCode::bad_data), Contains("V: row 17 has an entry in column 7"));
  DenseRowFunction negative = made_dense_rows();
  negative.name = "my data";
  negative.row = [](Index row, std::span<double> values) { values[3] = row == 40 ? -1 : 1; };
  CHECK_THAT(fails(negative, ExitCode::bad_data), Contains("my data") && Contains("row 40, column 3"));
  DenseRowFunction throwing = made_dense_rows();
  throwing.row = [](Index row, std::span<double>) {
    if (row == 52) throw std::runtime_error("the database is gone");
  };
  CHECK_THAT(fails(throwing, ExitCode::system), Contains("the database is gone"));
  DenseRowFunction empty = made_dense_rows();
  empty.columns = 0;
  CHECK(!fails(empty, ExitCode::bad_data).empty());
  LoadOptions turned;
  turned.transpose = true;
  CHECK(!fails(made_dense_rows(), ExitCode::usage, turned).empty());
  if (world().size() == 1) return;
  SparseRowFunction other = made_sparse_rows();
  other.rows += world().rank() == 1 ? 1 : 0;
  CHECK_THAT(fails(other, ExitCode::bad_data), Contains("rank 0 gives 53 rows, but rank 1 gives 54"));
}
