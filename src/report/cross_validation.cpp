#include "cross_validation.hpp"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "mpinmf/error.hpp"

namespace mpinmf::report {
namespace {

using FieldsInOrder = nlohmann::ordered_json;

}  // namespace

std::string cross_validation_json(const CrossValidation& found) {
  FieldsInOrder json = {{"fit", FieldsInOrder::object()}, {"fits", FieldsInOrder::array()}};
  for (const auto& [name, value] : found.fit) json["fit"][name] = value;
  for (const HeldOutFit& fit : found.fits) {
    json["fits"].push_back({{"k", fit.components},
                            {"fold", fit.fold},
                            {"entries", fit.entries},
                            {"loss", std::isfinite(fit.loss) ? FieldsInOrder(fit.loss) : FieldsInOrder(nullptr)},
                            {"iterations", fit.iterations},
                            {"stop_reason", fit.stop_reason}});
  }
  return json.dump(2) + "\n";
}

CrossValidation parse_cross_validation(const std::string& text, const std::string& path) {
  try {
    const auto json = FieldsInOrder::parse(text);
    CrossValidation found;
    for (const auto& [name, value] : json.at("fit").items())
      found.fit.emplace_back(name, value.get<std::string>());
    for (const auto& fit : json.at("fits")) {
      found.fits.push_back({fit.at("k").get<Index>(), fit.at("fold").get<Index>(), fit.at("entries").get<Index>(),
                            fit.at("loss").is_null() ? Cost::unknown : fit.at("loss").get<double>(),
                            fit.at("iterations").get<Index>(), fit.at("stop_reason").get<std::string>()});
    }
    return found;
  } catch (const nlohmann::json::exception& error) {
    throw BadData(
        fmt::format("{} is not what a survey writes of held-out entries ({}): remove it", path, error.what()));
  }
}

HeldOutLoss held_out_loss(std::span<const HeldOutFit> fits, Index components) {
  double sum = 0, count = 0, squares = 0;
  for (const HeldOutFit& fit : fits) {
    if (fit.components != components) continue;
    sum += fit.loss;
    ++count;
  }
  if (count == 0) return {};
  const double mean = sum / count;
  for (const HeldOutFit& fit : fits) {
    if (fit.components == components) squares += (fit.loss - mean) * (fit.loss - mean);
  }
  return {mean, count > 1 ? std::sqrt(squares / (count - 1) / count) : Cost::unknown};
}

}  // namespace mpinmf::report
