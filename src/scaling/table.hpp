// The tables of a scaling study, for the terminal, Markdown and LaTeX.
#pragma once

#include <string>
#include <vector>

#include "study.hpp"

namespace mpinmf::scaling {

/// Texts in rows and columns under a title. Every row has as many cells as there are heads.
struct TextTable {
  std::string title;
  std::vector<std::string> heads;
  std::vector<std::vector<std::string>> rows;
};

std::string plain_text(const TextTable& table);
std::string markdown(const TextTable& table);
/// A table environment that needs no package.
std::string latex(const TextTable& table);

/// What was measured, beside the model where there is one; and the predictions, where there are any.
std::vector<TextTable> scaling_tables(const ScalingSummary& summary);

/// What the model is, how it did on runs that it was not fitted to, and from how many ranks on communication takes
/// half of the time: a sentence a line.
std::vector<std::string> scaling_sentences(const ScalingSummary& summary);

/// The tables and sentences in one text each.
std::string scaling_text(const ScalingSummary& summary);
std::string scaling_markdown(const ScalingSummary& summary);
std::string scaling_latex(const ScalingSummary& summary);

/// The columns ranks, seconds, low, high, communication_seconds, speed_up, efficiency, extrapolated (1 or 0): the
/// model for all points. @pre there is a model
std::string prediction_csv(const ScalingSummary& summary);

}  // namespace mpinmf::scaling
