// Options that are a command's own, one row each; those of a model are in api/option_table.hpp.
#pragma once

#include <CLI/CLI.hpp>

#include <span>
#include <string>

namespace mpinmf::cli {

struct AskedFit;

/// What fit --resume makes of an option that has another value than in the run before.
struct OptionFate {
  bool is_refused = false;     ///< or else fine
  const char* fact = nullptr;  ///< what a checkpoint calls it; null: `why` says what knows, or why it is fine
  std::string (*value)(const AskedFit&) = nullptr;  ///< of that fact
  const char* why = "";
};
/// It decides the bits of the factors, or which pair the fit ends with.
constexpr OptionFate refused(const char* fact, std::string (*value)(const AskedFit&)) {
  return {true, fact, value, ""};
}
constexpr OptionFate refused_by(const char* what) {
  return {true, nullptr, nullptr, what};
}
constexpr OptionFate fine(const char* why) {
  return {false, nullptr, nullptr, why};
}

template <class Arguments>
struct CommandOption {
  const char* spellings;  ///< its long name first
  const char* help;
  CLI::Option* (*add)(CLI::App& app, const CommandOption& option, Arguments& arguments);
  OptionFate fate;
};

/// Bound to a member; --help shows the default, if there is one.
template <class Arguments, auto member>
CLI::Option* add_value(CLI::App& app, const CommandOption<Arguments>& option, Arguments& arguments) {
  return app.add_option(option.spellings, arguments.*member, option.help)->capture_default_str();
}
template <class Arguments, auto member>
CLI::Option* add_switch(CLI::App& app, const CommandOption<Arguments>& option, Arguments& arguments) {
  return app.add_flag(option.spellings, arguments.*member, option.help);
}

/// In their order.
template <class Arguments>
void add_options(CLI::App& app, std::span<const CommandOption<Arguments>> options, Arguments& arguments) {
  for (const CommandOption<Arguments>& option : options) option.add(app, option, arguments);
}

}  // namespace mpinmf::cli
