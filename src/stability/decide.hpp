// Which k a table of stabilities suggests, by each convention, and why.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// What is known of one k. What is not known is NaN.
struct KFacts {
  Index k = 0;
  double consensus_silhouette = std::numeric_limits<double>::quiet_NaN();
  /// Squared Frobenius norm or loss of the consensus refit. NaN: `error` is taken in its place.
  double consensus_error = std::numeric_limits<double>::quiet_NaN();
  double min_silhouette = std::numeric_limits<double>::quiet_NaN(),  ///< of matched clusters
      mean_silhouette = std::numeric_limits<double>::quiet_NaN();
  /// Median over the seeds of the loss, in any unit: what adds up over components, as a squared norm does, not the
  /// norm.
  double error = std::numeric_limits<double>::quiet_NaN();
  double held_out_loss = std::numeric_limits<double>::quiet_NaN(),  ///< mean over the folds
      held_out_error = std::numeric_limits<double>::quiet_NaN();    ///< its standard error
  double cophenetic = std::numeric_limits<double>::quiet_NaN(),
         dispersion = std::numeric_limits<double>::quiet_NaN(), pac = std::numeric_limits<double>::quiet_NaN();
  /// Relative errors of the same rows of V by the consensus of each k; empty: there is none.
  std::vector<double> row_errors = {};
};

struct Suggestion {
  std::string convention;  ///< cNMF, NMFk, R NMF, pyDNMFk or held out
  std::optional<Index> k;  ///< none: no k is told apart
  std::string why;         ///< a sentence
};

/// Gain of k: how far the error falls from the k before to this one, over the number of components between them.
/// `error` falls at k where its gain is at least
///   - twice the median of the gains of larger k: else k gains no more than any other, as in noise;
///   - a tenth of the mean of the gains before: else it has levelled off.
/// The first and the last k of the table lack a neighbour and are never suggested.
bool error_falls(const std::vector<Index>& k, const std::vector<double>& error, std::size_t place);

/// Each convention suggests the largest k at which the error falls and
///   cNMF:  the silhouette of the consensus is 0.5 or more and no neighbour's is more than 0.05 above it (error of
///   the
///          consensus);
///   NMFk:  every cluster's silhouette is 0.8 or more;
///   R NMF: the cophenetic coefficient is 0.95 or more and no neighbour's is more than 0.01 above it.
/// pyDNMFk, where errors of rows are known, goes through all k: one at which the error falls is accepted if every
/// cluster's silhouette, rounded to two digits, is above 0.9 and the row errors of the k after it differ
/// (Wilcoxon, p < 0.05) from those of the k after the last that was accepted, first from those of the first k. It
/// suggests the last accepted. Cross-validation, where the loss of held-out entries is known for all k, suggests
/// the k where it is least (of those where it is 0 but for rounding the smallest), unless that is the first or the
/// last: of k = 1 .. searched_up_to that were searched for it (search.hpp) it suggests any. 0: k were not
/// searched. Reasons for the numbers: README.md. Throws UsageError where k does not rise.
std::vector<Suggestion> suggestions(const std::vector<KFacts>& table, Index searched_up_to = 0);

}  // namespace mpinmf::stability
