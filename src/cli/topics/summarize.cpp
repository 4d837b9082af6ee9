#include "summarize.hpp"

#include <fmt/core.h>

#include <set>

#include "text/corpus_folder.hpp"
#include "topic_names.hpp"
#include "topics/coherence.hpp"

namespace mpinmf::cli {
namespace {

std::vector<report::ShownTerm> shown_terms(const std::vector<topics::RankedTerm>& terms,
                                           const std::vector<std::string>& names) {
  std::vector<report::ShownTerm> all;
  for (const topics::RankedTerm& term : terms) {
    const auto j = static_cast<std::size_t>(term.feature);
    all.push_back(
        {names.empty() ? fmt::format("feature {}", term.feature) : names[j], term.weight, term.relevance});
  }
  return all;
}

/// Names, first lines and labels of the rows that are shown.
class RowTexts {
 public:
  explicit RowTexts(const Described& d) : labels_(d.labels ? &*d.labels : nullptr) {
    const Index rows = d.rows;
    std::set<Index> wanted;
    for (const auto& component : d.leading_rows) {
      for (const topics::RankedRow& row : component) wanted.insert(row.row);
    }
    names_ = lines_of_rows(names_of_rows(d.model, d.place), wanted, rows);
    if (!d.place.has(text::first_lines_file)) return;
    const std::string path = d.place.file(text::first_lines_file);
    first_lines_ = lines_of_rows({io::names_in(path), path}, wanted, rows);
  }

  report::ShownRow row(const topics::RankedRow& row) const {
    const auto name = names_.find(row.row), line = first_lines_.find(row.row);
    report::ShownRow shown = {name == names_.end() ? fmt::format("row {}", row.row) : name->second,
                              row.row,
                              row.weight,
                              row.proportion,
                              std::nullopt,
                              std::nullopt};
    if (line != first_lines_.end()) shown.first_line = line->second;
    if (labels_ == nullptr) return shown;
    const Index label = labels_->of_rows[static_cast<std::size_t>(row.row)];
    shown.label = label < 0 ? "" : labels_->names[static_cast<std::size_t>(label)];
    return shown;
  }

 private:
  const GivenLabels* labels_;
  std::map<Index, std::string> names_, first_lines_;
};

void add_umass(const Described& d, report::TopicsSummary& summary) {
  if (!d.document_counts) {
    summary.notes.push_back(d.place.is_there()
                                ? "no entry of V is 0, so that which terms occur together, and UMass, says nothing"
                                : "frequencies of features are those of W H, and there is no UMass: " +
                                      d.place.why_not);
    return;
  }
  const std::vector<double> umass = topics::umass(d.pairs, *d.document_counts);
  for (std::size_t c = 0; c < umass.size(); ++c) summary.components[c].coherence.umass = umass[c];
  summary.mean.umass = topics::mean_coherence(umass);
}

/// Components with such a term have no NPMI and no C_v.
void note_terms_of_no_text(const Described& d, report::TopicsSummary& summary) {
  std::string first;
  Index count = 0;
  const std::vector<Index>& places = d.windows.npmi->terms;
  for (std::size_t t = 0; t < places.size(); ++t) {
    if (places[t] > 0) continue;
    if (++count == 1) first = d.feature_names[static_cast<std::size_t>(d.pairs.features()[t])];
  }
  if (count == 0) return;
  summary.notes.push_back(
      fmt::format("NPMI and C_v are undefined for components with a term that is no token of the texts: {}{}",
                  first, count > 1 ? fmt::format(" and {} more", count - 1) : ""));
}

void add_window_measures(const Described& d, report::TopicsSummary& summary) {
  if (!d.windows.are_there()) {
    if (!d.feature_names.empty()) summary.notes.push_back(d.windows.why_not);
    return;
  }
  const std::vector<double> npmi = topics::npmi(d.pairs, *d.windows.npmi),
                            c_v = topics::c_v(d.pairs, *d.windows.c_v);
  for (std::size_t c = 0; c < npmi.size(); ++c) {
    summary.components[c].coherence.npmi = npmi[c];
    summary.components[c].coherence.c_v = c_v[c];
  }
  summary.mean.npmi = topics::mean_coherence(npmi);
  summary.mean.c_v = topics::mean_coherence(c_v);
  note_terms_of_no_text(d, summary);
}

}  // namespace

report::TopicsSummary summarize(const Described& d, const TopicsArguments& a) {
  report::TopicsSummary summary;
  summary.is_text = d.place.has(text::record_file) || d.windows.are_there();
  summary.lambda = a.relevance;
  summary.frequencies_of_data = d.has_data;
  const RowTexts texts(d);
  for (std::size_t c = 0; c < d.terms.size(); ++c) {
    report::ComponentSummary component;
    component.component = static_cast<Index>(c);
    component.share = d.shares[c];
    component.terms = shown_terms(d.terms[c].by_weight, d.feature_names);
    component.relevant_terms = shown_terms(d.terms[c].by_relevance, d.feature_names);
    for (const topics::RankedRow& row : d.leading_rows[c]) component.rows.push_back(texts.row(row));
    summary.components.push_back(std::move(component));
  }
  add_umass(d, summary);
  add_window_measures(d, summary);
  return summary;
}

}  // namespace mpinmf::cli
