// mpinmf vectorize: documents to counts of terms.
#include "vectorize.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <memory>

#include "cli/process/output_folder.hpp"
#include "command.hpp"
#include "report/counted.hpp"
#include "report/say.hpp"
#include "text/vectorizer_record.hpp"

namespace mpinmf::cli {
namespace {

/// Of the corpus as of the terms: what the model was made with holds for new documents.
text::FittedVectorizer options_with_model(const VectorizeArguments& a) {
  text::FittedVectorizer fitted = text::load_vectorizer(a.model);
  require_same_options(a.vectorizer, fitted.options);
  fitted.corpus = corpus_options(a.corpus, fitted.corpus);
  fitted.corpus.needs_fields = a.corpus.typed.contains("--label") || a.corpus.typed.contains("--id");
  return fitted;
}

text::FittedVectorizer options_of(const VectorizeArguments& a) {
  if (!a.model.empty()) return options_with_model(a);
  return {corpus_options(a.corpus), read_vectorizer_options(a.vectorizer)};
}

void require_other_folder(const VectorizeArguments& a) {
  std::error_code ignored;
  if (a.model.empty() || !std::filesystem::equivalent(a.model, a.output, ignored)) return;
  throw UsageError(fmt::format("--output and --model are both {}: the model would be lost", a.output));
}

void print_summary(const Comm& comm, const text::VectorizerReport& report, const std::string& folder,
                   double seconds) {
  const auto share = static_cast<double>(report.stored) /
                     (static_cast<double>(report.documents) * static_cast<double>(report.terms));
  fmt::print("{} x {}; {} stored entries ({:.3g} %){}\n", report::counted(report.documents, "document"),
             report::counted(report.terms, "term"), report.stored, 100 * share,
             report.empty_documents == 0 ? "" : fmt::format("; {} without any", report.empty_documents));
  fmt::print("{} in the texts", report::counted(report.tokens, "term"));
  if (report.distinct > 0) {
    fmt::print(", {} distinct; {} in too few documents, {} in too many", report.distinct, report.too_rare,
               report.too_common);
  }
  const double megabytes = static_cast<double>(report.text_bytes) / 1e6;
  fmt::print("\n{:.3g} MB of text in {:.3g} s: {:.3g} MB/s; {}\n", megabytes, seconds, megabytes / seconds,
             report::counted(comm.size(), "rank"));
  fmt::print("results: {}\n", folder);
}

}  // namespace

void run_vectorize(const Comm& comm, const VectorizeArguments& a) {
  const auto begin = std::chrono::steady_clock::now();
  text::FittedVectorizer asked;
  comm.meet([&] {
    asked = options_of(a);
    require_other_folder(a);
  });
  OutputFolder folder(comm, a.output, {.names = text::vectorizer_files(), .force = a.force});
  const text::VectorizerReport report =
      text::vectorize(comm, asked.corpus, asked.options,
                      {[&](const std::string& name) { return folder.partial(name); }, folder.path()});
  folder.publish();
  if (a.quiet || !comm.is_root()) return;
  for (const std::string& note : report.notes) report::note(note);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  print_summary(comm, report, folder.path(), seconds.count());
}

Command add_vectorize(CLI::App& program) {
  auto arguments = std::make_shared<VectorizeArguments>();
  CLI::App* app = program.add_subcommand("vectorize", "count the terms of text documents, as scikit-learn does");
  add_corpus(*app, arguments->corpus);
  app->add_option("--output", arguments->output, "folder for the counts, which every command takes for V")
      ->required();
  app->add_option("--model", arguments->model,
                  "a folder of mpinmf vectorize: take its columns, its idf and its options");
  add_vectorizer(*app, arguments->vectorizer);
  app->add_flag("--force", arguments->force, "replace the results that the output folder holds");
  app->add_flag("--quiet", arguments->quiet, "no notes, no summary");
  return {app,
          [arguments] {
            corpus_options(arguments->corpus);
            if (arguments->model.empty()) vectorizer_options(arguments->vectorizer);
          },
          [arguments](const Comm& comm) { run_vectorize(comm, *arguments); }};
}

}  // namespace mpinmf::cli
