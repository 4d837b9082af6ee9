// What mpinmf survey was asked for.
#pragma once

#include <string>

#include "cli/fit/arguments.hpp"
#include "cross_validation.hpp"
#include "stability/consensus.hpp"

namespace mpinmf::cli {

struct SurveyArguments {
  FitArguments fit;
  std::string noise;
  std::string seeds = "counted";
  Index perturbations = 0;  ///< noisy versions of V for each k; 0: as many as --restarts
  bool cnmf_files = false;
  stability::ConsensusSettings consensus;
  CrossValidationArguments cross;
};

}  // namespace mpinmf::cli
