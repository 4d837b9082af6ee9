// What is computed of the components of a model, in numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/factor_files.hpp"
#include "describe.hpp"
#include "given_labels.hpp"
#include "model_data.hpp"
#include "texts.hpp"
#include "topics/leading_rows.hpp"
#include "topics/term_pairs.hpp"
#include "topics/terms.hpp"

namespace mpinmf::cli {

struct Described {
  Model model;
  DataPlace place;
  Index rows = 0;                          ///< of W
  std::vector<std::string> feature_names;  ///< on the root; empty: they have none
  std::optional<GivenLabels> labels;
  Matrix<double> h, w;            ///< h: k x n; w: this rank's rows
  std::vector<double> u, shares;  ///< the sums of H's rows; the shares of all data
  std::vector<topics::LeadingTerms> terms;
  topics::TermPairs pairs{{}};                               ///< of the terms by weight
  std::vector<std::vector<topics::RankedRow>> leading_rows;  ///< on the root
  bool has_data = false;                                     ///< V was read
  std::optional<topics::PairCounts> document_counts;
  WindowCounts windows;
};

/// Reads the model and, where it is at hand, V. What the names and labels of files must fit is looked at before V
/// is read. Collective; throws as describe_topics.
Described describe(const Comm& comm, const TopicsArguments& arguments);

}  // namespace mpinmf::cli
