#include "described.hpp"

#include <fmt/core.h>

#include "text/corpus_folder.hpp"
#include "topic_names.hpp"
#include "topics/proportions.hpp"

namespace mpinmf::cli {
namespace {

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

std::optional<GivenLabels> labels_of(const Comm& comm, const Described& d, const std::string& asked) {
  std::string path = asked;
  comm.meet_on_root([&] {
    if (path.empty() && d.place.has(text::labels_file)) path = d.place.file(text::labels_file);
  });
  comm.broadcast(path);
  if (path.empty()) return std::nullopt;
  return read_labels(comm, path, d.rows);
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

/// W of this rank, and what all of it says. Collective.
void take_w(const Comm& comm, const Partition& partition, Index most_leading, Described& d) {
  const Index first = partition.begin(comm.rank());
  d.w = read_factor_rows<double>(comm, d.model.w_path, first, partition.rows(comm.rank()));
  d.shares = topics::shares_of_components(comm, std::as_const(d.w).view(), d.rows, d.u);
  d.leading_rows = topics::leading_rows(comm, std::as_const(d.w).view(), first, d.u, most_leading);
}

}  // namespace

Described describe(const Comm& comm, const TopicsArguments& a) {
  Described d;
  d.model = open_model(comm, a.model, a.quiet || a.json);
  d.rows = rows_of_w(comm, d.model);
  d.place = find_data(comm, d.model, a.data);
  comm.meet_on_root([&] { d.feature_names = names_of_features(d.model, d.place, a.feature_names); });
  d.labels = labels_of(comm, d, a.labels);
  const ModelData data(comm, d.place, d.model, d.rows);
  if (d.labels) d.labels->share_out(comm, data.partition());
  d.h = read_model_h<double>(comm, d.model);
  d.u = topics::sums_of_rows(std::as_const(d.h).view());
  take_w(comm, data.partition(), a.documents, d);
  d.has_data = data.is_there();
  const std::vector<double> frequencies = d.has_data ? data.sums_of_columns() : frequencies_of_model(d);
  for (Index c = 0; c < d.h.rows(); ++c) {
    const std::span<const double> row(d.h.row(c), static_cast<std::size_t>(d.h.columns()));
    d.terms.push_back(topics::leading_terms(row, frequencies, a.relevance, a.terms));
  }
  d.pairs = pairs_of(d.terms);
  if (d.has_data) d.document_counts = data.count_documents(d.pairs);
  d.windows = count_windows(comm, d.place, a.texts, d.pairs, d.feature_names);
  return d;
}

}  // namespace mpinmf::cli
