#include "survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

#include "csv.hpp"
#include "gnuplot.hpp"
#include "mpinmf/error.hpp"
#include "text_table.hpp"

namespace mpinmf::report {
namespace {

/// A figure of a k, in the order of survey.csv.
struct Figure {
  const char *key, *head;  ///< in survey.csv and, not empty, in the table
  double (*of)(const SurveyRow& row);
  const char* format;
};
constexpr std::array<Figure, 14> figures = {{
    {"loss", "best loss", [](const SurveyRow& row) { return row.best_loss; }, "{:.6g}"},
    {"median_loss", "median", [](const SurveyRow& row) { return row.median_loss; }, "{:.6g}"},
    {"explained_variance", "", [](const SurveyRow& row) { return row.explained_variance; }, ""},
    {"silhouette", "silhouette", [](const SurveyRow& row) { return row.facts.consensus_silhouette; }, "{:.3f}"},
    {"kept", "kept", [](const SurveyRow& row) { return row.kept; }, "{:.2f}"},
    {"consensus_loss", "consensus", [](const SurveyRow& row) { return row.facts.consensus_error; }, "{:.6g}"},
    {"min_silhouette", "min", [](const SurveyRow& row) { return row.facts.min_silhouette; }, "{:.3f}"},
    {"mean_silhouette", "mean", [](const SurveyRow& row) { return row.facts.mean_silhouette; }, "{:.3f}"},
    {"cophenetic", "cophenetic", [](const SurveyRow& row) { return row.facts.cophenetic; }, "{:.3f}"},
    {"dispersion", "dispersion", [](const SurveyRow& row) { return row.facts.dispersion; }, "{:.3f}"},
    {"pac", "PAC", [](const SurveyRow& row) { return row.facts.pac; }, "{:.3f}"},
    {"held_out_loss", "held out", [](const SurveyRow& row) { return row.facts.held_out_loss; }, "{:.5g}"},
    {"held_out_error", "", [](const SurveyRow& row) { return row.facts.held_out_error; }, ""},
    {"sparseness", "", [](const SurveyRow& row) { return row.sparseness; }, ""},
}};

constexpr const char* suggestions_header = "convention,k,why";

/// Whether a figure stands in the table for people: not where nothing is known of it.
bool is_shown(const Figure& figure, std::span<const SurveyRow> rows) {
  return *figure.head != '\0' && std::any_of(rows.begin(), rows.end(),
                                             [&](const SurveyRow& row) { return std::isfinite(figure.of(row)); });
}

/// A line for each point that is known.
std::string points(const char* name, std::span<const SurveyRow> rows, double (*of)(const SurveyRow& row)) {
  std::string text = fmt::format("${} << EOD\n", name);
  bool is_empty = true;
  for (const SurveyRow& row : rows) {
    if (!std::isfinite(of(row))) continue;
    text += fmt::format("{} {:.17g}\n", row.facts.k, of(row));
    is_empty = false;
  }
  // gnuplot refuses to plot nothing
  if (is_empty) text += fmt::format("{} NaN\n", rows.empty() ? 0 : rows.front().facts.k);
  return text + "EOD\n";
}

/// Of the seeds of each k: k, the quartiles and the ends, as gnuplot's candlesticks want them, and the median.
std::string boxes(std::span<const SurveyRow> rows, std::span<const SummaryRow> fits) {
  std::string text = "$boxes << EOD\n";
  for (const SurveyRow& row : rows) {
    std::vector<double> losses;
    for (const SummaryRow& fit : fits) {
      if (fit.components == row.facts.k && std::isfinite(fit.cost.loss)) losses.push_back(fit.cost.loss);
    }
    if (losses.empty()) continue;
    std::sort(losses.begin(), losses.end());
    const auto quantile = [&](double share) {
      const double at = share * static_cast<double>(losses.size() - 1);
      const auto below = static_cast<std::size_t>(at), above = std::min(below + 1, losses.size() - 1);
      return losses[below] + (at - static_cast<double>(below)) * (losses[above] - losses[below]);
    };
    text += fmt::format("{} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g}\n", row.facts.k, quantile(0.25),
                        losses.front(), losses.back(), quantile(0.75), quantile(0.5));
  }
  return text + "EOD\n";
}

}  // namespace

std::string survey_csv(std::span<const SurveyRow> rows) {
  std::string text = "k,fits";
  for (const Figure& figure : figures) text += fmt::format(",{}", figure.key);
  text += '\n';
  for (const SurveyRow& row : rows) {
    text += fmt::format("{},{}", row.facts.k, row.fits);
    for (const Figure& figure : figures) text += "," + csv_number(figure.of(row));
    text += '\n';
  }
  return text;
}

std::string survey_table(std::span<const SurveyRow> rows) {
  std::vector<TextTable::Column> columns = {{"k", true}, {"fits", true}};
  for (const Figure& figure : figures) {
    if (is_shown(figure, rows)) columns.push_back({figure.head, true});
  }
  TextTable table(columns);
  for (const SurveyRow& row : rows) {
    std::vector<std::string> cells = {fmt::format("{}", row.facts.k), fmt::format("{}", row.fits)};
    for (const Figure& figure : figures) {
      if (!is_shown(figure, rows)) continue;
      const double value = figure.of(row);
      cells.push_back(std::isfinite(value) ? fmt::format(fmt::runtime(figure.format), value) : "-");
    }
    table.add(cells);
  }
  return table.text(2);
}

std::string suggestions_text(std::span<const stability::Suggestion> suggestions) {
  TextTable table({{"convention"}, {"k", true}, {"why", false, 200}});
  for (const stability::Suggestion& s : suggestions) {
    table.add({s.convention, s.k ? fmt::format("{}", *s.k) : "none", s.why});
  }
  return table.text(2);
}

std::string suggestions_csv(std::span<const stability::Suggestion> suggestions) {
  std::string text = std::string(suggestions_header) + "\n";
  for (const stability::Suggestion& s : suggestions) {
    text += fmt::format("{},{},{}\n", csv_text(s.convention), s.k ? fmt::format("{}", *s.k) : "", csv_text(s.why));
  }
  return text;
}

std::vector<stability::Suggestion> parse_suggestions(const std::string& text, const std::string& path) {
  std::istringstream in(text);
  std::string line;
  if (!std::getline(in, line) || line != suggestions_header)
    throw BadData(fmt::format("{}, line 1: expected the columns {}", path, suggestions_header));
  std::vector<stability::Suggestion> suggestions;
  for (Index number = 2; std::getline(in, line); ++number) {
    const std::vector<std::string> fields = csv_fields(line);
    stability::Suggestion& made = suggestions.emplace_back();
    const auto is_whole = [&](const std::string& k) {
      const char* const end = k.data() + k.size();
      return std::from_chars(k.data(), end, made.k.emplace()).ptr == end;
    };
    if (fields.size() != 3 || !(fields[1].empty() || is_whole(fields[1]))) {
      throw BadData(
          fmt::format("{}, line {}: expected a convention, a number of components or nothing, and why, "
                      "got \"{}\"",
                      path, number, line));
    }
    made.convention = fields[0];
    made.why = fields[2];
  }
  return suggestions;
}

std::string draw_survey(std::span<const SurveyRow> rows, std::span<const SummaryRow> fits,
                        const std::string& stem) {
  const bool has_held_out = std::any_of(
      rows.begin(), rows.end(), [](const SurveyRow& row) { return std::isfinite(row.facts.held_out_loss); });
  const PictureSize size = {1200, has_held_out ? 1350 : 900};
  constexpr double far_apart = 100;  // on a linear axis the lower losses would all be 0
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const SummaryRow& fit : fits) {
    least = std::min(least, fit.cost.loss);
    most = std::max(most, fit.cost.loss);
  }
  const bool is_logarithmic = least > 0 && most > far_apart * least;
  std::string data = boxes(rows, fits);
  for (const Figure& figure : figures) data += points(figure.key, rows, figure.of);
  const auto script = [&](const std::string& terminal, const std::string& output) {
    const std::string line = "with linespoints linewidth 2 pointtype 7";
    return data + gnuplot_head(terminal, output, "Number of components k", "Loss") +
           fmt::format("set multiplot layout {},2\n", has_held_out ? 3 : 2) +
           "set boxwidth 0.4 relative\nset offsets graph 0.05, graph 0.05, 0, 0\n" +
           (is_logarithmic ? "set logscale y\n" : "") +
           "set key above\nset style fill empty\n"
           "plot $boxes using 1:2:3:4:5 with candlesticks title 'all seeds' whiskerbars, "
           "$boxes using 1:6:6:6:6 with candlesticks linewidth 2 notitle, "
           "$consensus_loss using 1:2 " +
           line +
           " title 'consensus'\n"
           "unset logscale\nset ylabel 'Consensus (cNMF)'\nset yrange [*:1.02]\n"
           "plot $silhouette using 1:2 " +
           line +
           " title 'silhouette', "
           "$kept using 1:2 " +
           line +
           " title 'spectra kept'\n"
           "set ylabel 'Matched components (NMFk)'\n"
           "plot $min_silhouette using 1:2 " +
           line +
           " title 'least silhouette', "
           "$mean_silhouette using 1:2 " +
           line +
           " title 'mean silhouette'\n"
           "set ylabel 'Strongest components of rows (R)'\n"
           "plot $cophenetic using 1:2 " +
           line +
           " title 'cophenetic', "
           "$dispersion using 1:2 " +
           line +
           " title 'dispersion', "
           "$pac using 1:2 " +
           line + " title 'PAC'\n" +
           (has_held_out ? "set ylabel 'Mean loss of held-out entries'\nset yrange [*:*]\n"
                           "plot $held_out_loss using 1:2 " +
                               line + " title 'cross-validation'\n"
                         : "") +
           "unset multiplot\n";
  };
  return draw_picture(script, stem, size);
}

}  // namespace mpinmf::report
