// What usages say of every column of V, also of those that were not factorized: cNMF's spectra of all genes.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// x >= 0 of the least x G x' / 2 - b x, for one b after the other: exact, by active sets.
class NonNegativeSolver {
 public:
  /// G is k x k, a Gram matrix.
  explicit NonNegativeSolver(const Matrix<double>& gram);
  /// @pre b and x have k numbers
  void solve(std::span<const double> b, std::span<double> x);

 private:
  std::vector<double> units_;  // 1 over the lengths, which scale G to a unit diagonal
  Matrix<double> gram_;
  std::vector<double> scaled_, numbers_;
  std::vector<Index> places_;
};

/// The x of least length among those of least ||x G - b||, for each row b of `right` (n x k): n x k, as NumPy's
/// lstsq(G, b). G is k x k, symmetric. Throws BadData where it is not finite.
Matrix<double> least_squares(const Matrix<double>& gram, ConstMatrixView<double> right);

}  // namespace mpinmf::stability
