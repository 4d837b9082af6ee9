#include "from_corpus.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/fit/fit.hpp"
#include "cli/fit/fit_options.hpp"
#include "cli/solver_arguments.hpp"
#include "io/shell_word.hpp"
#include "text/corpus_folder.hpp"
#include "text/vectorizer_record.hpp"

namespace mpinmf::cli {
namespace {

constexpr const char *counting_group = "Counting a corpus (with -k)", *fit_group = "Fitting the counts (with -k)";
/// Those of fit that topics has itself.
constexpr std::array of_all_steps = {"--output", "--force", "--quiet"};

/// Gives the options that came since there were `before` of them a group of their own in --help.
void name_group(CLI::App& app, std::size_t before, const char* group) {
  const std::vector<CLI::Option*> options = app.get_options();
  for (std::size_t i = before; i < options.size(); ++i) options[i]->group(group);
}

void add_fit_steps(CLI::App& app, FitArguments& fit) {
  for (const OptionRow& row : option_table()) fit.solver.typed.add(app, row);
  for (const FitOption& option : fit_options()) {
    const auto is_shared = [&](const char* name) { return std::string(option.spellings) == name; };
    if (!std::any_of(of_all_steps.begin(), of_all_steps.end(), is_shared)) option.add(app, option, fit);
  }
}

/// What was typed of a group, as it would be typed for the step alone.
std::string typed_in(const CLI::App& app, const std::string& group) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group() != group || option->count() == 0) continue;
    text += " " + (option->get_snames().empty() ? option->get_name() : "-" + option->get_snames().front());
    if (option->get_items_expected_max() == 0) continue;  // a flag
    for (const std::string& value : option->results()) text += " " + shell_word(value);
  }
  return text;
}

bool are_counted(const Comm& comm, const VectorizeArguments& counting) {
  bool are_there = false;
  comm.meet_on_root([&] {
    const std::filesystem::path record = std::filesystem::path(counting.output) / text::record_file;
    if (counting.force || !std::filesystem::exists(record)) return;
    are_there = text::is_record_of(counting.output, corpus_options(counting.corpus),
                                   read_vectorizer_options(counting.vectorizer));
    if (are_there) return;
    throw UsageError(
        fmt::format("{} holds counts of another corpus, or with other options: give another --output, "
                    "or --force to count again",
                    counting.output));
  });
  comm.broadcast_value(are_there);
  return are_there;
}

}  // namespace

void add_corpus_topics(CLI::App& app, CorpusTopics& corpus) {
  std::size_t before = app.get_options().size();
  add_corpus_fields(app, corpus.counting.corpus);
  add_vectorizer(app, corpus.counting.vectorizer);
  name_group(app, before, counting_group);
  before = app.get_options().size();
  add_fit_steps(app, corpus.fit);
  name_group(app, before, fit_group);
  app.add_flag("--force", corpus.force, "with -k: count and fit again, in place of what the folder holds");
}

bool is_corpus_asked_for(const CLI::App& app) {
  if (app.count("--components") > 0) return true;
  for (const CLI::Option* option : app.get_options()) {
    const bool needs_k = option->get_group() == counting_group || option->get_group() == fit_group;
    if (needs_k && option->count() > 0) {
      throw UsageError(fmt::format("{} is for a corpus that is still to be counted and fitted: give -k, too",
                                   option->get_name()));
    }
  }
  return false;
}

void prepare_corpus_topics(const CLI::App& app, const std::vector<std::string>& paths, CorpusTopics& corpus,
                           TopicsArguments& topics) {
  if (topics.output == "none") throw UsageError("--output none: topics of a corpus need a folder for the counts");
  const std::string output = topics.output.empty() ? name_of_matrix(paths.front()) + ".topics" : topics.output;
  const std::string counts = (std::filesystem::path(output) / "counts").string();
  corpus.counting.corpus.paths = paths;
  corpus.counting.output = counts;
  corpus.fit.input.path = counts;
  corpus.fit.output = (std::filesystem::path(output) / "fit").string();
  corpus.counting.force = corpus.fit.force = corpus.force;
  corpus.counting.quiet = corpus.fit.quiet = topics.quiet;
  corpus_options(corpus.counting.corpus);
  vectorizer_options(corpus.counting.vectorizer);
  prepare_fit(app, corpus.fit);
  if (!corpus.fit.writes_w()) throw UsageError("--write h leaves W out, of which topics are made: leave it out");
  topics.model = corpus.fit.output;
  topics.output.clear();
  std::string names;
  for (const std::string& path : paths) names += " " + shell_word(path);
  corpus.lines = {
      fmt::format("mpinmf vectorize{}{} --output {}", names, typed_in(app, counting_group), shell_word(counts)),
      fmt::format("mpinmf fit {}{} --output {}", shell_word(counts), typed_in(app, fit_group),
                  shell_word(corpus.fit.output)),
      fmt::format("mpinmf topics {}", shell_word(topics.model))};
}

void run_steps_before_topics(const Comm& comm, const CorpusTopics& corpus, bool quiet) {
  const bool talks = comm.is_root() && !quiet;
  const auto show = [&](std::size_t step) {
    if (talks) fmt::print("{}+ {}\n", step == 0 ? "" : "\n", corpus.lines[step]);
    std::fflush(stdout);  // before what the step may say on standard error
  };
  show(0);
  if (are_counted(comm, corpus.counting)) {
    if (talks)
      fmt::print("counted before with the same options (--force counts again): {}\n", corpus.counting.output);
  } else {
    run_vectorize(comm, corpus.counting);
  }
  show(1);
  run_fit(comm, corpus.fit);
  show(2);
}

}  // namespace mpinmf::cli
