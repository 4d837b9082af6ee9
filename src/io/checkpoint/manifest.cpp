// manifest.json of a checkpoint, which ends with the checksum of itself.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/checksum.hpp"
#include "manifest.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io {
namespace {

using Json = nlohmann::ordered_json;

/// Of what stands in a manifest. Another one is refused.
constexpr int format_version = 2;

std::string checksum_of(const Json& json) {
  const std::string text = json.dump();
  return checksum_text(checksum(std::as_bytes(std::span(text))));
}

/// JSON has no NaN.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

std::uint64_t parse_checksum(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) throw BadData("a checksum is not a number");
  return value;
}

Json array_json(const Manifest::Array& array) {
  Json pieces = Json::array();
  for (const Manifest::Piece& piece : array.pieces) {
    pieces.push_back({piece.first, piece.count, checksum_text(piece.checksum)});
  }
  return {{"name", array.name},       {"rows", array.rows},
          {"columns", array.columns}, {"element_bytes", array.element_bytes},
          {"offset", array.offset},   {"pieces", pieces}};
}

Manifest::Array parse_array(const Json& json) {
  Manifest::Array array;
  array.name = json.at("name").get<std::string>();
  array.rows = json.at("rows").get<Index>();
  array.columns = json.at("columns").get<Index>();
  array.element_bytes = json.at("element_bytes").get<Index>();
  array.offset = json.at("offset").get<Index>();
  Index next = 0;
  for (const Json& piece : json.at("pieces")) {
    array.pieces.push_back(
        {piece.at(0).get<Index>(), piece.at(1).get<Index>(), parse_checksum(piece.at(2).get<std::string>())});
    if (array.pieces.back().first != next) throw BadData(array.name + " has a gap");
    next += array.pieces.back().count;
  }
  if (next != array.rows) throw BadData(array.name + " is not whole");
  return array;
}

}  // namespace

std::string difference_of(const Facts& there, const Facts& here) {
  const auto value_in = [](const Facts& facts, const std::string& name) {
    const auto found =
        std::find_if(facts.begin(), facts.end(), [&](const auto& fact) { return fact.first == name; });
    return found == facts.end() ? std::string("not said") : found->second;
  };
  for (const auto& [name, value] : here) {
    const std::string other = value_in(there, name);
    if (other != value) return fmt::format("{} is {} there but {} here", name, other, value);
  }
  return "";
}

std::string manifest_text(const Manifest& manifest) {
  Json fit = Json::object(), arrays = Json::array();
  for (const auto& [name, value] : manifest.fit) fit[name] = value;
  for (const Manifest::Array& array : manifest.arrays) arrays.push_back(array_json(array));
  const Json checkpoint = {{"format", format_version},
                           {"fit", fit},
                           {"iteration", manifest.iteration},
                           {"max_iterations", manifest.max_iterations},
                           {"loss", number(manifest.loss)},
                           {"loss_iteration", manifest.loss_iteration},
                           {"seconds", manifest.seconds},
                           {"written_at", manifest.written_at},
                           {"ranks", manifest.ranks},
                           {"host", manifest.host},
                           {"arrays", arrays}};
  return Json({{"checkpoint", checkpoint}, {"checksum", checksum_of(checkpoint)}}).dump(1) + "\n";
}

Manifest parse_manifest(const std::string& text, const std::string& path) {
  try {
    const Json whole = Json::parse(text), &json = whole.at("checkpoint");
    if (checksum_of(json) != whole.at("checksum").get<std::string>()) throw BadData("its checksum is wrong");
    if (json.at("format").get<int>() != format_version) {
      throw BadData("it was written by another version of mpinmf");
    }
    Manifest manifest;
    for (const auto& [name, value] : json.at("fit").items()) manifest.fit.emplace_back(name, value);
    manifest.iteration = json.at("iteration").get<Index>();
    manifest.max_iterations = json.at("max_iterations").get<Index>();
    manifest.loss = json.at("loss").is_null() ? Cost::unknown : json.at("loss").get<double>();
    manifest.loss_iteration = json.at("loss_iteration").get<Index>();
    manifest.seconds = json.at("seconds").get<double>();
    manifest.written_at = json.at("written_at").get<double>();
    manifest.ranks = json.at("ranks").get<int>();
    manifest.host = json.at("host").get<std::string>();
    for (const Json& array : json.at("arrays")) manifest.arrays.push_back(parse_array(array));
    return manifest;
  } catch (const nlohmann::json::exception&) {
    throw BadData(fmt::format("{}: is damaged: it is not the JSON that it was", path));
  } catch (const BadData& error) {
    throw BadData(fmt::format("{}: is damaged: {}", path, error.what()));
  }
}

}  // namespace mpinmf::io
