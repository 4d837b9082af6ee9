// The options of a vectorizer; those of a corpus are in corpus_arguments.hpp.
#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>

#include "text/vectorizer.hpp"

namespace mpinmf::cli {

/// As they were typed. Stays where it is between `add_vectorizer` and the parser's end.
struct VectorizerArguments {
  std::map<std::string, std::string> typed;  ///< by the long name of the option
};

void add_vectorizer(CLI::App& app, VectorizerArguments& arguments);

/// What was typed, but for the words of a file of stop words. No MPI yet. Throws UsageError.
text::VectorizerOptions vectorizer_options(const VectorizerArguments& arguments);
/// The same with stop words. Throws SystemError, BadData, too.
text::VectorizerOptions read_vectorizer_options(const VectorizerArguments& arguments);

/// Throws UsageError for the first option that was typed and has another value in `model`.
void require_same_options(const VectorizerArguments& arguments, const text::VectorizerOptions& model);

}  // namespace mpinmf::cli
