#include "describe.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "cli/fit/results.hpp"
#include "cli/process/output_folder.hpp"
#include "given_labels.hpp"
#include "io/npy.hpp"
#include "model_data.hpp"
#include "report/text_file.hpp"
#include "report/topic_files.hpp"
#include "report/topics_summary.hpp"
#include "text/corpus_folder.hpp"
#include "topic_names.hpp"
#include "topics/coherence.hpp"
#include "topics/leading_rows.hpp"
#include "topics/proportions.hpp"
#include "topics/terms.hpp"

namespace mpinmf::cli {
namespace {

/// The model and what it is about, as far as it takes no names.
struct Described {
  Model model;
  DataPlace place;
  Partition partition;
  Matrix<double> h, w;            // w: this rank's rows
  std::vector<double> u, shares;  // sums of H's rows; of all data
  std::vector<topics::LeadingTerms> terms;
  std::vector<std::vector<topics::RankedRow>> rows;  // on the root
  std::optional<topics::PairCounts> document_counts;
  bool frequencies_of_data = false;
};

Index rows_of_w(const Comm& comm, const Model& model) {
  Shape w;
  comm.meet_on_root([&] {
    require_w(model);
    w = factor_shape(model.w_path);
    if (w.columns == model.h.rows) return;
    throw ShapeMismatch(fmt::format("{} is {} x {}, but {} is {} x {}", model.w_path, w.rows, w.columns,
                                    model.h_path, model.h.rows, model.h.columns));
  });
  comm.broadcast_value(w);
  return w.rows;
}

/// How often each feature occurs in W H, up to a factor.
std::vector<double> frequencies_of_model(const Described& d) {
  std::vector<double> frequencies(static_cast<std::size_t>(d.h.columns()));
  for (Index c = 0; c < d.h.rows(); ++c) {
    const auto k = static_cast<std::size_t>(c);
    for (std::size_t j = 0; j < frequencies.size() && d.u[k] > 0; ++j) {
      frequencies[j] += d.shares[k] * (d.h(c, static_cast<Index>(j)) / d.u[k]);
    }
  }
  return frequencies;
}

topics::TermPairs pairs_of(const std::vector<topics::LeadingTerms>& terms) {
  std::vector<std::vector<Index>> features;
  for (const topics::LeadingTerms& component : terms) {
    std::vector<Index>& topic = features.emplace_back();
    for (const topics::RankedTerm& term : component.by_weight) topic.push_back(term.feature);
  }
  return topics::TermPairs(features);
}

/// Collective.
Described describe(const Comm& comm, const TopicsArguments& a) {
  Described d;
  d.model = open_model(comm, a.model, a.quiet || a.json);
  const Index rows = rows_of_w(comm, d.model);
  d.place = find_data(comm, d.model, a.data);
  const ModelData data(comm, d.place, d.model, rows);
  d.partition = data.partition();
  d.h = read_model_h<double>(comm, d.model);
  const Index first = d.partition.begin(comm.rank());
  d.w = read_factor_rows<double>(comm, d.model.w_path, first, d.partition.rows(comm.rank()));
  d.u = topics::sums_of_rows(std::as_const(d.h).view());
  d.shares = topics::shares_of_components(comm, std::as_const(d.w).view(), rows, d.u);
  d.rows = topics::leading_rows(comm, std::as_const(d.w).view(), first, d.u, a.documents);
  d.frequencies_of_data = data.is_there();
  const std::vector<double> frequencies = data.is_there() ? data.sums_of_columns() : frequencies_of_model(d);
  for (Index c = 0; c < d.h.rows(); ++c) {
    const std::span<const double> row(d.h.row(c), static_cast<std::size_t>(d.h.columns()));
    d.terms.push_back(topics::leading_terms(row, frequencies, a.relevance, a.terms));
  }
  if (data.is_there()) d.document_counts = data.count_documents(pairs_of(d.terms));
  return d;
}

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
  RowTexts(const Described& d, const GivenLabels* labels) : labels_(labels) {
    const Index rows = d.partition.rows();
    std::set<Index> wanted;
    for (const auto& component : d.rows) {
      for (const topics::RankedRow& row : component) wanted.insert(row.row);
    }
    names_ = lines_of_rows(names_of_rows(d.model, d.place, rows), "the names of rows", wanted, rows);
    if (!d.place.has(text::first_lines_file)) return;
    const std::string path = d.place.file(text::first_lines_file);
    first_lines_ = lines_of_rows(io::names_in(path), path, wanted, rows);
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

/// The values of the measures; why one is missing goes to the notes.
void add_coherence(const Described& d, report::TopicsSummary& summary) {
  const topics::TermPairs pairs = pairs_of(d.terms);
  if (!d.document_counts) {
    summary.notes.push_back(d.place.is_there()
                                ? "no entry of V is 0, so that which terms occur together, and UMass, says nothing"
                                : "relevance is that in the model, and there is no UMass: " + d.place.why_not);
    return;
  }
  const std::vector<double> umass = topics::umass(pairs, *d.document_counts);
  for (std::size_t c = 0; c < umass.size(); ++c) summary.components[c].coherence.umass = umass[c];
  summary.mean.umass = topics::mean_coherence(umass);
}

/// On the root.
report::TopicsSummary summarize(const Described& d, const TopicsArguments& a, const GivenLabels* labels) {
  report::TopicsSummary summary;
  summary.is_text = d.place.has(text::record_file);
  summary.lambda = a.relevance;
  summary.frequencies_of_data = d.frequencies_of_data;
  const std::vector<std::string> names = names_of_features(d.model, d.place, a.feature_names);
  const RowTexts texts(d, labels);
  for (std::size_t c = 0; c < d.terms.size(); ++c) {
    report::ComponentSummary component;
    component.component = static_cast<Index>(c);
    component.share = d.shares[c];
    component.terms = shown_terms(d.terms[c].by_weight, names);
    component.relevant_terms = shown_terms(d.terms[c].by_relevance, names);
    for (const topics::RankedRow& row : d.rows[c]) component.rows.push_back(texts.row(row));
    summary.components.push_back(std::move(component));
  }
  add_coherence(d, summary);
  return summary;
}

std::optional<GivenLabels> labels_of(const Comm& comm, const Described& d, const TopicsArguments& a) {
  bool are_there = !a.labels.empty();
  std::string path = a.labels;
  comm.meet_on_root([&] {
    if (are_there || !d.place.has(text::labels_file)) return;
    are_there = true;
    path = d.place.file(text::labels_file);
  });
  comm.broadcast_value(are_there);
  if (!are_there) return std::nullopt;
  return read_labels(comm, path, d.partition);
}

/// Writes a result of the root's under its partial name.
void write_text(const Comm& comm, OutputFolder& folder, const char* name, const std::string& text) {
  const std::string path = folder.partial(name);
  comm.meet_on_root([&] { report::write_text_file(path, text); });
}

/// The tables, on the root; topics.json, which comes last, says that all is there.
void write_tables(const Comm& comm, OutputFolder& folder, const report::TopicsSummary& summary, bool has_labels) {
  using namespace report;
  const bool root = comm.is_root();
  write_text(comm, folder, topics_csv_file, root ? topics_csv(summary) : "");
  write_text(comm, folder, topic_components_file, root ? topic_components_csv(summary) : "");
  write_text(comm, folder, topic_documents_file, root ? topic_documents_csv(summary) : "");
  if (has_labels) write_text(comm, folder, topic_labels_file, root ? topic_labels_csv(summary) : "");
  write_text(comm, folder, topics_json_file, root ? topics_json(summary) : "");
}

/// H, its rows scaled to sum 1, from the root.
void write_term_proportions(const Comm& comm, const std::string& path, const Described& d) {
  Matrix<double> scaled(comm.is_root() ? d.h.rows() : 0, d.h.columns());
  for (Index c = 0; c < scaled.rows(); ++c) {
    const double sum = d.u[static_cast<std::size_t>(c)];
    for (Index j = 0; j < scaled.columns() && sum > 0; ++j) scaled(c, j) = d.h(c, j) / sum;
  }
  io::write_npy<double>(comm, path, std::as_const(scaled).view());
}

}  // namespace

void describe_topics(const Comm& comm, const TopicsArguments& a) {
  Described d = describe(comm, a);
  std::optional<OutputFolder> folder;
  if (a.output != "none") {
    const double bytes = plain_bytes<double>(d.partition.rows() + d.h.columns(), d.h.rows() + 1);
    // what an older topics left of this model is not worth keeping
    folder.emplace(
        comm, a.output.empty() ? d.model.folder : a.output,
        OutputFolder::Results{{topic_result_names.begin(), topic_result_names.end()}, true, false, bytes});
  }
  const std::optional<GivenLabels> labels = labels_of(comm, d, a);
  report::TopicsSummary summary;
  comm.meet_on_root([&] { summary = summarize(d, a, labels ? &*labels : nullptr); });
  std::vector<double> sizes = topics::make_proportions(d.w.view(), d.u);
  if (labels) {
    const std::vector<Index> strongest = topics::strongest_components(std::as_const(d.w).view());
    const topics::LabelTable table =
        topics::table_of_labels(comm, strongest, d.h.rows(), labels->of_own_rows, labels->count);
    const bool has_rows = table.rows() > 0;  // not all of them without a label
    if (has_rows) summary.labels = {labels->names, table, topics::agreement(table)};
  }
  if (folder) {
    io::write_npy<double>(comm, folder->partial(report::topic_proportions_file), std::as_const(d.w).view());
    const ConstMatrixView<double> column(sizes.data(), static_cast<Index>(sizes.size()), 1, 1);
    io::write_npy<double>(comm, folder->partial(report::row_sizes_file), column);
    write_term_proportions(comm, folder->partial(report::term_proportions_file), d);
    write_tables(comm, *folder, summary, summary.labels.has_value());
    folder->publish();
  }
  if (!comm.is_root()) return;
  if (a.json) {
    fmt::print("{}", report::topics_json(summary));
  } else if (!a.quiet) {
    fmt::print("{}", report::topics_text(summary));
    if (folder)
      fmt::print("results: {}\n", (std::filesystem::path(folder->path()) / report::topics_json_file).string());
  }
}

}  // namespace mpinmf::cli
