#include "matching.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace mpinmf::topics {
namespace {

double dot(const double* a, const double* b, Index n) {
  return std::inner_product(a, a + n, b, 0.0);
}

/// Rows are taken in one by one. Each finds the cheapest path to a free column, along pairs that are there, by
/// Dijkstra's algorithm on costs minus the potentials of row and column, which are never negative.
class Assignment {
 public:
  /// @pre not more rows than columns
  explicit Assignment(ConstMatrixView<double> gains)
      : gains_(gains),
        row_of_(static_cast<std::size_t>(gains.columns()), none),
        row_potential_(static_cast<std::size_t>(gains.rows())),
        column_potential_(static_cast<std::size_t>(gains.columns())) {
    for (Index i = 0; i < gains.rows(); ++i) add(i);
  }

  std::vector<Index> columns() const {
    std::vector<Index> columns(row_potential_.size(), none);
    for (std::size_t j = 0; j < row_of_.size(); ++j) {
      if (row_of_[j] != none) columns[static_cast<std::size_t>(row_of_[j])] = static_cast<Index>(j);
    }
    return columns;
  }

 private:
  static constexpr Index none = -1;

  void add(Index row) {
    const std::size_t n = row_of_.size();
    std::vector<double> distance(n, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> before(n, n);  // the column that the path to this one comes from; n: from the new row
    std::vector<bool> is_done(n, false);
    std::size_t at = n;
    double so_far = 0;
    for (Index i = row; i != none; i = row_of_[at]) {
      std::size_t nearest = n;
      for (std::size_t j = 0; j < n; ++j) {
        if (is_done[j]) continue;
        const double cost = so_far - gains_(i, static_cast<Index>(j)) -
                            row_potential_[static_cast<std::size_t>(i)] - column_potential_[j];
        if (cost < distance[j]) {
          distance[j] = cost;
          before[j] = at;
        }
        if (nearest == n || distance[j] < distance[nearest]) nearest = j;
      }
      at = nearest;
      so_far = distance[at];
      is_done[at] = true;
    }
    update_potentials(row, distance, is_done, so_far);
    turn_path(row, before, at);
  }

  void update_potentials(Index row, const std::vector<double>& distance, const std::vector<bool>& is_done,
                         double length) {
    row_potential_[static_cast<std::size_t>(row)] += length;
    for (std::size_t j = 0; j < is_done.size(); ++j) {
      if (!is_done[j]) continue;
      column_potential_[j] -= length - distance[j];
      if (row_of_[j] != none) row_potential_[static_cast<std::size_t>(row_of_[j])] += length - distance[j];
    }
  }

  /// Each column of the path takes the row of the one before.
  void turn_path(Index row, const std::vector<std::size_t>& before, std::size_t last) {
    for (std::size_t j = last; j != row_of_.size(); j = before[j]) {
      row_of_[j] = before[j] == row_of_.size() ? row : row_of_[before[j]];
    }
  }

  ConstMatrixView<double> gains_;
  std::vector<Index> row_of_;  // of each column
  std::vector<double> row_potential_, column_potential_;
};

}  // namespace

Matrix<double> cosines_of_rows(ConstMatrixView<double> a, ConstMatrixView<double> b) {
  const auto norms_of = [](ConstMatrixView<double> x) {
    std::vector<double> norms;
    for (Index c = 0; c < x.rows(); ++c) norms.push_back(std::sqrt(dot(x.row(c), x.row(c), x.columns())));
    return norms;
  };
  const std::vector<double> a_norms = norms_of(a), b_norms = norms_of(b);
  Matrix<double> cosines(a.rows(), b.rows());
  for (Index c = 0; c < a.rows(); ++c) {
    for (Index d = 0; d < b.rows(); ++d) {
      const double both = a_norms[static_cast<std::size_t>(c)] * b_norms[static_cast<std::size_t>(d)];
      cosines(c, d) = both > 0 ? dot(a.row(c), b.row(d), a.columns()) / both : 0;
    }
  }
  return cosines;
}

std::vector<Index> best_matching(ConstMatrixView<double> gains) {
  if (gains.rows() <= gains.columns()) return Assignment(gains).columns();
  Matrix<double> turned(gains.columns(), gains.rows());
  for (Index i = 0; i < gains.rows(); ++i) {
    for (Index j = 0; j < gains.columns(); ++j) turned(j, i) = gains(i, j);
  }
  const std::vector<Index> rows = Assignment(std::as_const(turned).view()).columns();
  std::vector<Index> columns(static_cast<std::size_t>(gains.rows()), -1);
  for (std::size_t j = 0; j < rows.size(); ++j) columns[static_cast<std::size_t>(rows[j])] = static_cast<Index>(j);
  return columns;
}

}  // namespace mpinmf::topics
