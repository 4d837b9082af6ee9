// How the components of two models match, and how that is written down.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::report {

struct MatchedPair {
  Index a = 0, b = 0;  ///< rows of H of each
  double cosine = 0;
};

struct Comparison {
  std::string a, b;  ///< folders
  Index components_a = 0, components_b = 0;
  std::vector<MatchedPair> pairs;               ///< in the order of a
  std::vector<Index> unmatched_a, unmatched_b;  ///< where one has more components
  /// Leading terms of each component in one line; empty where features have no names.
  std::vector<std::string> terms_a, terms_b;
  std::vector<std::string> notes;

  double mean() const;
  /// @pre there are pairs, as in mean
  const MatchedPair& worst() const;
};

std::string comparison_text(const Comparison& comparison);
/// The text of a JSON list, an object a comparison.
std::string comparisons_json(const std::vector<Comparison>& comparisons);

}  // namespace mpinmf::report
