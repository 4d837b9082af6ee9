// Misspelt commands and options.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

namespace mpinmf::cli {

/// The known text with the fewest edits from `wrong`. @pre known is not empty
std::string nearest(const std::string& wrong, const std::vector<std::string>& known);

/// Throws UsageError for the first command or option that does not exist, naming the nearest one. Done before
/// CLI11 parses, which would take the value of an unknown option for an argument.
void check_spelling(CLI::App& program, std::span<char* const> arguments);

}  // namespace mpinmf::cli
