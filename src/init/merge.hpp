// Fewer components out of more: pairs of them are merged, each time the pair whose sum a single component replaces
// best (Y. Guo and T. E. Holy, "An Optimal Pairwise Merge Algorithm Improves the Quality and Consistency of
// Nonnegative Matrix Factorization", IEEE Transactions on Signal Processing 73, 2025, arXiv 2408.09013).
//
// Only inner products of the components are needed, whatever V and the loss are: what is measured is how far, in
// squares, W H moves.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// Inner products of two columns of W, or of two rows of H: those with themselves, and with each other.
struct PairProducts {
  double aa = 0, ab = 0, bb = 0;
};

/// w = of_w[0] w_a + of_w[1] w_b and h likewise, all shares >= 0. w and h are equally long.
struct MergedPair {
  double loss = 0;  ///< ||w_a h_a' + w_b h_b' - w h'||^2; no other w and h have less
  std::array<double, 2> of_w = {}, of_h = {};
};

/// The best w h' in the place of w_a h_a' + w_b h_b': its leading singular vectors, which lie in the span of
/// (w_a, w_b) and of (h_a, h_b) and are non-negative where these are. A loss that rounding can make is 0. Of a
/// component that is 0 nothing remains; of two, the first.
MergedPair merge_pair(const PairProducts& w, const PairProducts& h);

/// What becomes of K components when they are k.
struct Merging {
  Index components = 0;     ///< k
  std::vector<Index> into;  ///< of each of the K: which it becomes a part of, in the order of their first parts
  std::vector<double> of_w, of_h;  ///< and its share in it: w_g = sum over c in g of of_w[c] w_c, h_g likewise
};

/// Merges the pair of least loss until `components` are left; of equal losses the first pair's. One that is merged
/// with none stays as it is. Does not communicate.
/// @pre both are the K x K Gram matrices of the factors, k <= K; their content is lost
Merging merge_components(MatrixView<double> gram_w, MatrixView<double> gram_h, Index components);

/// merged_g = sum over c in g of shares[c] x_c, row by row: of a factor's K columns k.
/// @pre x is r x K, merged is r x k, shares are merging.of_w or of_h
template <class T>
void merge_columns(ConstMatrixView<T> x, const Merging& merging, std::span<const double> shares,
                   MatrixView<T> merged);

}  // namespace mpinmf
