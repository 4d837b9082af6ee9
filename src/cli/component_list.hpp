// Several numbers of components, or several components, in one word.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::cli {

/// Every k of "20", "5,10,20", "5:20:5" (first:last:step, without a step 1; the last one counts where the steps
/// meet it) or a list of these, in the order given. Throws UsageError for what is none, k < 1, a k named twice, a
/// range that runs backwards or without end, and for more than `most_component_counts` of them.
std::vector<Index> parse_components(const std::string& text);

/// "auto" or "auto:50": k is searched for, up to that; 64 where nothing is said. Nothing for any other text.
/// Throws UsageError for a bound that is none.
std::optional<Index> searched_components(const std::string& text);

/// Components, from 1, in the same grammar: those of --fix-components, say.
std::vector<Index> parse_component_numbers(const std::string& text, const char* option);

inline constexpr std::size_t most_component_counts = 10000;

}  // namespace mpinmf::cli
