// What a survey knows of entries that its fits have not seen: cross-validation.json.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/checkpoint/checkpoint.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf::report {

/// One fit without one fold.
struct HeldOutFit {
  Index components = 0, fold = 0;  ///< folds from 1
  Index entries = 0;               ///< held out
  double loss = Cost::unknown;     ///< mean of them
  Index iterations = 0;
  std::string stop_reason;
};

struct CrossValidation {
  io::Facts fit;  ///< of which fits these are, but for k
  std::vector<HeldOutFit> fits;
};

std::string cross_validation_json(const CrossValidation& found);
/// Throws BadData when `text` is not such a file; names `path`.
CrossValidation parse_cross_validation(const std::string& text, const std::string& path);

/// Of the folds of one k: the mean of their losses, and its standard error; NaN where there are none, or one.
struct HeldOutLoss {
  double mean = Cost::unknown, error = Cost::unknown;
};
HeldOutLoss held_out_loss(std::span<const HeldOutFit> fits, Index components);

}  // namespace mpinmf::report
