#include "typed_options.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "sizes.hpp"

namespace mpinmf::cli {
namespace {

/// What is wrong with the text of a number, or nothing.
std::string check_number(std::string& text) {
  char* rest = nullptr;
  std::strtod(text.c_str(), &rest);
  const bool is_number = !text.empty() && rest == text.c_str() + text.size();
  return is_number ? "" : fmt::format("must be a number such as 0.5 or 1e-4, not '{}'", text);
}

void describe(CLI::Option& option, const OptionAccess& access) {
  switch (access.kind) {
    case OptionKind::whole_number:
      option.type_name("INT")->transform(CLI::Validator(
          [least = access.least, most = access.most](std::string& text) { return spell_out(text, least, most); },
          ""));
      break;
    case OptionKind::number: option.type_name("FLOAT")->check(CLI::Validator(check_number, "")); break;
    case OptionKind::word:
    case OptionKind::yes_or_no: option.check(CLI::IsMember(access.names)); break;
    case OptionKind::flag:
    case OptionKind::text: break;
  }
}

}  // namespace

std::string spellings_of(const OptionRow& row) {
  std::string text = row.letter == 0 ? "" : fmt::format("-{},", row.letter);
  text += "--" + row.name;
  return row.alias.empty() ? text : text + ",--" + row.alias;
}

CLI::Option* TypedOptions::add(CLI::App& app, const OptionRow& row, std::string_view help) {
  Typed& typed = options_[row.name];
  const std::string shown = help.empty() ? row.help : std::string(help);
  if (row.access.kind == OptionKind::flag) {
    const auto set = [&typed](std::int64_t count) { typed = {count > 0 ? "yes" : "no", true}; };
    return app.add_flag_function(spellings_of(row), set, shown);
  }
  CLI::Option* const option = app.add_option(spellings_of(row), typed.text, shown);
  describe(*option, row.access);
  if (!row.needs.empty()) option->needs("--" + row.needs);
  option->each([&typed](const std::string&) { typed.is_typed = true; });
  const bool bare_is_yes = row.access.kind == OptionKind::yes_or_no && row.access.is_chosen;
  if (bare_is_yes) return option->expected(0, 1)->default_str("yes");
  return row.hides_default ? option : option->default_str(row.access.default_text);
}

bool TypedOptions::has(std::string_view name) const {
  const auto found = options_.find(name);
  return found != options_.end() && found->second.is_typed;
}

std::string TypedOptions::text(std::string_view name) const {
  return has(name) ? options_.find(name)->second.text : option_row(name).access.default_text;
}

void TypedOptions::set(std::string_view name, std::string text) {
  options_[std::string(name)] = {std::move(text), true};
}

void TypedOptions::forget(std::string_view name) {
  options_[std::string(name)] = {};
}

void TypedOptions::apply(Options& options) const {
  for (const OptionRow& row : option_table()) {
    if (has(row.name)) row.access.set(options, text(row.name));
  }
}

}  // namespace mpinmf::cli
