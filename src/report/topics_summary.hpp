// What is known of the topics of a model, and how it is written down.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "topics/labels.hpp"

namespace mpinmf::report {

struct ShownTerm {
  std::string term;
  double weight = 0, relevance = 0;  ///< NaN: not known
};

struct ShownRow {
  std::string name;
  Index row = 0;
  double weight = 0, proportion = 0;
  std::optional<std::string> first_line, label;
};

/// One value for each measure; NaN: not known.
struct Coherence {
  double umass = std::numeric_limits<double>::quiet_NaN();
  double npmi = std::numeric_limits<double>::quiet_NaN();
  double c_v = std::numeric_limits<double>::quiet_NaN();
};

struct ComponentSummary {
  Index component = 0;  ///< column of W and row of H
  double share = 0;
  std::vector<ShownTerm> terms, relevant_terms;
  std::vector<ShownRow> rows;
  Coherence coherence;
};

struct LabelSummary {
  std::vector<std::string> labels;
  topics::LabelTable table;
  topics::Agreement agreement;
};

struct TopicsSummary {
  bool is_text = false;  ///< features are terms, rows documents
  double lambda = 0;     ///< of the relevance
  bool frequencies_of_data = false;
  std::vector<ComponentSummary> components;  ///< in the model's order
  Coherence mean;
  std::optional<LabelSummary> labels;
  std::vector<std::string> notes;  ///< why something is missing, and what helps
};

/// The text of topics.json; src/cli/README.md says what stands there.
std::string topics_json(const TopicsSummary& summary);

std::string topics_csv(const TopicsSummary& summary);
std::string topic_components_csv(const TopicsSummary& summary);
std::string topic_documents_csv(const TopicsSummary& summary);
/// A row a component, a column a label. @pre there are labels
std::string topic_labels_csv(const TopicsSummary& summary);

/// For a terminal: components by falling share, in aligned columns of at most some 100.
std::string topics_text(const TopicsSummary& summary);

}  // namespace mpinmf::report
