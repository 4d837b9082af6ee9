// What mpinmf topics says of a model.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/comm.hpp"

namespace mpinmf::cli {

struct TopicsArguments {
  std::string model;               ///< the folder a fit wrote
  std::string data;                ///< V; empty: that of the fit, where it is; "none"
  std::string feature_names;       ///< a file; empty: those of the model or of V
  std::string labels;              ///< a file; empty: those of V, where there are some
  std::vector<std::string> texts;  ///< a corpus; empty: that which V was counted from; "none"
  std::string output;              ///< a folder; empty: the model's; "none"
  Index terms = 10, documents = 5;
  double relevance = 0.6;
  bool json = false, quiet = false;
};

/// Describes the components, prints what is known of them, and writes it down. Collective; throws on every rank
/// SystemError (no W, a file that is not there), BadData and ShapeMismatch (files that do not fit the model).
void describe_topics(const Comm& comm, const TopicsArguments& arguments);

}  // namespace mpinmf::cli
