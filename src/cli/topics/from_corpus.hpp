// mpinmf topics CORPUS -k K: from documents to topics in one command, step by step.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "cli/fit/arguments.hpp"
#include "cli/vectorize.hpp"
#include "describe.hpp"

namespace mpinmf::cli {

/// Counts in OUTPUT/counts, the fit in OUTPUT/fit, and there what topics says of it.
struct CorpusTopics {
  VectorizeArguments counting;
  FitArguments fit;
  bool force = false;
  std::vector<std::string> lines;  ///< the steps as commands, to be shown
};

/// The options of vectorize and fit; those that topics has, too, hold for all steps. They are bound to `corpus`,
/// which stays where it is.
void add_corpus_topics(CLI::App& app, CorpusTopics& corpus);

/// Whether a corpus is to be taken, not a model: k was given. Throws UsageError where it was not, but an option
/// that needs it. @pre `app` has parsed its options
bool is_corpus_asked_for(const CLI::App& app);

/// Checks and completes what was asked; `topics.output` is the folder for all. No MPI yet. Throws UsageError.
void prepare_corpus_topics(const CLI::App& app, const std::vector<std::string>& paths, CorpusTopics& corpus,
                           TopicsArguments& topics);

/// The steps before topics, each shown. What an earlier run counted for the same question is taken as it is.
/// Collective; throws as the steps do.
void run_steps_before_topics(const Comm& comm, const CorpusTopics& corpus, bool quiet);

}  // namespace mpinmf::cli
