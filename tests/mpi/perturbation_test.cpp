// Noise on V: what it does to entries, and that a fit sees nothing else.
#include <cmath>
#include <map>

#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

constexpr Index m = 90, n = 41;

double entry(Index i, Index j) {
  return (i * 7 + j * 3) % 5 == 0 ? 0 : static_cast<double>((i * i + 11 * j) % 23);
}

/// Rows of this rank, uneven ones.
std::pair<Index, Index> own_rows() {
  const Index size = world().size(), rank = world().rank();
  return {m * rank * rank / (size * size), m * (rank + 1) * (rank + 1) / (size * size)};
}

template <class T>
DataMatrix<T> dense() {
  const auto [first, last] = own_rows();
  Matrix<T> rows(last - first, n);
  for (Index i = first; i < last; ++i) {
    for (Index j = 0; j < n; ++j) rows(i - first, j) = static_cast<T>(entry(i, j));
  }
  return DataMatrix<T>::from_rows(world(), std::move(rows));
}

template <class T>
DataMatrix<T> sparse(Index columns = n) {
  const auto [first, last] = own_rows();
  CsrRows<T> rows;
  rows.columns = columns;
  for (Index i = first; i < last; ++i) {
    for (Index j = 0; j < n; ++j) {
      if (entry(i, j) == 0) continue;
      rows.indices.push_back(static_cast<ColumnIndex>(columns - n + j));
      rows.values.push_back(static_cast<T>(entry(i, j)));
    }
    rows.offsets.push_back(static_cast<Index>(rows.indices.size()));
  }
  return DataMatrix<T>::from_rows(world(), std::move(rows));
}

/// All of V, m x n, on every rank; the last n columns.
template <class T>
std::vector<double> everything(const DataMatrix<T>& v) {
  std::vector<double> all(m * n);
  std::vector<std::pair<Index, double>> row;
  for (Index i = 0; i < v.rows_local(); ++i) {
    v.read_row(v.rows(i, 1), 0, row);
    for (const auto& [j, value] : row)
      all[static_cast<std::size_t>((v.first_row() + i) * n + j - (v.columns() - n))] = value;
  }
  world().sum(all);
  return all;
}

Perturbation noise(const std::string& text, std::uint64_t key) {
  Perturbation made = Perturbation::parse(text);
  made.key = key;
  return made;
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

TEST_CASE("entries are changed as said, each by itself", "[perturbation]") {
  const DataMatrix<double> v = sparse<double>();
  const auto plain = everything(v), uniform = everything(v.perturbed(noise("uniform:0.1", 1)));
  double most = 0, sum = 0;
  Index stored = 0;
  for (std::size_t q = 0; q < plain.size(); ++q) {
    if (plain[q] == 0) {
      CHECK(uniform[q] == 0);
      continue;
    }
    const double share = uniform[q] / plain[q] - 1;
    most = std::max(most, std::abs(share));
    sum += share;
    ++stored;
  }
  CHECK(most <= 0.1);
  CHECK(most > 0.099);
  CHECK(std::abs(sum / static_cast<double>(stored)) < 0.004);  // three deviations of the mean of some 2,900
  // Poisson: whole numbers whose mean and variance are that of the entry
  std::map<double, std::vector<double>> drawn;
  for (std::uint64_t key = 1; key <= 20; ++key) {
    const auto counts = everything(v.perturbed(noise("poisson", key)));
    for (std::size_t q = 0; q < plain.size(); ++q) drawn[plain[q]].push_back(counts[q]);
  }
  for (const auto& [mean, counts] : drawn) {
    double total = 0, squares = 0;
    for (const double count : counts) {
      CHECK(count == std::floor(count));
      total += count;
      squares += (count - mean) * (count - mean);
    }
    const auto many = static_cast<double>(counts.size());
    INFO(mean << " " << many);
    CHECK(std::abs(total / many - mean) <= 4 * std::sqrt(mean / many));
    CHECK(std::abs(squares / many - mean) <= 5 * mean * std::sqrt((2 + 1 / std::max(mean, 1.0)) / many));
  }
  CHECK(difference(everything(v), plain) == 0);
}

TEST_CASE("noise is the same on any number of ranks, dense or sparse, whatever the order of columns",
          "[perturbation]") {
  for (const std::string law : {"uniform:0.3", "poisson"}) {
    const auto from_sparse = everything(sparse<double>().perturbed(noise(law, 3)));
    // what one rank finds alone
    double expected = 0, found = 0;
    for (std::size_t q = 0; q < from_sparse.size(); ++q) found += from_sparse[q] * static_cast<double>(q % 7);
    const auto whole = [&] {
      Matrix<double> rows(m, n);
      for (Index i = 0; i < m; ++i) {
        for (Index j = 0; j < n; ++j) rows(i, j) = entry(i, j);
      }
      return DataMatrix<double>::from_rows(Comm::self(), std::move(rows));
    }();
    const auto alone = whole.perturbed(noise(law, 3));
    std::vector<std::pair<Index, double>> row;
    for (Index i = 0; i < m; ++i) {
      alone.read_row(alone.rows(i, 1), 0, row);
      for (const auto& [j, value] : row) expected += value * static_cast<double>((i * n + j) % 7);
    }
    CHECK(found == Approx(expected).epsilon(1e-13));
    CHECK(difference(from_sparse, everything(dense<double>().perturbed(noise(law, 3)))) == 0);
    CHECK(difference(from_sparse, everything(sparse<double>().perturbed(noise(law, 4)))) > 0.1);
    // columns that are kept in another order have the noise of their place in V
    const auto wide = sparse<double>(6000);
    CHECK(!wide.column_order().empty());
    const auto changed = wide.perturbed(noise(law, 3));
    for (Index i = 0; i < changed.rows_local(); ++i) {
      changed.read_row(changed.rows(i, 1), 0, row);
      for (const auto& [j, value] : row) CHECK(value >= 0);
      CHECK(std::is_sorted(row.begin(), row.end()));
    }
  }
}

TEST_CASE("a fit to noisy rows is that to a copy of them", "[perturbation]") {
  for (const std::string loss : {"frobenius", "kullback-leibler"}) {
    for (const bool is_sparse : {false, true}) {
      const DataMatrix<double> v = is_sparse ? sparse<double>() : dense<double>();
      Options options;
      options.components = 4;
      options.loss = Loss::parse(loss);
      options.max_iterations = 20;
      options.tolerance = 0;
      // V itself is fitted before and after: it lies in another layout then
      const double before = Nmf<double>(options).fit(v).cost().loss;
      const auto all = everything(v.perturbed(noise("poisson", 9)));
      const DataMatrix<double> noisy = v.perturbed(noise("poisson", 9));
      Matrix<double> rows(v.rows_local(), n);
      for (Index i = 0; i < rows.rows(); ++i) {
        for (Index j = 0; j < n; ++j) rows(i, j) = all[static_cast<std::size_t>((v.first_row() + i) * n + j)];
      }
      const auto copy = DataMatrix<double>::from_rows(world(), std::move(rows));
      CHECK(noisy.summary().sum_squares == Approx(copy.summary().sum_squares).epsilon(1e-13));
      CHECK(noisy.summary().sum == Approx(copy.summary().sum).epsilon(1e-13));
      INFO(loss << is_sparse);
      const double expected = Nmf<double>(options).fit(copy).cost().loss;
      CHECK(Nmf<double>(options).fit(noisy).cost().loss == Approx(expected).epsilon(1e-9));
      CHECK(expected != Approx(before).epsilon(1e-3));
      CHECK(Nmf<double>(options).fit(v).cost().loss == before);
    }
  }
}

TEST_CASE("what noise is not", "[perturbation]") {
  for (const std::string text :
       {"", "gauss", "uniform", "uniform:", "uniform:1", "uniform:0", "uniform:-0.1", "uniform:0.1x"}) {
    CHECK_THROWS_AS(Perturbation::parse(text), UsageError);
  }
  CHECK(Perturbation::parse("uniform:0.03").width == 0.03);
  CHECK(Perturbation::parse("uniform:0.03").text() == "uniform:0.03");
  CHECK(Perturbation::parse("poisson").text() == "poisson");
}
