#include "usage.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <numeric>

#include "mpinmf/error.hpp"

namespace mpinmf::cli {
namespace {

/// Levenshtein's distance, one row of the table at a time.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string name_of_program(const CLI::App& program, const CLI::App* command) {
  return command == nullptr ? program.get_name() : program.get_name() + " " + command->get_name();
}

/// The nearest name, where it is so near that it may be meant.
std::string advice(const std::string& wrong, const std::vector<std::string>& known) {
  const std::string best = nearest(wrong, known);
  const bool near = best.rfind(wrong, 0) == 0 || 2 * edit_distance(wrong, best) <= wrong.size() + 1;
  return near ? "; the nearest is " + best : "";
}

void check_option(const CLI::App& program, const CLI::App* command, const std::string& argument) {
  const CLI::App& app = command == nullptr ? program : *command;
  const bool is_long = argument[1] == '-';
  // -k17 is -k with a value
  const std::string name = is_long ? argument.substr(0, argument.find('=')) : argument.substr(0, 2);
  if (app.get_option_no_throw(name) != nullptr) return;
  const std::string wrong = is_long ? name : "-" + argument;
  throw UsageError(fmt::format("{0} has no option {1}{2} (see {0} --help)", name_of_program(program, command),
                               is_long ? name : argument, advice(wrong, option_names(app))));
}

CLI::App* check_command(CLI::App& program, const std::string& argument) {
  std::vector<std::string> names;
  for (CLI::App* known : program.get_subcommands({})) {
    if (known->get_name() == argument) return known;
    names.push_back(known->get_name());
  }
  throw UsageError(fmt::format("{0} has no command {1}{2} (see {0} --help)", program.get_name(), argument,
                               advice(argument, names)));
}

}  // namespace

std::string nearest(const std::string& wrong, const std::vector<std::string>& known) {
  const auto distance = [&](const std::string& name) {
    // an abbreviation beats every typing error
    return name.rfind(wrong, 0) == 0 ? std::size_t{0} : edit_distance(wrong, name);
  };
  return *std::min_element(known.begin(), known.end(),
                           [&](const std::string& a, const std::string& b) { return distance(a) < distance(b); });
}

void check_spelling(CLI::App& program, std::span<char* const> arguments) {
  CLI::App* command = nullptr;
  for (const std::string argument : arguments) {
    if (argument == "--") return;
    const bool is_number = argument.size() > 1 && std::isdigit(static_cast<unsigned char>(argument[1])) != 0;
    if (argument.size() > 1 && argument[0] == '-' && argument[1] != '.' && !is_number) {
      check_option(program, command, argument);
    } else if (command == nullptr) {
      command = check_command(program, argument);
    }
  }
}

}  // namespace mpinmf::cli
