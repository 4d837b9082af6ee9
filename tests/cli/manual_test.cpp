// What is made from the table of options and the parser of the program: help, man pages, completion, tables in
// pages, and run.json's options.
#include <cstdlib>

#include "api/option_table.hpp"
#include "cli_support.hpp"

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> commands = {"fit",       "transform", "evaluate", "generate",  "info",    "convert",
                                           "plot",      "spectrum",  "survey",   "report",    "scaling", "status",
                                           "vectorize", "topics",    "compare",  "components"};

std::string manual() {
  return std::string(std::getenv("MPINMF_BUILD")) + "/manual";
}

/// The spellings of the options in the help of a command, or of the program.
std::vector<std::string> spellings_in_help(const std::string& command) {
  std::vector<std::string> found;
  std::istringstream help(run(mpinmf_command(1, command + " --help"), "/").out);
  for (std::string line; std::getline(help, line);) {
    std::string names;
    if (line.rfind("  -", 0) != 0 || !(std::istringstream(line) >> names)) continue;
    std::istringstream in(names);
    for (std::string name; std::getline(in, name, ',');) found.push_back(name);
  }
  return found;
}

std::string with_plain_hyphens(std::string text) {
  for (std::size_t at = text.find("\\-"); at != std::string::npos; at = text.find("\\-", at)) text.erase(at, 1);
  return text;
}

using Words = std::vector<std::string>;

/// What the shell offers for each of some lines of words, the last of which is being typed. One shell for all.
std::vector<Words> completions(const TemporaryFolder& folder, const std::vector<std::string>& lines) {
  const std::string script = folder / "complete.sh";
  {
    std::ofstream out(script);
    out << "source '" << manual() << "/completions/mpinmf'\n";
    for (const std::string& words : lines)
      out << "COMP_WORDS=(" << words << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\nCOMPREPLY=()\n_mpinmf\n"
          << "printf '%s\\n' \"${COMPREPLY[@]}\" 'end of line'\n";
  }
  const Ran ran = run("bash " + script, folder.path());
  INFO(ran.err);
  CHECK(ran.err.empty());
  std::vector<Words> offered(1);
  std::istringstream in(ran.out);
  for (std::string line; std::getline(in, line);) {
    if (line == "end of line") {
      offered.emplace_back();
    } else if (!line.empty()) {
      offered.back().push_back(line);
    }
  }
  offered.pop_back();
  REQUIRE(offered.size() == lines.size());
  return offered;
}

Words completions(const TemporaryFolder& folder, const std::string& words) {
  return completions(folder, std::vector{words}).front();
}

}  // namespace

TEST_CASE("every option of the table is in the help of fit and in run.json", "[manual]") {
  TemporaryFolder folder;
  const std::string help = run(mpinmf_command(1, "fit --help"), "/").out;
  const Ran fit =
      run(mpinmf_command(1, "fit generate:swimmer -k 3 --max-iterations 2 --output out"), folder.path());
  REQUIRE(fit.code == 0);
  const auto record = read_json(folder.path() / "out/run.json");
  for (const mpinmf::OptionRow& row : mpinmf::option_table()) {
    INFO(row.name);
    CHECK(contains(help, "--" + row.name));
    if (!row.alias.empty()) CHECK(contains(help, ",--" + row.alias));
    CHECK(contains(help, row.help));
    CHECK((row.recorded_as.empty() ? record["options"].contains(row.key()) : record.contains(row.recorded_as)));
  }
  CHECK(record["options"]["revive"] == true);
  CHECK(record["options"]["max_iterations"] == 2);
  CHECK(record["options"]["max_seconds"].is_null());
}

TEST_CASE("every command has a man page, and every option its entry", "[manual]") {
  const std::string main = with_plain_hyphens(read_text(manual() + "/man1/mpinmf.1"));
  for (const std::string& command : commands) {
    CHECK(contains(main, "\\fBmpinmf-" + command + "\\fR(1)"));
    const std::string page = with_plain_hyphens(read_text(manual() + "/man1/mpinmf-" + command + ".1"));
    CHECK(contains(page, ".SH NAME\nmpinmf-" + command + " - "));
    CHECK(contains(page, ".SH SYNOPSIS\n.B mpinmf " + command + "\n"));
    CHECK(contains(page, "75 stopped in good order"));
    const std::vector<std::string> spellings = spellings_in_help(command);
    CHECK(spellings.size() >= 2);
    for (const std::string& name : spellings) {
      INFO(command << ' ' << name);
      CHECK(contains(page, "\\fB" + name + "\\fR"));
    }
  }
  for (const std::string& name : spellings_in_help("")) CHECK(contains(main, "\\fB" + name + "\\fR"));
  std::size_t pages = 0;
  for (const auto& page : fs::directory_iterator(manual() + "/man1")) {
    pages += page.path().extension() == ".1" ? 1 : 0;
  }
  CHECK(pages == commands.size() + 1);
}

TEST_CASE("man pages are formatted without a warning", "[manual]") {
  if (run("command -v groff", "/").code != 0) return skip("groff is not there to format man pages");
  for (const auto& page : fs::directory_iterator(manual() + "/man1")) {
    const Ran ran = run("groff -man -Tutf8 -ww -z '" + page.path().string() + "'", "/");
    INFO(page.path().string() << "\n" << ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
  }
  const std::string shown = run("groff -man -Tascii -P-cbou '" + manual() + "/man1/mpinmf-fit.1'", "/").out;
  CHECK(contains(shown, "--max-iterations, --max-iter INT"));
  CHECK(contains(shown, "||W||^2"));
}

TEST_CASE("bash completes commands, options, and values that have names", "[manual]") {
  TemporaryFolder folder;
  CHECK(completions(folder, "mpinmf f") == Words{"fit"});
  CHECK(completions(folder, "mpinmf fit --ru") == Words{"--rule"});
  CHECK(completions(folder, "mpinmf fit V.npy -k 3 --max-it") == Words{"--max-iterations", "--max-iter"});
  const Words rules = completions(folder, "mpinmf fit V.npy --rule ''");
  CHECK(rules == mpinmf::option_row("rule").access.names);
  CHECK(completions(folder, "mpinmf fit V.npy --rule = ah") == Words{"ahals"});
  CHECK(completions(folder, "mpinmf fit V.npy --solver = ''") == rules);
  CHECK(completions(folder, "mpinmf info V.npy --precision f") == Words{"float"});
  CHECK(completions(folder, "mpinmf fit V.npy --output o").empty());  // names of files
  CHECK(completions(folder, "mpinmf fit V").empty());
  CHECK(completions(folder, "mpinmf nothing --x").empty());
  Words all = completions(folder, "mpinmf ''");
  for (const std::string& command : commands) {
    CHECK(std::count(all.begin(), all.end(), command) == 1);
    const Words spellings = spellings_in_help(command);
    std::vector<std::string> lines;
    for (const std::string& name : spellings) lines.push_back("mpinmf " + command + " " + name);
    const std::vector<Words> offered = completions(folder, lines);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      INFO(lines[i]);
      CHECK(std::count(offered[i].begin(), offered[i].end(), spellings[i]) == 1);
    }
  }
}

TEST_CASE("the pages' tables of options are those of the program", "[manual]") {
  const std::string source = std::getenv("MPINMF_SOURCE"), begin = "<!-- options of ",
                    end = "<!-- end of options -->\n";
  std::set<std::string> shown;
  for (const auto& file : fs::recursive_directory_iterator(source + "/src")) {
    if (file.path().extension() != ".md") continue;
    const std::string page = read_text(file.path());
    for (std::size_t at = page.find(begin); at != std::string::npos; at = page.find(begin, at + 1)) {
      const std::size_t name = at + begin.size(), line = page.find('\n', at);
      const std::string command = page.substr(name, page.find(' ', name) - name);
      const std::size_t last = page.find(end, line);
      INFO(file.path().string() << ": " << command << "; the new table is in " << manual() << "/options");
      REQUIRE(last != std::string::npos);
      CHECK(page.substr(line + 1, last - line - 1) == read_text(manual() + "/options/" + command + ".md"));
      shown.insert(command);
    }
  }
  CHECK(shown.count("fit") == 1);
}
