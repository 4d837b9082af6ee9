#include "shared_rows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace mpinmf::cli {
namespace {

constexpr std::size_t numbers_of_fit = 4;

auto figures_of(auto& row) {
  auto& facts = row.facts;
  return std::array{&row.best_loss,
                    &row.median_loss,
                    &row.explained_variance,
                    &row.kept,
                    &row.sparseness,
                    &facts.consensus_silhouette,
                    &facts.consensus_error,
                    &facts.min_silhouette,
                    &facts.mean_silhouette,
                    &facts.error,
                    &facts.cophenetic,
                    &facts.dispersion,
                    &facts.pac};
}

/// k, the number of fits, figures, the number of row errors, and these.
std::vector<double> packed(const report::SurveyRow& row) {
  std::vector<double> numbers = {static_cast<double>(row.facts.k), static_cast<double>(row.fits)};
  for (const double* figure : figures_of(row)) numbers.push_back(*figure);
  numbers.push_back(static_cast<double>(row.facts.row_errors.size()));
  numbers.insert(numbers.end(), row.facts.row_errors.begin(), row.facts.row_errors.end());
  return numbers;
}

report::SurveyRow unpacked(std::span<const double> numbers) {
  report::SurveyRow row;
  auto next = numbers.begin();
  row.facts.k = static_cast<Index>(*next++);
  row.fits = static_cast<Index>(*next++);
  for (double* figure : figures_of(row)) *figure = *next++;
  const auto errors = static_cast<std::ptrdiff_t>(*next++);
  row.facts.row_errors.assign(next, next + errors);
  return row;
}

}  // namespace

std::vector<report::SummaryRow> fits_for_all(const Comm& all, std::span<const report::SummaryRow> fits) {
  std::string seeds;
  std::vector<double> numbers;
  if (all.is_root()) {
    for (const report::SummaryRow& fit : fits) {
      seeds += fit.seed + "\n";
      numbers.insert(numbers.end(), {static_cast<double>(fit.components), fit.cost.loss, fit.explained_variance,
                                     fit.best ? 1.0 : 0.0});
    }
  }
  all.broadcast(seeds);
  numbers.resize(numbers_of_fit * static_cast<std::size_t>(std::count(seeds.begin(), seeds.end(), '\n')));
  all.broadcast(std::span(numbers));
  std::vector<report::SummaryRow> known;
  std::istringstream lines(seeds);
  std::string seed;
  for (std::size_t at = 0; std::getline(lines, seed); at += numbers_of_fit) {
    report::SummaryRow& fit = known.emplace_back();
    fit.seed = seed;
    fit.components = static_cast<Index>(numbers[at]);
    fit.cost.loss = numbers[at + 1];
    fit.explained_variance = numbers[at + 2];
    fit.best = numbers[at + 3] != 0;
  }
  return known;
}

std::vector<report::SurveyRow> rows_of_groups(const Groups& groups,
                                              const std::vector<std::optional<report::SurveyRow>>& own) {
  std::vector<std::vector<double>> rows(own.size());
  double longest = 0;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (groups.own.is_root() && own[i]) rows[i] = packed(*own[i]);
    longest = std::max(longest, static_cast<double>(rows[i].size()));
  }
  // each row is one rank's, the others add nothing
  const auto width = static_cast<std::size_t>(groups.all.max(longest));
  std::vector<double> table(width * rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy(rows[i].begin(), rows[i].end(), table.begin() + static_cast<std::ptrdiff_t>(i * width));
  groups.all.sum(table);
  std::vector<report::SurveyRow> all;
  for (std::size_t i = 0; i < rows.size(); ++i)
    all.push_back(unpacked(std::span<const double>(table).subspan(i * width, width)));
  return all;
}

}  // namespace mpinmf::cli
