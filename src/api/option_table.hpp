// Every option of a fit, one row each. --help, checks, run.json, the identity of a checkpoint, the tables of the
// pages, man pages and the shell's completion read these rows: a new option is a member of Options and a row.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mpinmf/options.hpp"
#include "mpinmf/resolved_options.hpp"

namespace mpinmf {

/// As run.json holds it.
using OptionValue = std::variant<bool, Index, double, std::string>;
/// yes, 20, 0.5 or what the text is.
std::string text_of(const OptionValue& value);

enum class OptionKind {
  flag,          ///< there or not
  yes_or_no,     ///< yes or no
  whole_number,  ///< 200, or 1e6
  number,
  word,  ///< one of OptionAccess::names
  text,  ///< anything that `set` takes
};

/// How an option is read from text, and told.
struct OptionAccess {
  OptionKind kind = OptionKind::text;
  bool is_chosen = false;          ///< where it is not given, for each V
  Index least = 0, most = 0;       ///< that the type of a whole number holds
  std::vector<std::string> names;  ///< of its values, where they have names
  std::string default_text;        ///< empty: chosen, or no limit
  /// From what a user typed; "yes" sets a flag. Throws UsageError when there is no such value; ranges are
  /// `check`'s.
  void (*set)(Options& options, const std::string& text) = nullptr;
  OptionValue (*value)(const ResolvedOptions& options) = nullptr;
};

struct OptionRow {
  std::string name = {};   ///< --max-iterations on the command line, max_iterations in run.json
  std::string alias = {};  ///< scikit-learn's, where it has another; both may be used
  char letter = 0;         ///< -k
  std::string help = {};   ///< with its unit
  OptionAccess access = {};
  /// What a checkpoint calls it: it decides the bits of the factors, or which pair the fit ends with. Or else why
  /// a fit may go on with another value.
  std::string fact = {}, why_fine = {};
  /// An option without which this one makes no sense.
  std::string needs = {};
  /// A key of run.json itself; empty: it is in "options".
  std::string recorded_as = {};
  /// What the default of --help would say depends on other options, or on the machine.
  bool hides_default = false;
  /// Throws UsageError when the value is out of range. May be null.
  void (*check)(const Options& options) = nullptr;

  /// In run.json's "options": max_iterations.
  std::string key() const;
};

/// In the order of --help.
std::span<const OptionRow> option_table();
/// @pre there is such a row
const OptionRow& option_row(std::string_view name);

}  // namespace mpinmf
