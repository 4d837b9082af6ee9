// How well the fits of one k agree.
#pragma once

#include <string>
#include <vector>

#include "report/survey.hpp"
#include "stability/consensus.hpp"

namespace mpinmf::cli {

struct StabilityOfK {
  report::SurveyRow row;
  Matrix<double> spectra;  ///< of the consensus, k x n; empty: too few spectra are alike
  std::string not_drawn;   ///< why there is no picture of the clusters; empty: it was drawn, or there are none
};

/// How fits become one model.
struct Agreement {
  stability::ConsensusSettings settings;
  std::vector<Index> known;         ///< components of H that all fits were given, from 0: they stay as they are
  bool columns_sum_to_one = false;  ///< of H
};

/// Reads H and strongest components of the fits in `folders`, which have this k, `best` among them the one with
/// the least loss, and compares them by all three conventions. The clusters of the consensus are drawn to
/// `stem`.svg and .png. The loss of the consensus is not known yet. Throws SystemError, BadData. Does not
/// communicate. Memory: 2 R k n and 2 (R k)^2 numbers for R fits.
StabilityOfK stability_of(const std::vector<std::string>& folders, const std::string& best, Index k,
                          const Agreement& agreement, const std::string& stem);

}  // namespace mpinmf::cli
