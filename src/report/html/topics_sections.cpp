// What the pictures of components and topics.json show.
#include <fmt/core.h>

#include <algorithm>

#include "io/shell_word.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace mpinmf::report::html {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t terms_in_overview = 8;

/// Nothing where there is no such field, or it is of another kind.
const Json& field_of(const Json& object, const char* name) {
  static const Json nothing;
  return object.is_object() && object.contains(name) ? object.at(name) : nothing;
}

std::string text_of(const Json& object, const char* name) {
  const Json& field = field_of(object, name);
  return field.is_string() ? field.get<std::string>() : "";
}

std::optional<double> number_of(const Json& object, const char* name) {
  const Json& field = field_of(object, name);
  return field.is_number() ? std::optional<double>(field.get<double>()) : std::nullopt;
}

/// The elements of a list; none of anything else.
const Json& list_of(const Json& object, const char* name) {
  static const Json none = Json::array();
  const Json& field = field_of(object, name);
  return field.is_array() ? field : none;
}

bool any_has(const Json& list, const char* name) {
  return std::any_of(list.begin(), list.end(), [&](const Json& one) { return !field_of(one, name).is_null(); });
}

struct Measure {
  const char *field, *name;
};
constexpr Measure coherences[] = {{"umass", "UMass"}, {"npmi", "NPMI"}, {"c_v", "C_v"}};

Cell index_cell(const Json& component) {
  const std::optional<double> number = number_of(component, "component");
  return {number ? fmt::format("{:.0f}", *number) : "", number};
}

std::string overview(const Json& components) {
  Table table{
      "Components, their share of the data and leading terms", {"component", "share, %", "leading terms"}, {}, {}};
  for (const Measure& measure : coherences) {
    if (any_has(components, measure.field)) table.columns.emplace_back(measure.name);
  }
  for (const Json& component : components) {
    const std::optional<double> share = number_of(component, "share");
    std::vector<Cell> row = {index_cell(component),
                             share ? Cell{fmt::format("{:.1f}", 100 * *share), share} : Cell{}};
    std::string leading;
    std::size_t count = 0;
    for (const Json& term : list_of(component, "terms")) {
      if (count++ < terms_in_overview) leading += (leading.empty() ? "" : ", ") + text_of(term, "term");
    }
    row.push_back({leading, {}});
    for (const Measure& measure : coherences) {
      if (any_has(components, measure.field)) row.push_back(number_cell(number_of(component, measure.field)));
    }
    table.rows.push_back(std::move(row));
  }
  return table_html(table);
}

std::string terms_html(const Json& component, const char* field, const std::string& caption, const char* number,
                       const char* head) {
  const Json& terms = list_of(component, field);
  if (terms.empty()) return "";
  Table table{caption, {"term", head}, {}, {}};
  for (const Json& term : terms)
    table.rows.push_back({{text_of(term, "term"), {}}, number_cell(number_of(term, number))});
  return "<div>" + table_html(table) + "</div>\n";
}

std::string documents_html(const Json& component, bool is_text, const std::string& of) {
  const Json& documents = list_of(component, "documents");
  if (documents.empty()) return "";
  const char* what = is_text ? "document" : "row";
  Table table{fmt::format("{}s of {}", is_text ? "Document" : "Row", of), {what, "weight"}, {}, {}};
  const bool has_labels = any_has(documents, "label"), has_lines = any_has(documents, "first_line");
  if (has_labels) table.columns.emplace_back("label");
  if (has_lines) table.columns.emplace_back("first line");
  for (const Json& document : documents) {
    std::vector<Cell> row = {{text_of(document, "name"), {}}, number_cell(number_of(document, "weight"))};
    if (has_labels) row.push_back({text_of(document, "label"), {}});
    if (has_lines) row.push_back({text_of(document, "first_line"), {}});
    table.rows.push_back(std::move(row));
  }
  return table_html(table);
}

std::string component_html(const Json& component, bool is_text) {
  const std::string name = "component " + index_cell(component).text;
  return fmt::format("<div>\n<h3>{}</h3>\n<div class=\"pair\">\n", "Component " + index_cell(component).text) +
         terms_html(component, "terms", "Terms of " + name + " by weight", "weight", "weight") +
         terms_html(component, "relevant_terms", "Terms of " + name + " by relevance", "relevance", "relevance") +
         "</div>\n" + documents_html(component, is_text, name) + "</div>\n";
}

/// The best fit of each other k, side by side.
std::string others_html(const HtmlReport& report) {
  std::string html;
  for (const PageFit& fit : report.fits) {
    if (fit.images.empty()) continue;
    html += fmt::format("<div>\n<h4>k = {}</h4>\n", fit.row.components);
    for (const PageImage& image : fit.images) html += figure_html(image);
    html += "</div>\n";
  }
  if (!html.empty()) html = "<h3>Other numbers of components</h3>\n<div class=\"others\">\n" + html + "</div>\n";
  if (report.not_pictured.empty()) return html;
  std::string names;
  for (const std::string& folder : report.not_pictured) names += (names.empty() ? "" : ", ") + escaped(folder);
  return html + "<p class=\"soft\">Not drawn here, as they would be too many: " + names +
         ". <code>mpinmf report</code> of one of these folders shows it.</p>\n";
}

}  // namespace

std::string figure_html(const PageImage& image) {
  return fmt::format(
      "<figure><div class=\"picture\"><img alt=\"{}\" src=\"data:image/{};base64,{}\"></div></figure>\n",
      escaped(image.alt), image.is_svg ? "svg+xml" : "png", base64(image.bytes));
}

std::string components_section(const HtmlReport& report) {
  std::string html;
  for (const PageImage& image : report.images)
    html += "<h3>" + escaped(image.title) + "</h3>\n" + figure_html(image);
  if (html.empty()) {
    html =
        "<p class=\"soft\">There are no pictures of components: gnuplot draws them from the model in the "
        "folder.</p>\n";
  }
  if (report.has_names && list_of(report.topics, "components").empty()) {
    html += "<p class=\"soft\">Terms by relevance, leading documents and coherence: <code>mpinmf topics " +
            escaped(shell_word(report.of_fit)) + "</code> computes them, and the next report shows them.</p>\n";
  }
  return section_html("components", "Components", html + others_html(report));
}

std::string topics_section(const Json& topics) {
  const Json& components = list_of(topics, "components");
  if (components.empty()) return "";
  const Json& text = field_of(topics, "is_text");
  const bool is_text = text.is_boolean() && text.get<bool>();
  std::string each;
  for (const Json& component : components) each += component_html(component, is_text);
  std::string notes;
  for (const Json& note : list_of(topics, "notes")) {
    if (note.is_string()) notes += "<p class=\"soft\">" + escaped(note.get<std::string>()) + "</p>\n";
  }
  return section_html("topics", is_text ? "Topics and their documents" : "Terms and rows of components",
                      overview(components) + notes + "<div class=\"topics\">\n" + each + "</div>\n");
}

std::string labels_section(const Json& topics) {
  const Json& labels = field_of(topics, "labels");
  const Json &names = list_of(labels, "names"), &counts = list_of(labels, "table");
  if (names.empty()) return "";
  Table table{"Rows with each label by their strongest component", {"label"}, {}, {}};
  for (std::size_t topic = 0; topic < counts.size(); ++topic) table.columns.push_back(fmt::format("{}", topic));
  for (std::size_t label = 0; label < names.size(); ++label) {
    std::vector<Cell> row = {{names[label].is_string() ? names[label].get<std::string>() : "", {}}};
    for (const Json& topic : counts) {
      const bool is_known = topic.is_array() && label < topic.size() && topic[label].is_number();
      row.push_back(is_known ? Cell{fmt::format("{:.0f}", topic[label].get<double>()), topic[label].get<double>()}
                             : Cell{});
    }
    table.rows.push_back(std::move(row));
  }
  std::string agreement;
  for (const Measure& measure : {Measure{"nmi", "NMI"}, {"ari", "adjusted Rand index"}, {"purity", "purity"}}) {
    const std::optional<double> value = number_of(labels, measure.field);
    if (value) agreement += fmt::format("{}{} {:.4g}", agreement.empty() ? "" : ", ", measure.name, *value);
  }
  return section_html("labels", "Agreement with labels", "<p>" + agreement + "</p>\n" + table_html(table));
}

}  // namespace mpinmf::report::html
