// Man pages, completion for bash and tables of options, all made from the parser of the program.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace mpinmf::cli {

/// mpinmf(1).
std::string man_page(const CLI::App& program);
/// mpinmf-fit(1), say.
std::string man_page(const CLI::App& program, const CLI::App& command);

/// A script for bash: commands, their options, and the values of options that have names; else names of files.
std::string bash_completion(const CLI::App& program);

/// The options of a command as a table in Markdown.
std::string markdown_table(const CLI::App& command);

/// The commands that --help lists, in its order.
std::vector<const CLI::App*> shown_commands(const CLI::App& program);

}  // namespace mpinmf::cli
