// mpinmf compare: which component of one model is which of another. Starts no MPI.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "command.hpp"
#include "factor_files.hpp"
#include "feature_names.hpp"
#include "report/comparison.hpp"
#include "report/text_file.hpp"
#include "topics/matching.hpp"
#include "topics/terms.hpp"

namespace mpinmf::cli {
namespace {

constexpr Index terms_shown = 6;

struct CompareArguments {
  std::string first;
  std::vector<std::string> others;
  std::string feature_names, json;
};

/// A model as far as it is compared.
struct ComparedModel {
  Model model;
  Matrix<double> h;
  std::vector<std::string> names;  // of features; empty: none
};

ComparedModel read_compared(const Comm& comm, const std::string& folder, const std::string& feature_names) {
  ComparedModel compared;
  compared.model = open_model(comm, folder, false);
  compared.h = read_model_h<double>(comm, compared.model);
  compared.names = names_of_features(compared.model, feature_names);
  return compared;
}

std::vector<std::string> lines_of_terms(const ComparedModel& compared) {
  std::vector<std::string> lines;
  if (compared.names.empty()) return lines;
  const auto n = static_cast<std::size_t>(compared.h.columns());
  for (Index c = 0; c < compared.h.rows(); ++c) {
    std::string& line = lines.emplace_back();
    for (const Index j : topics::heaviest_features({compared.h.row(c), n}, terms_shown)) {
      line += (line.empty() ? "" : ", ") + compared.names[static_cast<std::size_t>(j)];
    }
  }
  return lines;
}

void note_other_names(const ComparedModel& a, const ComparedModel& b, std::vector<std::string>& notes) {
  for (std::size_t j = 0; j < std::min(a.names.size(), b.names.size()); ++j) {
    if (a.names[j] == b.names[j]) continue;
    notes.push_back(fmt::format(
        "features have other names: column {} (counted from 0) is {} in A and {} in B; cosines compare "
        "columns of the same number",
        j, a.names[j], b.names[j]));
    return;
  }
}

report::Comparison compare_models(const ComparedModel& a, const ComparedModel& b) {
  if (a.h.columns() != b.h.columns()) {
    throw ShapeMismatch(
        fmt::format("{} has {} columns, but {} has {}: models of the same features can be compared",
                    a.model.h_path, a.h.columns(), b.model.h_path, b.h.columns()));
  }
  const Matrix<double> cosines = topics::cosines_of_rows(a.h.view(), b.h.view());
  const std::vector<Index> matched = topics::best_matching(cosines.view());
  report::Comparison comparison;
  comparison.a = a.model.folder;
  comparison.b = b.model.folder;
  comparison.components_a = a.h.rows();
  comparison.components_b = b.h.rows();
  std::vector<bool> is_matched(static_cast<std::size_t>(b.h.rows()));
  for (Index c = 0; c < a.h.rows(); ++c) {
    const Index d = matched[static_cast<std::size_t>(c)];
    if (d < 0) {
      comparison.unmatched_a.push_back(c);
      continue;
    }
    comparison.pairs.push_back({c, d, cosines(c, d)});
    is_matched[static_cast<std::size_t>(d)] = true;
  }
  for (Index d = 0; d < b.h.rows(); ++d) {
    if (!is_matched[static_cast<std::size_t>(d)]) comparison.unmatched_b.push_back(d);
  }
  comparison.terms_a = lines_of_terms(a);
  comparison.terms_b = lines_of_terms(b);
  note_other_names(a, b, comparison.notes);
  return comparison;
}

void run(const Comm& comm, const CompareArguments& a) {
  const ComparedModel first = read_compared(comm, a.first, a.feature_names);
  std::vector<report::Comparison> comparisons;
  for (const std::string& other : a.others) {
    comparisons.push_back(compare_models(first, read_compared(comm, other, a.feature_names)));
  }
  if (!a.json.empty()) report::replace_text_file(a.json, report::comparisons_json(comparisons));
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    fmt::print("{}{}", i == 0 ? "" : "\n", report::comparison_text(comparisons[i]));
  }
}

}  // namespace

Command add_compare(CLI::App& program) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App* app = program.add_subcommand(
      "compare", "match the components of models by the cosine of their rows of H: of other seeds, ranks, k");
  app->add_option("A", arguments->first, "the folder a fit wrote; of several fits the best is taken")->required();
  app->add_option("B", arguments->others, "others, each of which is compared with A")->required();
  app->add_option("--feature-names", arguments->feature_names,
                  "a file with a line a column of H; default: the names that V gave");
  app->add_option("--json", arguments->json, "a file for the pairs, cosines and unmatched components");
  return {app, [] {}, [arguments](const Comm& comm) { run(comm, *arguments); }, false};
}

}  // namespace mpinmf::cli
