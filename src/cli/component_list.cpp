#include "component_list.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "mpinmf/error.hpp"
#include "sizes.hpp"

namespace mpinmf::cli {
namespace {

constexpr Index most_components = std::numeric_limits<std::int32_t>::max();

/// "a,b,,c" -> a, b, an empty text, c.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// What was typed, and what messages call it.
struct Typed {
  const std::string& text;
  const char *option, *what;
};

/// A whole number that 64 bits hold, or the one nearest to it. Throws UsageError.
Index parse_number(const std::string& number, const Typed& typed) {
  if (const auto value = whole_number_in(number)) return *value;
  throw UsageError(
      fmt::format("{} is a number, a list such as 5,10,20 or a range first:last:step such as 5:20:5, not '{}'",
                  typed.option, typed.text));
}

Index parse_k(const std::string& number, const Typed& typed) {
  const Index k = parse_number(number, typed);
  if (k >= 1 && k <= most_components) return k;
  throw UsageError(
      fmt::format("{} must be at least 1 and at most {}, not {}", typed.what, most_components, number));
}

void add_k(std::vector<Index>& all, Index k, const Typed& typed) {
  if (std::find(all.begin(), all.end(), k) != all.end()) {
    throw UsageError(fmt::format("{} {} names {} twice", typed.option, typed.text, k));
  }
  if (all.size() == most_component_counts) {
    throw UsageError(
        fmt::format("{} {} names more than {} numbers", typed.option, typed.text, most_component_counts));
  }
  all.push_back(k);
}

void add_range(std::vector<Index>& all, const std::vector<std::string>& parts, const Typed& typed) {
  if (parts.size() > 3)
    throw UsageError(fmt::format("{} {}: a range is first:last:step", typed.option, typed.text));
  const Index first = parse_k(parts[0], typed), last = parse_k(parts[1], typed);
  const Index step = parts.size() == 3 ? parse_number(parts[2], typed) : 1;
  if (step < 1)
    throw UsageError(
        fmt::format("{} {}: the step of a range must be at least 1, not {}", typed.option, typed.text, step));
  if (last < first)
    throw UsageError(
        fmt::format("{} {}: the range runs backwards from {} to {}", typed.option, typed.text, first, last));
  for (Index k = first;; k += step) {
    add_k(all, k, typed);
    if (last - k < step) return;
  }
}

std::vector<Index> parse(const Typed& typed) {
  const std::string& text = typed.text;
  std::vector<Index> all;
  for (const std::string& item : split(text, ',')) {
    const std::vector<std::string> parts = split(item, ':');
    if (parts.size() == 1) {
      add_k(all, parse_k(item, typed), typed);
    } else {
      add_range(all, parts, typed);
    }
  }
  return all;
}

}  // namespace

std::vector<Index> parse_components(const std::string& text) {
  return parse({text, "-k", "k"});
}

std::optional<Index> searched_components(const std::string& text) {
  constexpr std::string_view word = "auto";
  constexpr Index usual_most = 64;
  if (text == word) return usual_most;
  if (!text.starts_with(std::string(word) + ":")) return {};
  return parse_k(text.substr(word.size() + 1), {text, "-k", "k"});
}

std::vector<Index> parse_component_numbers(const std::string& text, const char* option) {
  return parse({text, option, option});
}

}  // namespace mpinmf::cli
