#include "comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "counted.hpp"
#include "text_table.hpp"

namespace mpinmf::report {
namespace {

using Json = nlohmann::ordered_json;

const std::string& terms_of(const std::vector<std::string>& terms, Index component) {
  static const std::string none;
  return terms.empty() ? none : terms[static_cast<std::size_t>(component)];
}

Json comparison_json(const Comparison& c) {
  Json pairs = Json::array();
  for (const MatchedPair& pair : c.pairs) {
    Json json = {{"a", pair.a}, {"b", pair.b}, {"cosine", pair.cosine}};
    if (!c.terms_a.empty()) json["terms_a"] = terms_of(c.terms_a, pair.a);
    if (!c.terms_b.empty()) json["terms_b"] = terms_of(c.terms_b, pair.b);
    pairs.push_back(std::move(json));
  }
  const MatchedPair& worst = c.worst();
  return {{"a", c.a},
          {"b", c.b},
          {"components_a", c.components_a},
          {"components_b", c.components_b},
          {"pairs", pairs},
          {"mean_cosine", c.mean()},
          {"worst", {{"a", worst.a}, {"b", worst.b}, {"cosine", worst.cosine}}},
          {"unmatched_a", c.unmatched_a},
          {"unmatched_b", c.unmatched_b},
          {"notes", c.notes}};
}

void add_unmatched(std::string& text, const char* side, const std::vector<Index>& components,
                   const std::vector<std::string>& terms) {
  for (const Index component : components) {
    const std::string& of_it = terms_of(terms, component);
    text += fmt::format("unmatched: component {} of {}{}{}\n", component, side, of_it.empty() ? "" : ": ", of_it);
  }
}

}  // namespace

double Comparison::mean() const {
  double sum = 0;
  for (const MatchedPair& pair : pairs) sum += pair.cosine;
  return sum / static_cast<double>(pairs.size());
}

const MatchedPair& Comparison::worst() const {
  return *std::min_element(pairs.begin(), pairs.end(),
                           [](const MatchedPair& x, const MatchedPair& y) { return x.cosine < y.cosine; });
}

std::string comparison_text(const Comparison& c) {
  std::string text = fmt::format("A: {} ({})\nB: {} ({})\n\n", c.a, counted(c.components_a, "component"), c.b,
                                 counted(c.components_b, "component"));
  TextTable table(
      {{"A", true}, {"B", true}, {"cosine", true}, {"terms of A", false, 44}, {"terms of B", false, 44}});
  for (const MatchedPair& pair : c.pairs) {
    table.add({fmt::format("{}", pair.a), fmt::format("{}", pair.b), fmt::format("{:.4f}", pair.cosine),
               terms_of(c.terms_a, pair.a), terms_of(c.terms_b, pair.b)});
  }
  text += table.text(0) + "\n";
  add_unmatched(text, "A", c.unmatched_a, c.terms_a);
  add_unmatched(text, "B", c.unmatched_b, c.terms_b);
  text += fmt::format("mean cosine {:.4f}; worst match {} to {}, {:.4f}\n", c.mean(), c.worst().a, c.worst().b,
                      c.worst().cosine);
  for (const std::string& note : c.notes) text += "note: " + note + "\n";
  return text;
}

std::string comparisons_json(const std::vector<Comparison>& comparisons) {
  Json list = Json::array();
  for (const Comparison& c : comparisons) list.push_back(comparison_json(c));
  return list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mpinmf::report
