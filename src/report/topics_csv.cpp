// The tables of topics as CSV.
#include <fmt/format.h>

#include "csv.hpp"
#include "topics_summary.hpp"

namespace mpinmf::report {
namespace {

void add_terms(std::string& csv, Index component, const char* order, const std::vector<ShownTerm>& terms) {
  for (std::size_t rank = 0; rank < terms.size(); ++rank) {
    const ShownTerm& term = terms[rank];
    csv += fmt::format("{},{},{},{},{},{}\n", component, order, rank + 1, csv_text(term.term),
                       csv_number(term.weight), csv_number(term.relevance));
  }
}

}  // namespace

std::string topics_csv(const TopicsSummary& summary) {
  std::string csv = "component,order,rank,term,weight,relevance\n";
  for (const ComponentSummary& c : summary.components) {
    add_terms(csv, c.component, "weight", c.terms);
    add_terms(csv, c.component, "relevance", c.relevant_terms);
  }
  return csv;
}

std::string topic_components_csv(const TopicsSummary& summary) {
  std::string csv = "component,share,umass,npmi,c_v\n";
  for (const ComponentSummary& c : summary.components) {
    csv += fmt::format("{},{},{},{},{}\n", c.component, csv_number(c.share), csv_number(c.coherence.umass),
                       csv_number(c.coherence.npmi), csv_number(c.coherence.c_v));
  }
  return csv;
}

std::string topic_documents_csv(const TopicsSummary& summary) {
  std::string csv = "component,rank,row,name,weight,proportion,label,first_line\n";
  for (const ComponentSummary& c : summary.components) {
    for (std::size_t rank = 0; rank < c.rows.size(); ++rank) {
      const ShownRow& row = c.rows[rank];
      csv += fmt::format("{},{},{},{},{},{},{},{}\n", c.component, rank + 1, row.row, csv_text(row.name),
                         csv_number(row.weight), csv_number(row.proportion), csv_text(row.label.value_or("")),
                         csv_text(row.first_line.value_or("")));
    }
  }
  return csv;
}

std::string topic_labels_csv(const TopicsSummary& summary) {
  const LabelSummary& labels = *summary.labels;
  std::string csv = "component";
  for (const std::string& label : labels.labels) csv += "," + csv_text(label);
  csv += "\n";
  for (Index topic = 0; topic < labels.table.topics; ++topic) {
    csv += topic + 1 < labels.table.topics ? fmt::format("{}", topic) : "none";
    for (Index label = 0; label < labels.table.labels; ++label)
      csv += fmt::format(",{}", labels.table.at(topic, label));
    csv += "\n";
  }
  return csv;
}

}  // namespace mpinmf::report
