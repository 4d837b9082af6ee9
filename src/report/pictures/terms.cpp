// The terms that weigh most, as bars that they are written on: names of any length stay legible.
#include <algorithm>

#include "report/component_pictures.hpp"

namespace mpinmf::report {

std::string draw_terms(std::span<const TermPanel> panels, const std::string& stem) {
  constexpr double gap = 12, most_columns = 3;
  const double columns = std::min<double>(most_columns, static_cast<double>(panels.size()));
  std::size_t most_terms = 0;
  for (const TermPanel& panel : panels) most_terms = std::max(most_terms, panel.terms.size());
  const double cell_width = static_cast<double>(picture_width) / columns,
               cell_height = line_height * static_cast<double>(most_terms + 1) + gap;
  const std::size_t rows =
      (panels.size() + static_cast<std::size_t>(columns) - 1) / static_cast<std::size_t>(columns);
  Canvas canvas(picture_width, static_cast<Index>(cell_height * static_cast<double>(rows) + gap));
  for (std::size_t p = 0; p < panels.size(); ++p) {
    const TermPanel& panel = panels[p];
    const double left = gap / 2 + cell_width * static_cast<double>(p % static_cast<std::size_t>(columns));
    const double width = cell_width - gap;
    double top = gap / 2 + cell_height * static_cast<double>(p / static_cast<std::size_t>(columns));
    canvas.text(left, top + line_height / 2, fitting(panel.title, width));
    const double most = panel.terms.empty() ? 0 : panel.terms[0].weight;
    for (const TermPanel::Term& term : panel.terms) {
      top += line_height;
      constexpr double space = 2, indent = 6;
      if (most > 0) {
        canvas.bar({left, top + space / 2, width * term.weight / most, line_height - space}, light_blue);
      }
      canvas.text(left + indent, top + line_height / 2, fitting(term.name, width - indent));
    }
  }
  return canvas.draw(stem);
}

}  // namespace mpinmf::report
