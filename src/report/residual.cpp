#include "residual.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mpinmf::report {
namespace {

double dot(const double* a, const double* b, Index k) {
  return std::inner_product(a, a + k, b, 0.0);
}

/// x G x' for a symmetric G.
double quadratic(const double* x, const Matrix<double>& g) {
  double sum = 0;
  for (Index c = 0; c < g.rows(); ++c) sum += x[c] * dot(x, g.row(c), g.rows());
  return sum;
}

void add_outer(const double* x, Matrix<double>& g) {
  for (Index c = 0; c < g.rows(); ++c) {
    for (Index d = 0; d < g.rows(); ++d) g(c, d) += x[c] * x[d];
  }
}

/// ||v - w H||^2 = ||v||^2 - 2 <v, w H> + w H H' w'; rounding may leave less than nothing.
double norm_left(double square, double cross, double model) {
  return std::sqrt(std::max(0.0, square - 2 * cross + model));
}

/// The root of the mean square of so many neighbours that 500 points stand for all.
std::vector<Line::Point> norm_points(const std::vector<double>& norms) {
  constexpr std::size_t most = 500;
  std::vector<Line::Point> points;
  const std::size_t bins = std::min(norms.size(), most);
  for (std::size_t b = 0; b < bins; ++b) {
    const std::size_t begin = b * norms.size() / bins, end = (b + 1) * norms.size() / bins;
    double squares = 0;
    for (std::size_t i = begin; i < end; ++i) squares += norms[i] * norms[i];
    points.push_back(
        {static_cast<double>(begin + end - 1) / 2, std::sqrt(squares / static_cast<double>(end - begin))});
  }
  return points;
}

std::vector<double> in_order(const std::vector<double>& values, const std::vector<std::size_t>& order) {
  std::vector<double> result;
  for (const std::size_t i : order) result.push_back(values[i]);
  return result;
}

}  // namespace

Norms residual_norms(const std::string& v, const LoadOptions& options, const FactorRows& w, Index rows,
                     ConstMatrixView<double> h) {
  const Index k = h.rows(), n = h.columns();
  Matrix<double> ht(n, k), gram_h(k, k), gram_w(k, k);
  for (Index j = 0; j < n; ++j) {
    for (Index c = 0; c < k; ++c) ht(j, c) = h(c, j);
    add_outer(ht.row(j), gram_h);
  }
  Norms norms;
  norms.columns.resize(static_cast<std::size_t>(n));
  const bool knows_zeros = options.missing != Missing::zeros;
  std::vector<double> cross_columns(static_cast<std::size_t>(n)), model_columns(static_cast<std::size_t>(n));
  constexpr Index at_once = 4096;
  Matrix<double> some;
  walk_data(v, options, [&](Index row, RowEntries entries) {
    if (row % at_once == 0) some = w(row, std::min(at_once, rows - row));
    const double* w_row = some.row(row % at_once);
    double square = 0, cross = 0, model = knows_zeros ? quadratic(w_row, gram_h) : 0;
    for (const auto& [column, value] : entries) {
      const auto j = static_cast<std::size_t>(column);
      const bool is_known = value == value;
      const double of_model = dot(w_row, ht.row(column), k);
      // what is left out of the sums over all columns, or all that they have
      if (is_known != knows_zeros) {
        const double more = (is_known ? 1 : -1) * of_model * of_model;
        model += more;
        model_columns[j] += more;
      }
      if (!is_known) continue;
      square += value * value;
      cross += value * of_model;
      norms.columns[j] += value * value;
      cross_columns[j] += value * of_model;
    }
    norms.rows.push_back(std::sqrt(square));
    norms.rows_left.push_back(norm_left(square, cross, model));
    if (knows_zeros) add_outer(w_row, gram_w);
  });
  for (std::size_t j = 0; j < norms.columns.size(); ++j) {
    const double square = norms.columns[j];
    norms.columns[j] = std::sqrt(square);
    norms.columns_left.push_back(
        norm_left(square, cross_columns[j], model_columns[j] + quadratic(ht.row(static_cast<Index>(j)), gram_w)));
  }
  return norms;
}

std::string draw_residual(const Norms& norms, std::span<const double> axis, const std::string& stem) {
  std::vector<std::size_t> order(norms.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return norms.rows[a] > norms.rows[b]; });
  const auto lines = [](const std::vector<double>& of_v, const std::vector<double>& left) {
    return std::vector<Line>{{"V", norm_points(of_v)}, {"V - W H", norm_points(left)}};
  };
  CurvePicture picture;
  picture.has_own_axes = true;
  picture.panels = {
      {"norm of rows, largest first", lines(in_order(norms.rows, order), in_order(norms.rows_left, order))},
      {"norm of columns", lines(norms.columns, norms.columns_left)}};
  if (!axis.empty()) {
    for (Line& line : picture.panels[1].lines) {
      for (Line::Point& point : line.points) point.x = axis[static_cast<std::size_t>(point.x)];
    }
  }
  return draw_curves(picture, stem);
}

}  // namespace mpinmf::report
