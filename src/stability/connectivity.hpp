// How often two rows have the same strongest component, over many fits (Brunet et al. 2004), as R's NMF 0.2x has
// it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// The strongest component of each row, in each of R fits.
using StrongestComponents = std::vector<std::vector<std::uint16_t>>;

/// A matrix of so many rows squared is 32 MB.
inline constexpr Index most_compared_rows = 2000;

struct Connectivity {
  double cophenetic =
      1;  ///< Pearson correlation, over pairs of rows, of 1 - C with the distances in C's average-linkage tree
  double dispersion =
      1;  ///< mean of 4 (C - 1/2)² over all entries (Kim and Park 2007): 1 where fits agree, 0 where C = 1/2
  double pac = 0;  ///< share of ambiguous pairs: C in (0.1, 0.9) (Senbabaoglu et al. 2014)
  Index rows = 0;  ///< so many of the rows were compared
};

/// Rows to compare, rising: all where m <= most_rows, else one from each of most_rows pieces of near equal length,
/// at a place that is a function of (seed, piece). A function of m, most_rows and seed alone, so that ranks need
/// not talk.
std::vector<Index> sampled_rows(Index m, std::uint64_t seed = 1, Index most_rows = most_compared_rows);

/// C_ij = share of the fits in which rows i and j of `rows` have the same strongest component, r x r.
Matrix<double> connectivity_matrix(const StrongestComponents& runs, std::span<const Index> rows);

/// Of sampled_rows. Where C is the same for all pairs (one component, or each row a component), the correlation is
/// 0/0: 1, as in R's NMF. Memory: four matrices of rows x rows. Throws UsageError where there is no fit, and
/// ShapeMismatch where one has other rows than the first.
Connectivity connectivity(const StrongestComponents& runs, std::uint64_t seed = 1,
                          Index most_rows = most_compared_rows);

/// Mean over the rows x of (sqrt n - |x|_1 / |x|_2) / (sqrt n - 1): 1 with one entry, 0 where all are equal (Hoyer
/// 2004). Rows that are 0 are left out; NaN where none is left and for n = 1.
double sparseness(ConstMatrixView<double> rows);

}  // namespace mpinmf::stability
