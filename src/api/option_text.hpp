// How the types of options are read from text and told.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "mpinmf/error.hpp"
#include "option_table.hpp"

namespace mpinmf {

/// The kind of option, and the two directions, for a type of value.
template <class V>
struct OptionText;

template <class Integer>
requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) struct OptionText<Integer> {
  static constexpr OptionKind kind = OptionKind::whole_number;
  static Integer parse(const std::string& text) {
    Integer value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && rest == end) return value;
    throw UsageError(fmt::format("'{}' is not a whole number from {} to {}", text,
                                 std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()));
  }
  static OptionValue tell(Integer value) { return Index{value}; }
};

template <>
struct OptionText<double> {
  static constexpr OptionKind kind = OptionKind::number;
  static double parse(const std::string& text) {
    char* rest = nullptr;
    const double value = std::strtod(text.c_str(), &rest);
    if (!text.empty() && rest == text.c_str() + text.size()) return value;
    throw UsageError(fmt::format("'{}' is not a number", text));
  }
  static OptionValue tell(double value) { return value; }
};

template <>
struct OptionText<bool> {
  static constexpr OptionKind kind = OptionKind::yes_or_no;
  static bool parse(const std::string& text) {
    if (text == "yes" || text == "no") return text == "yes";
    throw UsageError(fmt::format("'{}' is neither yes nor no", text));
  }
  static OptionValue tell(bool value) { return value; }
};

/// Types with a parse of their own and a function that names their values.
template <class V, V (*parse_text)(const std::string&), std::string (*name)(V), OptionKind own_kind>
struct NamedOptionText {
  static constexpr OptionKind kind = own_kind;
  static V parse(const std::string& text) { return parse_text(text); }
  static OptionValue tell(V value) { return name(value); }
};
template <>
struct OptionText<Order> : NamedOptionText<Order, parse_order, name_of, OptionKind::word> {};
template <>
struct OptionText<Factor> : NamedOptionText<Factor, parse_factor, name_of, OptionKind::word> {};
template <>
struct OptionText<SumToOne> : NamedOptionText<SumToOne, parse_sum_to_one, name_of, OptionKind::word> {};
template <>
struct OptionText<Stop> : NamedOptionText<Stop, parse_stop, name_of, OptionKind::text> {};
template <>
struct OptionText<Norm> : NamedOptionText<Norm, parse_norm, name_of, OptionKind::text> {};
template <>
struct OptionText<Start> {
  static constexpr OptionKind kind = OptionKind::word;
  static Start parse(const std::string& text) { return parse_start(text); }
  static OptionValue tell(const Start& start) { return name_of(start); }
};
template <>
struct OptionText<Loss> {
  static constexpr OptionKind kind = OptionKind::text;
  static Loss parse(const std::string& text) { return Loss::parse(text); }
  static OptionValue tell(const Loss& loss) { return loss.name(); }
};
template <>
struct OptionText<Seed> {
  static constexpr OptionKind kind = OptionKind::text;
  static Seed parse(const std::string& text) { return Seed::parse(text); }
  static OptionValue tell(const Seed& seed) { return seed.text(); }
};
/// This rank's number.
template <>
struct OptionText<ThreadPlan> {
  static OptionValue tell(const ThreadPlan& plan) { return Index{plan.threads}; }
};

/// What is left open where it is not given.
template <class V>
struct OptionText<std::optional<V>> : OptionText<V> {};

template <class V>
constexpr bool is_optional = false;
template <class V>
constexpr bool is_optional<std::optional<V>> = true;

/// Of a member of Options, and the one of ResolvedOptions that holds what was chosen.
template <auto given, auto chosen = given>
OptionAccess access_to(std::vector<std::string> names = {}) {
  using V = std::remove_cvref_t<decltype(std::declval<Options&>().*given)>;
  using Chosen = std::remove_cvref_t<decltype(std::declval<ResolvedOptions&>().*chosen)>;
  OptionAccess access;
  access.kind = OptionText<V>::kind;
  access.is_chosen = is_optional<V>;
  access.names = std::move(names);
  if constexpr (OptionText<V>::kind == OptionKind::whole_number) {
    access.least = std::numeric_limits<V>::min();
    access.most = std::numeric_limits<V>::max();
  }
  if constexpr (!is_optional<V>) access.default_text = text_of(OptionText<V>::tell(Options().*given));
  if constexpr (std::is_floating_point_v<V>) {
    if (std::isinf(Options().*given)) access.default_text.clear();
  }
  access.set = [](Options& options, const std::string& text) { options.*given = OptionText<V>::parse(text); };
  access.value = [](const ResolvedOptions& options) { return OptionText<Chosen>::tell(options.*chosen); };
  return access;
}

/// Of a bool that is set by the option's name alone.
template <auto member>
OptionAccess flag_at() {
  OptionAccess of_flag = access_to<member>();
  of_flag.kind = OptionKind::flag;
  return of_flag;
}

}  // namespace mpinmf
