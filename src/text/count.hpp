// Documents to counts of terms, by all ranks at once.
#pragma once

#include <functional>

#include "analyzer.hpp"
#include "corpus.hpp"
#include "counted_rows.hpp"
#include "document_names.hpp"
#include "owned_terms.hpp"

namespace mpinmf::text {

/// The next document of this rank, or false behind the last one, as Corpus::next.
using NextDocument = std::function<bool(Document&)>;

/// What a rank holds in memory, in bytes, about.
struct CountLimits {
  Index round = Index{64} << 20;  ///< of new terms and counts, before they meet those of other ranks
  Index rows = Index{64} << 20;   ///< of counted documents; what is beyond goes to a file
};

struct CountOptions {
  bool binary = false;       ///< a term counts once in a document
  std::string folder = ".";  ///< for files without a name
  CountLimits limits = {};
};

/// The documents that this rank has counted.
struct CountedDocuments {
  explicit CountedDocuments(const CountOptions& options)
      : rows(options.folder, options.limits.rows), names(options.folder) {}

  Index documents = 0;
  Index tokens = 0;      ///< terms in them, each time counted
  Index text_bytes = 0;  ///< in UTF-8
  CountedRows rows;
  DocumentNames names;
};

/// The id of the term that is its owner's number `number`.
inline std::uint64_t term_id(Index number, int owner, int ranks) {
  return static_cast<std::uint64_t>(number) * static_cast<std::uint64_t>(ranks) +
         static_cast<std::uint64_t>(owner);
}

/// Counts all documents. Ranks read documents until they hold limits.round of what is new. Then each sends each
/// the terms that the other owns (hash-partitioned), with their counts, and is told their ids. A rank that has no
/// more documents takes part until all are done. No rank holds all terms, nor all text. Collective; throws on
/// every rank what `next` throws, SystemError.
CountedDocuments count_documents(const Comm& comm, const NextDocument& next, Analyzer& analyzer, OwnedTerms& owned,
                                 const CountOptions& options);

/// The same where the terms are known: ids are numbers of `vocabulary`, others are left out. Adds to
/// `documents_with` in how many documents of this rank each one is.
CountedDocuments count_known_terms(const Comm& comm, const NextDocument& next, Analyzer& analyzer,
                                   const TermTable& vocabulary, std::span<Index> documents_with,
                                   const CountOptions& options);

}  // namespace mpinmf::text
