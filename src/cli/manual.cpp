#include "manual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>

#include "api/option_table.hpp"
#include "command.hpp"
#include "mpinmf/error.hpp"
#include "report/text_file.hpp"

namespace mpinmf::cli {
namespace {

/// What man's formatter would take for something else.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      case '`': out += "\\(ga"; break;
      default: out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
  std::vector<const CLI::Option*> found;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() == positional) found.push_back(option);
  }
  return found;
}

/// -k, --components, ...; of a positional argument its name.
std::vector<std::string> spellings(const CLI::Option& option) {
  std::vector<std::string> all;
  for (const std::string& name : option.get_snames()) all.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) all.push_back("--" + name);
  if (all.empty()) all.push_back(option.get_name());
  return all;
}

/// Of a value that is one of several: these.
std::vector<std::string> values_of(const CLI::Option& option) {
  for (const OptionRow& row : option_table()) {
    if (!option.get_lnames().empty() && option.get_lnames().front() == row.name) return row.access.names;
  }
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{'), end = type.find('}');
  std::vector<std::string> values;
  if (begin == std::string::npos || end == std::string::npos) return values;
  std::string rest = type.substr(begin + 1, end - begin - 1) + ",";
  for (std::size_t comma = rest.find(','); comma != std::string::npos; comma = rest.find(',')) {
    values.push_back(rest.substr(0, comma));
    rest.erase(0, comma + 1);
  }
  return values;
}

/// TEXT, INT or FLOAT; empty: it takes no value.
std::string type_of(const CLI::Option& option) {
  if (option.get_expected_max() == 0 || option.get_type_size_max() == 0) return "";
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

/// Empty where there is none, or what --help shows is what the bare option means.
std::string default_of(const CLI::Option& option) {
  return option.get_expected_min() == 0 ? "" : option.get_default_str();
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text.back() == '.' ? text : text + ".";
}

std::string man_entry(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : spellings(option)) {
    names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", roff(name));
  }
  if (!option.get_positional() && !type_of(option).empty()) names += fmt::format(" \\fI{}\\fR", type_of(option));
  std::string text = roff(option.get_description());
  if (!text.ends_with('.')) text += '.';
  if (!default_of(option).empty()) text += fmt::format(" Default: {}.", roff(default_of(option)));
  if (option.get_required()) text += " Required.";
  for (const CLI::Option* needed : option.get_needs()) text += fmt::format(" Needs {}.", roff(needed->get_name()));
  return fmt::format(".TP\n{}\n{}\n", names, text);
}

std::string man_entries(const std::string& title, const std::vector<const CLI::Option*>& options) {
  if (options.empty()) return "";
  std::string text = fmt::format(".SH {}\n", title);
  for (const CLI::Option* option : options) text += man_entry(*option);
  return text;
}

std::string man_head(const std::string& name, const std::string& what) {
  std::string upper = name;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return fmt::format(".TH {} 1 \"\" \"mpinmf {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", roff(upper),
                     MPINMF_VERSION, roff(name), roff(what));
}

std::string exit_status(const CLI::App& program) {
  return fmt::format(".SH EXIT STATUS\n{}\n", roff(program.get_footer()));
}

std::string words(const std::vector<std::string>& all) {
  return fmt::format("{}", fmt::join(all, " "));
}

std::vector<std::string> all_spellings(const CLI::App& app) {
  std::vector<std::string> all;
  for (const CLI::Option* option : options_of(app, false)) {
    const std::vector<std::string> own = spellings(*option);
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

/// The lines of the script's two cases that belong to one command: values of its options, and its options.
struct CompletionLines {
  std::string values, options;
};
CompletionLines completion_lines(const CLI::App& command) {
  CompletionLines lines;
  for (const CLI::Option* option : options_of(command, false)) {
    const std::vector<std::string> values = values_of(*option);
    if (values.empty() || type_of(*option).empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : spellings(*option)) {
      patterns.push_back(fmt::format("'{} {}'", command.get_name(), name));
    }
    lines.values += fmt::format("    {}) words='{}' ;;\n", fmt::join(patterns, " | "), words(values));
  }
  lines.options = fmt::format("    {}) words='{}' ;;\n", command.get_name(), words(all_spellings(command)));
  return lines;
}

std::string markdown(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

void write_manual(const CLI::App& program, const std::filesystem::path& folder) {
  const auto write = [&](const std::filesystem::path& file, const std::string& text) {
    std::error_code ignored;
    std::filesystem::create_directories((folder / file).parent_path(), ignored);
    report::write_text_file((folder / file).string(), text);
  };
  write("man1/mpinmf.1", man_page(program));
  for (const CLI::App* command : shown_commands(program)) {
    write(fmt::format("man1/mpinmf-{}.1", command->get_name()), man_page(program, *command));
    write(fmt::format("options/{}.md", command->get_name()), markdown_table(*command));
  }
  write("completions/mpinmf", bash_completion(program));
}

}  // namespace

std::vector<const CLI::App*> shown_commands(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::string man_page(const CLI::App& program) {
  std::string text = man_head("mpinmf", program.get_description());
  text +=
      ".SH SYNOPSIS\n.B mpinmf\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.br\n.B mpirun \\-n\n\\fIRANKS\\fR "
      "\\fBmpinmf\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH COMMANDS\n";
  std::string see_also;
  for (const CLI::App* command : shown_commands(program)) {
    const std::string page = "mpinmf-" + command->get_name();
    text += fmt::format(".TP\n\\fB{}\\fR(1)\n{}\n", roff(page), sentence(roff(command->get_description())));
    see_also += fmt::format("{}\\fB{}\\fR(1)", see_also.empty() ? "" : ", ", roff(page));
  }
  return text + man_entries("OPTIONS", options_of(program, false)) + exit_status(program) + ".SH SEE ALSO\n" +
         see_also + "\n";
}

std::string man_page(const CLI::App& program, const CLI::App& command) {
  std::string text = man_head("mpinmf-" + command.get_name(), command.get_description());
  text += fmt::format(".SH SYNOPSIS\n.B mpinmf {}\n[\\fIOPTIONS\\fR]", roff(command.get_name()));
  for (const CLI::Option* argument : options_of(command, true)) {
    const std::string name_of_it = fmt::format("\\fI{}\\fR", roff(argument->get_name()));
    text += argument->get_required() ? " " + name_of_it : " [" + name_of_it + "]";
  }
  text += "\n" + man_entries("ARGUMENTS", options_of(command, true)) +
          man_entries("OPTIONS", options_of(command, false));
  return text + exit_status(program) + ".SH SEE ALSO\n\\fBmpinmf\\fR(1)\n";
}

std::string bash_completion(const CLI::App& program) {
  std::string values, options;
  std::vector<std::string> names;
  for (const CLI::App* command : shown_commands(program)) {
    const CompletionLines lines = completion_lines(*command);
    values += lines.values;
    options += lines.options;
    names.push_back(command->get_name());
  }
  const std::string first = words(names) + " " + words(all_spellings(program));
  return fmt::format(R"(# bash completion of mpinmf
_mpinmf() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= word words=
  # --rule=mu is three words
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    if [[ $word != -* ]]; then
      command=$word
      break
    fi
  done
  COMPREPLY=()
  case "$command $before" in
{}  esac
  if [[ -z $command ]]; then
    words='{}'
  elif [[ -z $words && $current == -* ]]; then
    case $command in
{}    esac
  fi
  # without words: names of files
  [[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _mpinmf mpinmf
)",
                     values, first, options);
}

std::string markdown_table(const CLI::App& command) {
  std::string text = "| option | default | what it does |\n| --- | --- | --- |\n";
  for (const CLI::Option* option : options_of(command, false)) {
    std::string names;
    for (const std::string& name : spellings(*option))
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name);
    const std::string value = default_of(*option);
    text += fmt::format("| {} | {} | {} |\n", names, value.empty() ? "" : "`" + value + "`",
                        markdown(option->get_description()));
  }
  return text;
}

Command add_manual(CLI::App& program) {
  auto folder = std::make_shared<std::string>();
  CLI::App* app = program.add_subcommand("manual", "write man pages, completion for bash and tables of options");
  app->group("");  // for the build, not for users
  app->add_option("DIR", *folder, "the folder that they are written to")->required();
  return {app, [] {}, [&program, folder](const Comm&) { write_manual(program, *folder); }, false};
}

}  // namespace mpinmf::cli
