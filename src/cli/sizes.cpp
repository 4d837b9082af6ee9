#include "sizes.hpp"

#include <fmt/core.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "mpinmf/error.hpp"

namespace mpinmf::cli {
namespace {

constexpr Index greatest_count = Index{1} << 62;

/// The number at the start of a text, and what follows it.
struct Number {
  double value;
  std::string rest;
};

std::optional<Number> number_at_start(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  return Number{value, std::string(rest, end)};
}

}  // namespace

std::optional<Index> whole_number_in(const std::string& text) {
  constexpr Index least = std::numeric_limits<Index>::min(), most = std::numeric_limits<Index>::max();
  Index exact = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, exact);
  if (error == std::errc() && rest == end) return exact;
  const auto number = number_at_start(text);
  if (!number || !number->rest.empty() || number->value != std::floor(number->value)) return std::nullopt;
  if (std::abs(number->value) >= static_cast<double>(most)) return number->value < 0 ? least : most;
  return static_cast<Index>(number->value);
}

std::string spell_out(std::string& text, Index least, Index most) {
  const auto number = whole_number_in(text);
  if (!number) return fmt::format("must be a whole number such as 20 or 1e6, not '{}'", text);
  if (*number < least || *number > most) return fmt::format("must be at most {}, not {}", most, text);
  text = fmt::format("{}", *number);
  return "";
}

Index parse_count(const std::string& option, const std::string& text, Index least) {
  const auto count = whole_number_in(text);
  if (count && *count >= least && *count <= greatest_count) return *count;
  throw UsageError(fmt::format("{} must be a whole number from {} to {}, such as 12e6, not '{}'", option, least,
                               greatest_count, text));
}

std::pair<Index, Index> parse_shape(const std::string& option, const std::string& text,
                                    const std::string& example) {
  const auto cross = text.find_first_of("xX");
  const auto rows = whole_number_in(text.substr(0, cross));
  const auto columns = cross == std::string::npos ? std::nullopt : whole_number_in(text.substr(cross + 1));
  if (!rows || !columns || *rows < 1 || *columns < 1) {
    throw UsageError(fmt::format("{} is rows x columns, two whole numbers of at least 1 such as {}, not '{}'",
                                 option, example, text));
  }
  if (*rows > std::numeric_limits<Index>::max() / static_cast<Index>(sizeof(double)) / *columns) {
    throw UsageError(
        fmt::format("{} {}: {} x {} entries cannot be counted in 64 bits", option, text, *rows, *columns));
  }
  return {*rows, *columns};
}

double parse_bytes(const std::string& option, const std::string& text) {
  constexpr const char* units = "KMGTP";
  const auto number = number_at_start(text);
  std::string unit = number ? number->rest : "?";
  for (char& c : unit) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  double scale = 1;
  if (!unit.empty() && std::string(units).find(unit[0]) != std::string::npos) {
    scale = std::pow(1024.0, 1 + static_cast<double>(std::string(units).find(unit[0])));
    unit.erase(0, 1);
    if (unit == "IB") unit.erase(0, 1);
  }
  if (unit == "B") unit.clear();
  if (number && unit.empty() && number->value > 0) return number->value * scale;
  throw UsageError(fmt::format(
      "{} must be a number of bytes above 0 such as 256G, 256GiB or 512000M (powers of 1024), not '{}'", option,
      text));
}

}  // namespace mpinmf::cli
