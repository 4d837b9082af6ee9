// topics.json.
#include <cmath>
#include <nlohmann/json.hpp>

#include "topics_summary.hpp"

namespace mpinmf::report {
namespace {

using Json = nlohmann::ordered_json;

Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

void add_coherence(Json& json, const Coherence& coherence) {
  json["umass"] = number_or_null(coherence.umass);
  json["npmi"] = number_or_null(coherence.npmi);
  json["c_v"] = number_or_null(coherence.c_v);
}

Json terms_json(const std::vector<ShownTerm>& terms) {
  Json list = Json::array();
  for (const ShownTerm& term : terms) {
    list.push_back({{"term", term.term}, {"weight", term.weight}, {"relevance", number_or_null(term.relevance)}});
  }
  return list;
}

Json rows_json(const std::vector<ShownRow>& rows) {
  Json list = Json::array();
  for (const ShownRow& row : rows) {
    Json json = {{"name", row.name}, {"row", row.row}, {"weight", row.weight}, {"proportion", row.proportion}};
    if (row.first_line) json["first_line"] = *row.first_line;
    if (row.label) json["label"] = *row.label;
    list.push_back(std::move(json));
  }
  return list;
}

Json component_json(const ComponentSummary& component) {
  Json json = {{"component", component.component},
               {"share", component.share},
               {"terms", terms_json(component.terms)},
               {"relevant_terms", terms_json(component.relevant_terms)},
               {"documents", rows_json(component.rows)}};
  add_coherence(json, component.coherence);
  return json;
}

Json labels_json(const LabelSummary& labels) {
  const topics::LabelTable& table = labels.table;
  Json rows = Json::array();
  for (Index topic = 0; topic < table.topics; ++topic) {
    const auto begin = table.counts.begin() + topic * table.labels;
    rows.push_back(std::vector<Index>(begin, begin + table.labels));
  }
  const Json none = rows.back();
  rows.erase(rows.size() - 1);
  return {{"rows", table.rows()},        {"purity", labels.agreement.purity},
          {"nmi", labels.agreement.nmi}, {"ari", labels.agreement.ari},
          {"names", labels.labels},      {"table", rows},
          {"without_component", none}};
}

}  // namespace

std::string topics_json(const TopicsSummary& summary) {
  Json json;
  json["is_text"] = summary.is_text;
  json["relevance_lambda"] = summary.lambda;
  json["term_frequencies"] = summary.frequencies_of_data ? "data" : "model";
  json["components"] = Json::array();
  for (const ComponentSummary& component : summary.components) {
    json["components"].push_back(component_json(component));
  }
  json["coherence"] = Json::object();
  add_coherence(json["coherence"], summary.mean);
  if (summary.labels) json["labels"] = labels_json(*summary.labels);
  json["notes"] = summary.notes;
  // names may come from files that are no UTF-8
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mpinmf::report
