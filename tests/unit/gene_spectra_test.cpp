// The small least-squares problems behind cNMF's spectra of all genes, beside brute force.
#include "stability/gene_spectra.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "catch.hpp"

using namespace mpinmf;

namespace {

/// rows x k, as another would have them; `same`: the last column is the first again.
Matrix<double> made_up(Index rows, Index k, unsigned seed, bool same) {
  std::mt19937 random(seed);
  Matrix<double> u(rows, k);
  for (Index i = 0; i < rows; ++i) {
    for (Index c = 0; c < k; ++c) u(i, c) = static_cast<double>(random() % 1000) / 100 - 2;
    if (same) u(i, k - 1) = u(i, 0);
  }
  return u;
}

Matrix<double> gram_of(const Matrix<double>& u) {
  Matrix<double> gram(u.columns(), u.columns());
  for (Index c = 0; c < u.columns(); ++c) {
    for (Index d = 0; d < u.columns(); ++d) {
      for (Index i = 0; i < u.rows(); ++i) gram(c, d) += u(i, c) * u(i, d);
    }
  }
  return gram;
}

/// G x, less b.
std::vector<double> gradient(const Matrix<double>& gram, const std::vector<double>& x,
                             const std::vector<double>& b) {
  std::vector<double> g;
  for (Index c = 0; c < gram.rows(); ++c) {
    double sum = -b[static_cast<std::size_t>(c)];
    for (Index d = 0; d < gram.rows(); ++d) sum += gram(c, d) * x[static_cast<std::size_t>(d)];
    g.push_back(sum);
  }
  return g;
}

}  // namespace

TEST_CASE("what is solved for is non-negative and optimal, one b after the other", "[gene_spectra]") {
  for (const bool same : {false, true}) {
    for (const Index k : {1, 2, 5, 9}) {
      const Matrix<double> u = made_up(30, k, static_cast<unsigned>(k), same && k > 1);
      Matrix<double> gram = gram_of(u);
      for (Index c = 0; c < k; ++c) {  // lengths that differ much
        for (Index d = 0; d < k; ++d) gram(c, d) *= std::pow(100, c) * std::pow(100, d);
      }
      stability::NonNegativeSolver solver(gram);
      const Matrix<double> right = made_up(8, k, 77, false);
      for (Index j = 0; j < right.rows(); ++j) {
        std::vector<double> b, x(static_cast<std::size_t>(k));
        for (Index c = 0; c < k; ++c) b.push_back(100 * right(j, c) * std::pow(100, c));
        if (same && k > 1) b.back() = b.front() * std::pow(100, k - 1);  // in the range of G
        solver.solve(b, x);
        // Karush, Kuhn and Tucker: x >= 0, the gradient is >= 0, and one of both is 0
        const std::vector<double> g = gradient(gram, x, b);
        for (std::size_t c = 0; c < x.size(); ++c) {
          const double unit = std::pow(100, c);
          CHECK(x[c] >= 0);
          CHECK(g[c] / unit >= -1e-8);
          CHECK(std::abs(x[c] * g[c]) <= 1e-8);
        }
      }
    }
  }
}

// G = [[2, 1], [1, 1]]: G^-1 = [[1, -1], [-1, 2]]; and lstsq([[1, 1], [1, 1]], [3, 1]) = [1, 1]
TEST_CASE("least squares are exact, and the shortest where there are many", "[gene_spectra]") {
  Matrix<double> gram(2, 2), right(1, 2);
  gram(0, 0) = 2;
  gram(0, 1) = gram(1, 0) = gram(1, 1) = 1;
  right(0, 0) = 3;
  right(0, 1) = 1;
  const Matrix<double> exact = stability::least_squares(gram, std::as_const(right).view());
  CHECK(exact(0, 0) == Approx(2).epsilon(1e-13));
  CHECK(exact(0, 1) == Approx(-1).epsilon(1e-13));
  gram(0, 0) = 1;
  const Matrix<double> shortest = stability::least_squares(gram, std::as_const(right).view());
  CHECK(shortest(0, 0) == Approx(1).epsilon(1e-13));
  CHECK(shortest(0, 1) == Approx(1).epsilon(1e-13));
}
