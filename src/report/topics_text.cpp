// Topics for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "counted.hpp"
#include "display_width.hpp"
#include "text_table.hpp"
#include "topics_summary.hpp"

namespace mpinmf::report {
namespace {

constexpr std::size_t indent = 2, most_of_name = 30, most_of_label = 26, most_of_line = 48;

std::string four_digits(double value) {
  return std::isfinite(value) ? fmt::format("{:.4g}", value) : "";
}

std::string coherence_text(const Coherence& coherence) {
  std::string text;
  const auto add = [&](const char* name, double value) {
    if (std::isfinite(value)) text += fmt::format("{}{} {:.4f}", text.empty() ? "" : ", ", name, value);
  };
  add("UMass", coherence.umass);
  add("NPMI", coherence.npmi);
  add("C_v", coherence.c_v);
  return text;
}

std::string terms_table(const TopicsSummary& summary, const ComponentSummary& component) {
  TextTable table({{summary.is_text ? "term" : "feature", false, most_of_name},
                   {"weight", true},
                   {fmt::format("by relevance {:g}", summary.lambda), false, most_of_name},
                   {"relevance", true}});
  const std::size_t lines = std::max(component.terms.size(), component.relevant_terms.size());
  for (std::size_t i = 0; i < lines; ++i) {
    std::vector<std::string> cells(4);
    if (i < component.terms.size()) {
      cells[0] = component.terms[i].term;
      cells[1] = four_digits(component.terms[i].weight);
    }
    if (i < component.relevant_terms.size()) {
      cells[2] = component.relevant_terms[i].term;
      cells[3] = fmt::format("{:.3f}", component.relevant_terms[i].relevance);
    }
    table.add(std::move(cells));
  }
  return lines == 0 ? "" : table.text(indent);
}

std::string rows_table(const TopicsSummary& summary, const ComponentSummary& component) {
  TextTable table({{summary.is_text ? "document" : "row", false, most_of_name},
                   {"weight", true},
                   {"proportion", true},
                   {"label", false, most_of_label},
                   {"first line", false, most_of_line}});
  for (const ShownRow& row : component.rows) {
    table.add({row.name, four_digits(row.weight), fmt::format("{:.3f}", row.proportion), row.label.value_or(""),
               row.first_line.value_or("")});
  }
  return component.rows.empty() ? "" : table.text(indent);
}

/// The commonest labels of a component.
std::string labels_line(const LabelSummary& labels, Index component) {
  constexpr std::size_t most = 4;
  std::vector<Index> order(labels.labels.size());
  std::iota(order.begin(), order.end(), Index{0});
  const auto count = [&](Index label) { return labels.table.at(component, label); };
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return count(a) > count(b); });
  std::string line;
  Index others = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i >= most) others += count(order[i]);
    if (i >= most || count(order[i]) == 0) continue;
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ",
                        shown(labels.labels[static_cast<std::size_t>(order[i])]), count(order[i]));
  }
  if (others > 0) line += fmt::format(", others {}", others);
  return line.empty() ? "" : std::string(indent, ' ') + "labels: " + line + "\n";
}

std::string component_text(const TopicsSummary& summary, const ComponentSummary& component) {
  const std::string coherence = coherence_text(component.coherence);
  std::string text = fmt::format("component {}: {:.1f} % of the data{}{}\n", component.component,
                                 100 * component.share, coherence.empty() ? "" : "; ", coherence);
  text += terms_table(summary, component) + rows_table(summary, component);
  if (summary.labels) text += labels_line(*summary.labels, component.component);
  return text;
}

}  // namespace

std::string topics_text(const TopicsSummary& summary) {
  std::vector<const ComponentSummary*> order;
  for (const ComponentSummary& component : summary.components) order.push_back(&component);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->share > b->share; });
  std::string text =
      fmt::format("{}, the largest share first; component c is column c of W and row c of H, from 0\n\n",
                  counted(order.size(), "component"));
  for (const ComponentSummary* component : order) text += component_text(summary, *component) + "\n";
  const std::string mean = coherence_text(summary.mean);
  if (!mean.empty()) text += "coherence, mean of the components: " + mean + "\n";
  if (summary.labels) {
    const LabelSummary& labels = *summary.labels;
    text += fmt::format("strongest components beside {}: purity {:.4f}, NMI {:.4f}, adjusted Rand index {:.4f}\n",
                        counted(labels.labels.size(), "label"), labels.agreement.purity, labels.agreement.nmi,
                        labels.agreement.ari);
  }
  for (const std::string& note : summary.notes) text += "note: " + note + "\n";
  return text;
}

}  // namespace mpinmf::report
