// A corpus to a folder of counts: scikit-learn's CountVectorizer and TfidfVectorizer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyzer.hpp"
#include "corpus.hpp"
#include "count.hpp"
#include "document_names.hpp"
#include "selection.hpp"
#include "weighting.hpp"

namespace mpinmf::text {

struct VectorizerOptions {
  bool lowercase = true;
  std::string token_pattern{default_token_pattern};
  std::string stop_words = "none";  ///< none, english or a file: where `words` are from
  std::vector<std::string> words;   ///< the stop words themselves (see stop_words())
  int shortest = 1, longest = 1;    ///< tokens of a term
  SelectionOptions selection;       ///< not where the columns are given
  bool binary = false;
  std::string vocabulary;  ///< a file with the terms of the columns, one a line; empty: none
  std::string model;       ///< a folder of this program whose columns and idf are taken; empty: none
  std::optional<TfidfOptions> tfidf;
  Index prune = 0;  ///< terms that all ranks keep while they count, see OwnedTerms; 0: all

  friend bool operator==(const VectorizerOptions&, const VectorizerOptions&) = default;
  AnalyzerOptions analyzer() const { return {lowercase, token_pattern, words, shortest, longest}; }
};

/// What was counted. The same on every rank, and but for bytes of a rank and what was pruned for any number of
/// them.
struct VectorizerReport {
  Index documents = 0, terms = 0;  ///< rows and columns
  Index stored = 0;                ///< entries
  Index tokens = 0;                ///< terms of the documents before selection, each time counted
  Index text_bytes = 0;            ///< of all texts, in UTF-8
  Index distinct = 0, too_rare = 0, too_common = 0;  ///< distinct terms; 0 where the columns are given
  Index pruned = 0;                                  ///< times that a term was dropped while counting
  Index empty_documents = 0;                         ///< rows without an entry
  std::optional<Tie> tie;
  bool has_labels = false;
  BadBytes bad_bytes;
  std::vector<std::string> notes;  ///< what the user should know, a sentence each
};

/// Files that a folder of counts may hold; the record comes last.
std::vector<std::string> vectorizer_files();

/// Where results go.
struct VectorizerOutput {
  FilePlace place;     ///< where to write a file of the result; it is asked for the record last
  std::string folder;  ///< for files without a name
  CountLimits limits = {};
};

/// Reads the corpus once and writes the folder. With a model (see load_vectorizer) options are the model's.
/// Collective. Throws on every rank SystemError, BadData (no term is left, ...), UsageError.
VectorizerReport vectorize(const Comm& comm, const CorpusOptions& corpus, const VectorizerOptions& options,
                           const VectorizerOutput& output);
/// The same for documents from anywhere, without the record.
VectorizerReport vectorize(const Comm& comm, const NextDocument& next, const VectorizerOptions& options,
                           const VectorizerOutput& output);

/// The terms in a file, one a line. Throws SystemError, BadData (no term, an empty line, one that is there twice:
/// names both lines).
std::vector<std::string> read_vocabulary(const std::string& path);

}  // namespace mpinmf::text
