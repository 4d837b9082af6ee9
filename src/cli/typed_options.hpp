// The options of the table of options (api/option_table.hpp) as they were typed.
#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <string_view>

#include "api/option_table.hpp"

namespace mpinmf::cli {

/// "-k,--components,--n-components".
std::string spellings_of(const OptionRow& row);

/// Those that a command takes. Stays where it is between `add` and the parser's end.
class TypedOptions {
 public:
  /// Gives the command this option. `help`: where it means another thing there.
  CLI::Option* add(CLI::App& app, const OptionRow& row, std::string_view help = {});
  CLI::Option* add(CLI::App& app, std::string_view name, std::string_view help = {}) {
    return add(app, option_row(name), help);
  }

  bool has(std::string_view name) const;
  /// As typed; else the default.
  std::string text(std::string_view name) const;
  /// As if it had been typed.
  void set(std::string_view name, std::string text);
  void forget(std::string_view name);

  /// Those typed become values of `options`. Throws UsageError.
  void apply(Options& options) const;

 private:
  struct Typed {
    std::string text;
    bool is_typed = false;
  };
  std::map<std::string, Typed, std::less<>> options_;
};

}  // namespace mpinmf::cli
