// The options that say where documents are and how to read them; vectorize and topics take them.
#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

#include "text/corpus.hpp"

namespace mpinmf::cli {

/// As they were typed. Stays where it is between `add_corpus` and the parser's end.
struct CorpusArguments {
  std::vector<std::string> paths;
  std::map<std::string, std::string> typed;  ///< by the long name of the option
};

/// The corpus itself, and how it is read.
void add_corpus(CLI::App& app, CorpusArguments& arguments);
/// Only how it is read.
void add_corpus_fields(CLI::App& app, CorpusArguments& arguments);

/// What was typed; the rest as in `otherwise`, but for its paths. No MPI yet. Throws UsageError.
text::CorpusOptions corpus_options(const CorpusArguments& arguments, const text::CorpusOptions& otherwise = {});

}  // namespace mpinmf::cli
