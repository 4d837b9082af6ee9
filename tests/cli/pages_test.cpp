// The commands of the pages work as they stand there, one after the other, each page's in an empty folder, and
// print what is quoted.
#include "page_support.hpp"

namespace {

using pages::Block, pages::Command, pages::Lines, pages::run_line, pages::what_differs;

/// The command line; ":" where no Python has what a block of it needs.
std::string line_of(const Command& command, const TemporaryFolder& scripts) {
  if (command.text.find('\n') == std::string::npos) return command.text;
  const std::string module = contains(command.text, "sklearn") ? "sklearn" : "numpy", python = python_with(module);
  if (python.empty()) {
    skip("no Python has " + module);
    return ":";
  }
  write_text(scripts / "script.py", command.text);
  return python + " " + (scripts / "script.py");
}

/// The matrices that the first page begins with.
void make_matrices(const TemporaryFolder& folder) {
  std::size_t made = 0;
  for (const Command& command : pages::commands_of("README.md")) {
    if (command.text.rfind("mpinmf generate ", 0) != 0) continue;
    REQUIRE(run_line(command.text, folder).code == 0);
    ++made;
  }
  REQUIRE(made == 2);
}

/// Runs the commands of a page; returns of how many the output is quoted.
std::size_t run_page(const std::filesystem::path& page) {
  const TemporaryFolder folder, scripts;
  if (page != "README.md") make_matrices(folder);
  std::size_t quoted = 0;
  for (const Command& command : pages::commands_of(page)) {
    INFO(page << ": " << command.text);
    const Ran ran = run_line(line_of(command, scripts), folder);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    if (command.output.empty()) continue;
    CHECK(what_differs(pages::lines_of(ran.out), command.output) == "");
    ++quoted;
  }
  return quoted;
}

/// What a line that is only shown asks of the program: "fit V.npy -k 20"; empty: nothing.
std::string asked_in(const std::string& line, const Lines& commands) {
  const std::vector<std::pair<std::string, std::string>> scripts = {
      {"jobs/fit.sbatch ", "fit "}, {"jobs/restarts.sbatch ", "fit "}, {"jobs/scaling.sbatch ", "scaling "}};
  std::string asked;
  for (const auto& [script, command] : scripts) {
    const std::size_t at = line.find(script);
    if (at != std::string::npos) asked = command + line.substr(at + script.size());
  }
  for (const std::string& command : commands) {
    const std::size_t at = line.find("mpinmf " + command + " ");
    if (at != std::string::npos) asked = line.substr(at + std::string("mpinmf ").size());
  }
  return asked.substr(0, asked.find_first_of("#)&|"));
}

}  // namespace

TEST_CASE("every mpinmf command of the pages runs and prints what is quoted", "[pages]") {
  CHECK(pages::commands_of("README.md").size() >= 8);
  std::size_t quoted = 0;
  for (const auto& page : pages::all()) quoted += run_page(page);
  CHECK(quoted >= 2);
}

TEST_CASE("every command that --help lists runs in a page, and stands in the table of commands", "[pages]") {
  const Lines listed = pages::listed_commands();
  CHECK(listed.size() >= 11);
  Lines run_in_pages;
  for (const auto& page : pages::all()) {
    for (const Command& command : pages::commands_of(page)) run_in_pages.push_back(command.text);
  }
  const std::string table = pages::text_of("src/cli/README.md");
  for (const std::string& name : listed) {
    INFO(name);
    CHECK(std::any_of(run_in_pages.begin(), run_in_pages.end(),
                      [&](const std::string& line) { return contains(line, "mpinmf " + name + " "); }));
    CHECK(contains(table, "| `mpinmf " + name + " "));
  }
  for (const char* code : {"| 0 |", "| 2 |", "| 3 |", "| 4 |", "| 75 |"}) {
    INFO(code);
    CHECK(contains(table, code));
  }
}

TEST_CASE("lines of pages that no test runs are spelt as the program has them", "[pages]") {
  const TemporaryFolder folder;
  const Lines commands = pages::listed_commands();
  std::size_t shown = 0;
  for (const auto& page : pages::all()) {
    for (const Block& block : pages::read(page).blocks) {
      if ((block.kind != "" && block.kind != "text") || block.lines.front().rfind("$ ", 0) == 0) continue;
      for (const std::string& line : block.lines) {
        const std::string asked = asked_in(line, commands);
        if (asked.empty()) continue;
        INFO(page << ": " << line);
        const std::size_t space = asked.find(' ');
        // with --help nothing is checked but the spelling
        const Ran ran = run_line("mpinmf " + asked.substr(0, space) + " --help " + asked.substr(space), folder);
        INFO(ran.err);
        CHECK(ran.code == 0);
        ++shown;
      }
    }
  }
  CHECK(shown >= 10);
}

TEST_CASE("options that pages name between words are options of the program", "[pages]") {
  // of mpirun, srun, sbatch, scancel and cmake
  const std::set<std::string> of_others = {
      "--allow-run-as-root", "--oversubscribe", "--bind-to", "--map-by", "--mpi",
      "--cpu-bind",          "--requeue",       "--signal",  "--batch",  "--install"};
  std::set<std::string> known = pages::options_in(run(mpinmf_command(1, "--help"), "/").out);
  for (const std::string& command : pages::listed_commands()) {
    known.merge(pages::options_in(run(mpinmf_command(1, command + " --help"), "/").out));
  }
  std::size_t named = 0;
  for (const auto& page : pages::all()) {
    if (page.string().rfind("tests/", 0) == 0) continue;  // options of ctest and mpinmf-bench
    for (const std::string& line : pages::read(page).prose) {
      if (contains(line, "mpinmf-bench --")) continue;
      for (const std::string& option : pages::options_in(line)) {
        INFO(page << ": " << line << ": " << option);
        CHECK((known.count(option) + of_others.count(option)) > 0);
        ++named;
      }
    }
  }
  CHECK(named >= 50);
}

TEST_CASE("lines that are marked as commands are those that tests run", "[pages]") {
  for (const auto& page : pages::all()) {
    for (const Block& block : pages::read(page).blocks) {
      for (const std::string& line : block.lines) {
        INFO(page << ": " << line);
        if (block.kind == "sh" && !line.empty()) {
          const bool is_run = line.rfind("mp", 0) == 0;  // here; the others by tests/quickstart
          const bool is_of_quickstart = line.rfind("bash jobs/quickstart.sh", 0) == 0 ||
                                        line.rfind("bash jobs/test.sh", 0) == 0 ||
                                        line.rfind(". build/env.sh", 0) == 0 || line.rfind("cmake ", 0) == 0;
          CHECK((is_run || is_of_quickstart));
        }
        // tables of reports, and answers of info
        const bool is_output = line.rfind("memory a ", 0) == 0 || line.rfind("  sweep  ", 0) == 0 ||
                               line.rfind("loss (", 0) == 0 || line.rfind("results: ", 0) == 0;
        if (block.kind == "" && is_output) CHECK(block.lines.front().rfind("$ ", 0) == 0);
      }
    }
  }
}

TEST_CASE("quoted lines are found in what was printed, in order, and nothing else is there", "[pages]") {
  const Lines printed = {"a", "b 12 s", "c", "d"};
  CHECK(what_differs(printed, {"a", "b ... s", "c", "d"}) == "");
  CHECK(what_differs(printed, {"...", "c", "..."}) == "");
  CHECK(what_differs(printed, {"a", "...", "d"}) == "");
  CHECK(what_differs(printed, {"...d"}) != "");
  CHECK(what_differs(printed, {"a", "c", "..."}) != "");
  CHECK(what_differs(printed, {"a", "...", "d", "e"}) != "");
  CHECK(what_differs(printed, {"a", "...", "c"}) != "");
  CHECK(what_differs(printed, {"...", "b ... min", "..."}) != "");
}

TEST_CASE("A square matrix by columns is saved by the page's lines as it is, not as its transpose", "[pages]") {
  const std::string python = python_with("scipy.sparse");
  if (python.empty()) {
    skip("no scipy for python3");
    return;
  }
  TemporaryFolder folder;
  std::string script = "import scipy.sparse\nV = scipy.sparse.csc_matrix([[1, 2, 0], [0, 0, 3], [0, 4, 0]])\n";
  bool is_there = false;
  for (const Block& block : pages::read("src/cli/README.md").blocks) {
    std::string text;
    for (const std::string& line : block.lines) text += line + "\n";
    if (block.kind != "python" || !contains(text, "indptr")) continue;
    is_there = true;
    script += text;
  }
  REQUIRE(is_there);
  write_text(folder / "save.py", script);
  REQUIRE(run(python + " save.py", folder.path()).code == 0);
  write_text(folder / "V.mtx",
             "%%MatrixMarket matrix coordinate real general\n3 3 4\n1 1 1\n1 2 2\n2 3 3\n3 2 4\n");
  const std::string fit = " -k 2 --rule mu --seed 1 --max-iterations 5 --tolerance 0 --quiet --output ";
  REQUIRE(run(mpinmf_command(1, "fit V.csr" + fit + "a"), folder.path()).code == 0);
  REQUIRE(run(mpinmf_command(1, "fit V.mtx" + fit + "b"), folder.path()).code == 0);
  CHECK(read_text(folder / "a/H.npy") == read_text(folder / "b/H.npy"));
}
