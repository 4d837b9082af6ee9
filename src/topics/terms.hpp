// The features that stand for a component.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::topics {

/// A feature of a component.
struct RankedTerm {
  Index feature = 0;
  double weight = 0;     ///< its entry of H
  double relevance = 0;  ///< NaN where the feature has no frequency
};

/// The leading terms of a component in two orders, the best first; of equal ones the first feature. Features of
/// weight 0 are in neither, those of frequency 0 not in the second.
struct LeadingTerms {
  std::vector<RankedTerm> by_weight, by_relevance;
};

/// The features of the largest entries of a row of H, at most `most`, the largest first; of equal ones the first
/// feature. Entries of 0 are left out.
std::vector<Index> heaviest_features(std::span<const double> h_row, Index most);

/// Of one row of H (n numbers), at most `most` terms each. With phi = the row, scaled to sum 1, and p = the
/// frequencies, scaled to sum 1, a term's relevance is that of pyLDAvis (Sievert and Shirley 2014, equation 1):
///
///     lambda log phi_j + (1 - lambda) log(phi_j / p_j)
LeadingTerms leading_terms(std::span<const double> h_row, std::span<const double> frequencies, double lambda,
                           Index most);

}  // namespace mpinmf::topics
