// What a survey of numbers of components found: survey.csv, the table of the program, and the picture.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "stability/decide.hpp"
#include "summary.hpp"

namespace mpinmf::report {

/// Of one k.
struct SurveyRow {
  stability::KFacts facts;
  Index fits = 0;  ///< seeds that have ended
  double best_loss = Cost::unknown, median_loss = Cost::unknown;
  double explained_variance = Cost::unknown;  ///< of the best fit; Frobenius only
  double kept = Cost::unknown;                ///< share of the spectra below the density threshold
  double sparseness = Cost::unknown;          ///< Hoyer's, of the best fit's H
};

/// The columns k, fits, loss, median_loss, explained_variance, silhouette, kept, consensus_loss, min_silhouette,
/// mean_silhouette, cophenetic, dispersion, pac, held_out_loss, held_out_error, sparseness.
std::string survey_csv(std::span<const SurveyRow> rows);

/// The table for people, and what each convention suggests and why.
std::string survey_table(std::span<const SurveyRow> rows);
std::string suggestions_text(std::span<const stability::Suggestion> suggestions);
/// The columns convention, k (empty: none) and why.
std::string suggestions_csv(std::span<const stability::Suggestion> suggestions);
/// What `suggestions_csv` made. Throws BadData, which names `path`, where it is something else.
std::vector<stability::Suggestion> parse_suggestions(const std::string& text, const std::string& path);

/// Draws STEM.svg and STEM.png: over k the loss of all fits as boxes with that of the consensus, the silhouette
/// and the share of spectra kept (cNMF), the silhouettes of matched components (NMFk), cophenetic correlation,
/// dispersion and PAC (R). Or returns what is in the way, as draw_picture does.
std::string draw_survey(std::span<const SurveyRow> rows, std::span<const SummaryRow> fits,
                        const std::string& stem);

}  // namespace mpinmf::report
