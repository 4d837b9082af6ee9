// mpinmf topics: the terms, rows, coherence and labels of the components of a model.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <cmath>
#include <filesystem>
#include <memory>

#include "cli/command.hpp"
#include "cli/whole_number.hpp"
#include "describe.hpp"
#include "from_corpus.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::cli {
namespace {

void add_sources(CLI::App& app, TopicsArguments& a) {
  app.add_option(
      "--data", a.data,
      "V, for the frequencies of terms and UMass, or none; default: that of the fit, if it is still there");
  app.add_option(
         "--texts", a.texts,
         "a file or folder of a corpus, for NPMI and C_v, or none; may be given several times; default: the "
         "corpus of vectorize, if it is still there")
      ->allow_extra_args(false);  // what follows is DIR
  app.add_option("--feature-names", a.feature_names,
                 "a file with a line a column of H; default: the names that V gave");
  app.add_option("--labels", a.labels,
                 "a file with a line a row of W, empty where there is no label: how components and labels agree; "
                 "default: the labels that vectorize has found");
}

struct TopicsCommand {
  std::vector<std::string> paths;
  TopicsArguments topics;
  CorpusTopics corpus;
  bool from_corpus = false;
};

void prepare(const CLI::App& app, TopicsCommand& command) {
  TopicsArguments& a = command.topics;
  if (std::isnan(a.relevance)) throw UsageError("--relevance must be from 0 to 1, not nan");
  if (a.terms < 1) throw UsageError("--terms must be at least 1");
  if (a.documents < 0) throw UsageError("--documents must not be negative");
  command.from_corpus = is_corpus_asked_for(app);
  if (command.from_corpus) return prepare_corpus_topics(app, command.paths, command.corpus, a);
  if (command.paths.size() > 1) {
    throw UsageError("topics describes one model; for those of a corpus, of any number of files, give -k, too");
  }
  a.model = command.paths.front();
  std::error_code ignored;
  if (std::filesystem::is_regular_file(a.model, ignored)) {
    throw UsageError(fmt::format(
        "{} is a file, not the folder that a fit wrote; for topics of a corpus give -k, too", a.model));
  }
}

void run(const Comm& comm, const TopicsCommand& command) {
  if (command.from_corpus) run_steps_before_topics(comm, command.corpus, command.topics.quiet);
  describe_topics(comm, command.topics);
}

}  // namespace

Command add_topics(CLI::App& program) {
  auto command = std::make_shared<TopicsCommand>();
  TopicsArguments* const a = &command->topics;
  CLI::App* app = program.add_subcommand(
      "topics", "the terms, documents, shares, coherence and labels of the components of a model");
  app->add_option(
         "DIR", command->paths,
         "the folder a fit wrote (W.npy, H.npy); of several fits the best is taken. With -k a corpus, as for "
         "vectorize: it is counted and fitted first")
      ->required();
  add_sources(*app, *a);
  add_whole_number(*app, "--terms", a->terms,
                   "terms of a component that are shown, and whose coherence is computed")
      ->capture_default_str();
  add_whole_number(*app, "--documents", a->documents, "rows that are shown: those with the largest weights in W")
      ->capture_default_str();
  app->add_option("--relevance", a->relevance,
                  "pyLDAvis's lambda, from 0 (terms that other components lack) to 1 (order of weights)")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  app->add_option("--output", a->output,
                  "folder for topics.json, the tables and proportions, or none; default: DIR; with -k the folder "
                  "for counts, fit and topics, default: the corpus's name + .topics");
  app->add_flag("--json", a->json, "print topics.json instead of a text");
  app->add_flag("--quiet", a->quiet, "print nothing");
  add_corpus_topics(*app, command->corpus);
  return {app, [app, command] { prepare(*app, *command); }, [command](const Comm& comm) { run(comm, *command); }};
}

}  // namespace mpinmf::cli
