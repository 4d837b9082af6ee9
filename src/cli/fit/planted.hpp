// How many of the parts that a generator planted are among the rows of H.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::cli {

/// For each planted part the cosine of the most similar row of H.
struct PlantedMatch {
  std::vector<double> best_cosines;
  std::string pixels_left_out;  ///< said after the figures

  /// Parts with a cosine above 0.9.
  Index found() const;
  std::string text() const;
};

/// Nothing for a file and for generators that plant no parts. h is k x n. Does not communicate.
template <class T>
std::optional<PlantedMatch> match_planted_parts(const std::string& input, ConstMatrixView<T> h);

}  // namespace mpinmf::cli
