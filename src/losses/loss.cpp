// The table of losses: names, betas and who computes them.
#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "mpinmf/error.hpp"
#include "panel_loss.hpp"

namespace mpinmf {
namespace {

struct NamedLoss {
  std::string_view name;
  double beta;
  std::array<std::string_view, 2> aliases;  ///< understood, never shown
};
constexpr std::array<NamedLoss, 3> named_losses{{{"frobenius", 2, {"fro", "euclidean"}},
                                                 {"kullback-leibler", 1, {"kl", "i-divergence"}},
                                                 {"itakura-saito", 0, {"is", ""}}}};

/// As names of losses are compared: KL is kl, itakura_saito is itakura-saito.
std::string plain(std::string text) {
  for (char& c : text) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool is_name_of(const NamedLoss& loss, const std::string& text) {
  return text == loss.name || (!text.empty() && (text == loss.aliases[0] || text == loss.aliases[1]));
}

}  // namespace

Loss Loss::parse(const std::string& text) {
  for (const NamedLoss& known : named_losses) {
    if (is_name_of(known, plain(text))) return {known.beta};
  }
  double beta = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), beta);
  if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(beta)) return {beta};
  throw UsageError(fmt::format(
      "unknown loss '{}': it is frobenius (or fro, 2), kullback-leibler (KL, 1), itakura-saito (IS, 0) or a "
      "real number beta",
      text));
}

std::string Loss::name() const {
  for (const NamedLoss& known : named_losses) {
    if (beta == known.beta) return std::string(known.name);
  }
  return fmt::format("{}", beta);
}

StatisticsSet offered_by(const Loss& loss) {
  if (loss.beta == 2) return {Statistic::numerator, Statistic::gram};
  if (loss.beta == 1) return {Statistic::numerator, Statistic::column_sums};
  return {Statistic::numerator, Statistic::denominator};
}

template <class T>
std::unique_ptr<PanelLoss<T>> make_loss(const Loss& loss, StatisticsSet asked) {
  assert(offered_by(loss).includes(asked));
  if (loss.beta == 2) return make_frobenius<T>(asked);
  if (loss.beta == 1) return make_kullback_leibler<T>(asked);
  return make_beta_divergence<T>(asked, loss.beta);
}
template std::unique_ptr<PanelLoss<float>> make_loss(const Loss&, StatisticsSet);
template std::unique_ptr<PanelLoss<double>> make_loss(const Loss&, StatisticsSet);

}  // namespace mpinmf
