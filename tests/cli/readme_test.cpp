// README's commands work as they stand there, one after the other, in an empty folder, and print what it quotes.
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "cli_support.hpp"

namespace {

using Lines = std::vector<std::string>;

std::string source() {
  return std::getenv("MPINMF_SOURCE");
}
std::string readme() {
  return read_text(source() + "/README.md");
}

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// A block of a page: what follows its ```, the section that it stands in, and its lines.
struct Block {
  std::string kind, section;
  Lines lines;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> blocks;
  std::string section;
  bool inside = false;
  for (const std::string& line : lines_of(page)) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), section, {}});
    } else if (inside) {
      blocks.back().lines.push_back(line);
    } else if (line.rfind("## ", 0) == 0) {
      section = line.substr(3);
    }
  }
  return blocks;
}

/// A command of a page, and what is quoted of its output: nothing, or lines of which "..." stand for any others.
struct Command {
  std::string text;
  Lines output;
};

/// The lines of sh blocks that start mpinmf (other tests configure, build and install), Python's blocks for who
/// comes from scikit-learn, and the commands behind a "$ ".
std::vector<Command> commands_of(const std::string& page) {
  std::vector<Command> commands;
  for (const Block& block : blocks_of(page)) {
    if (block.kind == "python" && block.section == "From scikit-learn") {
      std::string script;
      for (const std::string& line : block.lines) script += line + "\n";
      commands.push_back({script, {}});
    }
    for (const std::string& line : block.lines) {
      if (block.kind == "sh" && line.rfind("mp", 0) == 0) commands.push_back({line, {}});  // mpinmf and mpirun
      if (line.rfind("$ ", 0) == 0) {
        commands.push_back({line.substr(2), {}});
      } else if (block.lines.front().rfind("$ ", 0) == 0) {
        commands.back().output.push_back(line);
      }
    }
  }
  return commands;
}

/// Whether the text is the quoted one, whose "..." stand for anything.
bool is_like(const std::string& text, const std::string& quoted) {
  const std::string any = "...";
  std::size_t at = 0, begin = 0;
  for (bool first = true;; first = false) {
    const std::size_t end = std::min(quoted.find(any, begin), quoted.size());
    const std::string part = quoted.substr(begin, end - begin);
    const bool last = end == quoted.size();
    std::size_t found = first ? 0 : text.find(part, at);
    if (last && !first) found = text.size() < at + part.size() ? std::string::npos : text.size() - part.size();
    if (found == std::string::npos || text.compare(found, part.size(), part) != 0) return false;
    at = found + part.size();
    if (last) return at == text.size();
    begin = end + any.size();
  }
}

/// The first quoted line that the output has not, in their order; empty: it is as quoted.
std::string what_differs(const Lines& output, const Lines& quoted) {
  std::size_t at = 0;
  bool skips = false;
  for (const std::string& line : quoted) {
    if (line == "...") {
      skips = true;
      continue;
    }
    while (skips && at < output.size() && !is_like(output[at], line)) ++at;
    if (at == output.size() || !is_like(output[at], line)) return "quoted: " + line;
    skips = false;
    ++at;
  }
  return skips || at == output.size() ? "" : "not quoted: " + output[at];
}

/// The command line; ":" where no Python has what a block of it needs.
std::string line_of(const Command& command, const TemporaryFolder& scripts) {
  if (command.text.find('\n') == std::string::npos) return command.text;
  const std::string module = contains(command.text, "sklearn") ? "sklearn" : "numpy", python = python_with(module);
  if (python.empty()) {
    WARN("skipped: no Python here has " << module << " for\n" << command.text);
    return ":";
  }
  write_text(scripts / "script.py", command.text);
  return python + " " + (scripts / "script.py");
}

}  // namespace

TEST_CASE("Every mpinmf command of README runs and prints what is quoted", "[readme]") {
  const std::filesystem::path program = std::getenv("MPINMF_PROGRAM");
  const TemporaryFolder folder, scripts;
  const std::vector<Command> commands = commands_of(readme());
  std::size_t quoted = 0;
  REQUIRE(commands.size() >= 8);
  for (const Command& command : commands) {
    const std::string line = line_of(command, scripts);
    INFO(command.text);
    // the PATH of build/env.sh, and a Python that may be elsewhere; the processors of the tests vary, threads do
    // not
    const Ran ran = run("export PATH=" + program.parent_path().string() + ":$PATH; " + line, folder.path());
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    if (command.output.empty()) continue;
    CHECK(what_differs(lines_of(ran.out), command.output) == "");
    ++quoted;
  }
  CHECK(quoted >= 2);
}

TEST_CASE("every output that README shows is one that is compared", "[readme]") {
  for (const Block& block : blocks_of(readme())) {
    if (block.kind != "" || block.lines.empty()) continue;
    for (const std::string& line : block.lines) {
      INFO(line);
      // tables of reports, and answers of info
      const bool is_output = line.rfind("memory a ", 0) == 0 || line.rfind("  sweep  ", 0) == 0 ||
                             line.rfind("loss (", 0) == 0 || line.rfind("results: ", 0) == 0;
      if (is_output) CHECK(block.lines.front().rfind("$ ", 0) == 0);
    }
  }
}

TEST_CASE("quoted lines are found in what was printed, in order, and nothing else is there", "[readme]") {
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

TEST_CASE("README is complete, and the pictures that it shows are there", "[readme]") {
  const std::string page = readme();
  CHECK(page.find("@@") == std::string::npos);
  std::size_t pictures = 0;
  for (std::size_t at = page.find("!["); at != std::string::npos; at = page.find("![", at + 1)) {
    const std::size_t begin = page.find("](", at) + 2;
    const std::string path = page.substr(begin, page.find(')', begin) - begin);
    INFO(path);
    CHECK(std::filesystem::is_regular_file(source() + "/" + path));
    ++pictures;
  }
  CHECK(pictures >= 2);
}

TEST_CASE("README names every command, option group and exit code of the program", "[readme]") {
  const std::string page = readme();
  for (const char* word :
       {"`mpinmf fit", "`mpinmf transform", "`mpinmf evaluate", "`mpinmf generate", "`mpinmf info",
        "`mpinmf convert", "`mpinmf plot", "| 0 |", "| 2 |", "| 3 |", "| 4 |"}) {
    INFO(word);
    CHECK(page.find(word) != std::string::npos);
  }
}

TEST_CASE("A square matrix by columns is saved by README's lines as it is, not as its transpose", "[readme]") {
  const std::string python = python_with("scipy.sparse");
  if (python.empty()) {
    skip("no scipy for python3");
    return;
  }
  TemporaryFolder folder;
  std::string script = "import scipy.sparse\nV = scipy.sparse.csc_matrix([[1, 2, 0], [0, 0, 3], [0, 4, 0]])\n";
  bool is_there = false;
  for (const Block& block : blocks_of(readme())) {
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
