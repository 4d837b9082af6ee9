// Options that take a whole number, all of them as people write it: 200, or 1e6.
#pragma once

#include <CLI/CLI.hpp>

#include <limits>
#include <string>

#include "sizes.hpp"

namespace mpinmf::cli {

/// More of anything that is counted is a typing error.
inline constexpr Index most_counted = Index{1} << 31;

/// For an option whose value is cut to an Integer: spells 1e6 out as digits, and refuses what is not a whole
/// number or does not fit. Callers check ranges.
template <class Integer>
CLI::Validator whole_number() {
  return {[](std::string& text) {
            return spell_out(text, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max());
          },
          ""};
}

template <class Integer>
CLI::Option* add_whole_number(CLI::App& app, const std::string& names, Integer& value, const std::string& help) {
  return app.add_option(names, value, help)->transform(whole_number<Integer>());
}

}  // namespace mpinmf::cli
