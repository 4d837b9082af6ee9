// mpinmf topics: the terms, rows, coherence and labels of the components of a model.
#include <CLI/CLI.hpp>

#include <memory>

#include "cli/command.hpp"
#include "cli/whole_number.hpp"
#include "describe.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::cli {
namespace {

void add_sources(CLI::App& app, TopicsArguments& a) {
  app.add_option("DIR", a.model, "the folder a fit wrote (W.npy, H.npy); of several fits the best is taken")
      ->required();
  app.add_option(
      "--data", a.data,
      "V, for the frequencies of terms and UMass, or none; default: that of the fit, if it is still there");
  app.add_option("--feature-names", a.feature_names,
                 "a file with a line a column of H; default: the names that V gave");
  app.add_option("--labels", a.labels,
                 "a file with a line a row of W, empty where there is no label: how components and labels agree; "
                 "default: the labels that vectorize has found");
}

}  // namespace

Command add_topics(CLI::App& program) {
  auto a = std::make_shared<TopicsArguments>();
  CLI::App* app = program.add_subcommand(
      "topics", "the terms, documents, shares, coherence and labels of the components of a model");
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
                  "folder for topics.json, the tables and proportions, or none; default: DIR");
  app->add_flag("--json", a->json, "print topics.json instead of a text");
  app->add_flag("--quiet", a->quiet, "print nothing");
  return {app,
          [a] {
            if (a->terms < 1) throw UsageError("--terms must be at least 1");
            if (a->documents < 0) throw UsageError("--documents must not be negative");
          },
          [a](const Comm& comm) { describe_topics(comm, *a); }};
}

}  // namespace mpinmf::cli
