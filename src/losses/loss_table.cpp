#include "loss_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "mpinmf/error.hpp"
#include "panel_loss.hpp"

namespace mpinmf {

template <class... Name>
struct LossFiles {
  template <class T>
  static auto rows() {
    return std::array{loss_row<T>(LossFile<Name>())...};
  }
};
// One line a loss.
using AllLosses = LossFiles<  //
    struct Frobenius,         //
    struct KullbackLeibler,   //
    struct ItakuraSaito,      //
    struct BetaDivergence,    //
    struct ObservedBeta>;

namespace {

template <class T>
const auto& loss_rows() {
  static const auto table = AllLosses::rows<T>();
  return table;
}

/// As names of losses are compared: KL is kl, itakura_saito is itakura-saito.
std::string plain(std::string text) {
  for (char& c : text) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

template <class T>
bool is_named(const LossRow<T>& row, const std::string& text) {
  return !text.empty() && (text == row.name || text == row.aliases[0] || text == row.aliases[1]);
}

template <class T>
const LossRow<T>& row_of(const Loss& loss) {
  const bool is_observed = loss.missing == Missing::zeros;
  for (const LossRow<T>& row : loss_rows<T>()) {
    if (row.is_observed != is_observed) continue;
    if (loss.other.empty() ? row.beta == loss.beta : row.name == loss.other) return row;
  }
  for (const LossRow<T>& row : loss_rows<T>()) {
    if (loss.other.empty() && row.is_any_beta && row.is_observed == is_observed) return row;
  }
  throw UsageError(fmt::format("unknown loss '{}'", loss.other));
}

}  // namespace

Loss Loss::parse(const std::string& text) {
  std::vector<std::string_view> spellings;
  for (const LossRow<double>& row : loss_rows<double>()) {
    if (is_named(row, plain(text))) return row.beta ? Loss{*row.beta} : Loss{.other = row.name};
    if (!row.is_any_beta) spellings.push_back(row.spellings);
  }
  double beta = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), beta);
  if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(beta)) return {beta};
  throw UsageError(
      fmt::format("unknown loss '{}': it is {} or a real number beta", text, fmt::join(spellings, ", ")));
}

std::string Loss::name() const {
  const LossRow<double>& row = row_of<double>({.beta = beta, .other = other});
  return row.is_any_beta ? fmt::format("{}", beta) : std::string(row.name);
}

LossFacts facts_of(const Loss& loss) {
  LossFacts facts = row_of<double>(loss).facts(loss);
  facts.is_filled = loss.missing == Missing::nan;
  return facts;
}

template <class T>
std::unique_ptr<PanelLoss<T>> make_loss(const Loss& loss, StatisticsSet asked) {
  assert(facts_of(loss).offers.includes(asked));
  return row_of<T>(loss).make(asked, loss);
}
template std::unique_ptr<PanelLoss<float>> make_loss(const Loss&, StatisticsSet);
template std::unique_ptr<PanelLoss<double>> make_loss(const Loss&, StatisticsSet);

}  // namespace mpinmf
