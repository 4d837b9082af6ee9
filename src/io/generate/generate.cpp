#include "generate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "generators.hpp"
#include "io/format.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io {

template <class... Name>
struct GeneratorFiles {
  static std::vector<Generator> rows() { return {generator_row<Generator>(GeneratorFile<Name>())...}; }
};
// One line a generator.
using AllGenerators = GeneratorFiles<  //
    struct SwimmerGenerator,           //
    struct LowRankGenerator,           //
    struct SparseCountsGenerator       //
    >;

namespace {

constexpr std::string_view prefix = "generate:";

const std::vector<Generator>& table() {
  static const std::vector<Generator> all = AllGenerators::rows();
  return all;
}

std::string usage_lines() {
  std::string lines;
  for (const GeneratorInfo& info : generators()) {
    lines +=
        fmt::format("\n  generate:{}{}{}   {}", info.name, info.keys.empty() ? "" : ":", info.keys, info.help);
  }
  return lines;
}

/// The generator named in "generate:NAME" or "generate:NAME:...".
const Generator& find(const std::string& text) {
  if (!is_generator(text))
    throw UsageError(fmt::format("'{}' is not a generator; the known ones are:{}", text, usage_lines()));
  const std::string name = text.substr(prefix.size(), text.find(':', prefix.size()) - prefix.size());
  for (const Generator& generator : table()) {
    if (generator.info.name == name) return generator;
  }
  throw UsageError(fmt::format("{}: unknown generator '{}'; the known ones are:{}", text, name, usage_lines()));
}

/// The whole text must be one finite number; 1e6 is one.
bool parse_number(const std::string& text, double& number) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end && std::isfinite(number);
}

}  // namespace

std::vector<GeneratorInfo> generators() {
  std::vector<GeneratorInfo> infos;
  for (const Generator& generator : table()) infos.push_back(generator.info);
  return infos;
}

bool is_generator(const std::string& path) {
  return path.compare(0, prefix.size(), prefix) == 0;
}

Source open_generator(const std::string& text, bool transpose) {
  const Generator& generator = find(text);
  return generator.open(GeneratorSettings(text, generator.keys), transpose);
}

Matrix<double> planted_parts(const std::string& text) {
  if (!is_generator(text)) return {};
  const Generator& generator = find(text);
  const GeneratorSettings settings(text, generator.keys);
  return generator.parts ? generator.parts(settings) : Matrix<double>();
}

template <class Row>
Row format_row(FormatFile<struct GeneratedFormat>) {
  return {.name = "generate:NAME:key=value,...",
          .prefix = prefix,
          .open = [](const Location& at, const LoadOptions& options) {
            return open_generator(at.file, options.transpose);
          }};
}
template Format format_row(FormatFile<struct GeneratedFormat>);

MatrixHeader generated_header(const GeneratorSettings& settings, Index rows, Index columns, bool transpose) {
  if (rows > std::numeric_limits<Index>::max() / static_cast<Index>(sizeof(double)) / columns) {
    throw UsageError(
        fmt::format("{}: {} x {} entries cannot be counted in 64 bits", settings.text(), rows, columns));
  }
  MatrixHeader header;
  header.rows = transpose ? columns : rows;
  header.columns = transpose ? rows : columns;
  header.stored = rows * columns;
  return header;
}

GeneratorSettings::GeneratorSettings(const std::string& text, const std::vector<std::string>& known)
    : text_(text) {
  const std::size_t colon = text.find(':', prefix.size());
  std::size_t begin = colon == std::string::npos ? text.size() : colon + 1;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find_first_of(",:", begin), text.size());
    const std::string pair = text.substr(begin, end - begin);
    const std::size_t equals = pair.find('=');
    const std::string key = pair.substr(0, equals);
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw UsageError(known.empty() ? fmt::format("{}: unknown key '{}'; this generator has no keys", text, key)
                                     : fmt::format("{}: unknown key '{}'; the known ones are {}", text, key,
                                                   fmt::join(known, ", ")));
    }
    if (equals == std::string::npos) throw UsageError(fmt::format("{}: write {}=VALUE", text, key));
    if (!values_.emplace(key, pair.substr(equals + 1)).second) {
      throw UsageError(fmt::format("{}: {} is given twice", text, key));
    }
    begin = end + 1;
  }
}

const std::string& GeneratorSettings::value(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) throw UsageError(fmt::format("{}: {}=NUMBER is missing", text_, key));
  return found->second;
}

Index GeneratorSettings::count(const std::string& key, Index most) const {
  const std::string& text = value(key);
  double number = 0;
  // every whole number up to 2^48 is a double
  if (!parse_number(text, number) || number < 1 || number > static_cast<double>(most) ||
      number != std::floor(number)) {
    throw UsageError(fmt::format("{}: {}={} must be a whole number from 1 to {}", text_, key, text, most));
  }
  return static_cast<Index>(number);
}

Index GeneratorSettings::count_or(const std::string& key, Index otherwise) const {
  return has(key) ? count(key) : otherwise;
}

double GeneratorSettings::number_or(const std::string& key, double otherwise, double least, double most) const {
  if (!has(key)) return otherwise;
  double number = 0;
  if (!parse_number(value(key), number) || number < least || number > most) {
    throw UsageError(fmt::format("{}: {}={} must be a number from {} to {}", text_, key, value(key), least, most));
  }
  return number;
}

Seed GeneratorSettings::seed() const {
  if (!has("seed")) return Seed(0);
  try {
    return Seed::parse(value("seed"));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}: {}", text_, error.what()));
  }
}

}  // namespace mpinmf::io
