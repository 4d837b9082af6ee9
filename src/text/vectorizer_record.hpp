// vectorizer.json: what a folder of counts was made of, and how.
#pragma once

#include <string>

#include "vectorizer.hpp"

namespace mpinmf::text {

/// The text of the file.
std::string vectorizer_record(const CorpusOptions& corpus, const VectorizerOptions& options,
                              const VectorizerReport& report);

struct FittedVectorizer {
  CorpusOptions corpus;
  VectorizerOptions options;  ///< `model` is the folder
};
/// What the record in `folder` says. Throws SystemError, BadData. Does not communicate.
FittedVectorizer load_vectorizer(const std::string& folder);

/// Whether the record in `folder` says that this corpus was counted with these options. Throws SystemError,
/// BadData. Does not communicate.
bool is_record_of(const std::string& folder, const CorpusOptions& corpus, const VectorizerOptions& options);

}  // namespace mpinmf::text
