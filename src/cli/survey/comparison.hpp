// What a survey does beside its fits, and what it makes of them when all have ended.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "cli/fit/series.hpp"
#include "report/survey.hpp"
#include "stability_of_k.hpp"

namespace mpinmf::cli {

/// Holds entries out, compares the fits of each k, leaves their consensus and the table of the survey, and says
/// what it suggests.
template <class T>
class Comparison {
 public:
  /// Both outlive it.
  Comparison(const SurveyArguments& arguments, const MatrixHeader& header)
      : arguments_(arguments), cross_(arguments.cross, header) {}

  /// They live as long as this.
  SeriesHooks<T> hooks();

 private:
  void compare(const SeriesState<T>& series, std::span<const report::SummaryRow> known);
  report::SurveyRow compare_one(const SeriesState<T>& series, const std::vector<report::SummaryRow>& fits) const;
  Agreement agreement_of_fits(const Comm& comm) const;
  void finish(const SeriesState<T>& series, std::vector<report::SurveyRow>& rows,
              std::span<const report::SummaryRow> fits, std::span<const report::HeldOutFit> held_out) const;
  void say(const std::string& folder, std::span<const report::SurveyRow> rows,
           std::span<const report::SummaryRow> fits, std::span<const stability::Suggestion> suggestions) const;

  const SurveyArguments& arguments_;
  CrossValidation<T> cross_;
};

}  // namespace mpinmf::cli
