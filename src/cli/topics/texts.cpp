#include "texts.hpp"

#include <fmt/core.h>

#include <unordered_map>

#include "text/analyzer.hpp"
#include "text/corpus.hpp"
#include "text/corpus_folder.hpp"
#include "text/vectorizer_record.hpp"
#include "topics/coherence.hpp"
#include "topics/windows.hpp"

namespace mpinmf::cli {
namespace {

constexpr const char* how_to_get_them = "NPMI and C_v are computed from texts; --texts CORPUS names them";

/// The names of the terms in the pairs, on every rank. Collective.
std::vector<std::string> names_of_terms(const Comm& comm, const topics::TermPairs& pairs,
                                        const std::vector<std::string>& names) {
  std::vector<std::string> of_terms;
  for (const Index feature : pairs.features()) {
    std::string name = comm.is_root() ? names[static_cast<std::size_t>(feature)] : "";
    comm.broadcast(name);
    of_terms.push_back(std::move(name));
  }
  return of_terms;
}

/// Slides both windows over this rank's texts. Does not communicate.
void slide(text::Corpus& corpus, text::Analyzer& analyzer, const std::vector<std::string>& terms,
           topics::SlidingWindow& narrow, topics::SlidingWindow& wide) {
  std::unordered_map<std::string_view, Index> number;
  for (const std::string& term : terms) number.emplace(term, static_cast<Index>(number.size()));
  text::Document document;
  while (corpus.next(document)) {
    for (const text::Term& token : analyzer.tokens(document.text)) {
      const auto found = number.find(token.text);
      const Index term = found == number.end() ? topics::TermPairs::no_term : found->second;
      narrow.add(term);
      wide.add(term);
    }
    narrow.end_text();
    wide.end_text();
  }
}

WindowCounts count_in(const Comm& comm, const text::FittedVectorizer& how, const topics::TermPairs& pairs,
                      const std::vector<std::string>& names) {
  text::Corpus corpus(comm, how.corpus);
  const std::vector<std::string> terms = names_of_terms(comm, pairs, names);
  topics::SlidingWindow narrow(pairs, topics::npmi_window), wide(pairs, topics::c_v_window);
  comm.meet([&] {
    text::Analyzer analyzer(how.options.analyzer());
    slide(corpus, analyzer, terms, narrow, wide);
  });
  WindowCounts counts;
  counts.npmi = narrow.counts();
  counts.c_v = wide.counts();
  counts.npmi->sum(comm);
  counts.c_v->sum(comm);
  return counts;
}

}  // namespace

WindowCounts count_windows(const Comm& comm, const DataPlace& place, const std::vector<std::string>& asked,
                           const topics::TermPairs& pairs, const std::vector<std::string>& names) {
  WindowCounts none;
  none.why_not = how_to_get_them;
  const bool is_none = asked.size() == 1 && asked.front() == "none";
  bool has_names = !names.empty(), has_record = place.has(text::record_file);
  comm.broadcast_value(has_names);
  comm.broadcast_value(has_record);
  if (is_none || !has_names || (asked.empty() && !has_record)) {
    if (is_none) none.why_not = "there is no NPMI and no C_v (--texts none)";
    if (!has_names) none.why_not = "NPMI and C_v need the names of features (--feature-names) and texts (--texts)";
    return none;
  }
  text::FittedVectorizer how;
  comm.meet([&] {
    if (has_record) how = text::load_vectorizer(place.folder);
    how.corpus.label = how.corpus.id = "";  // only texts are read, and others may have neither
  });
  if (!asked.empty()) {
    how.corpus.paths = asked;
    return count_in(comm, how, pairs, names);
  }
  try {
    return count_in(comm, how, pairs, names);
  } catch (const SystemError& error) {
    if (!error.has_met()) throw;
    none.why_not = fmt::format("{} ({})", how_to_get_them, error.what());
    return none;
  }
}

}  // namespace mpinmf::cli
