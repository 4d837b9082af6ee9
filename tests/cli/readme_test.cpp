// README's commands work as they stand there, one after the other, in an empty folder.
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "catch.hpp"
#include "shell.hpp"

namespace {

/// The lines of all sh blocks, without those that configure, build or install (other tests do).
std::vector<std::string> commands_of(const std::string& readme) {
  std::vector<std::string> commands;
  std::istringstream lines(readme);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = line == "```sh";
    } else if (inside && line.rfind("mp", 0) == 0) {  // mpinmf and mpirun
      commands.push_back(line);
    }
  }
  return commands;
}

}  // namespace

TEST_CASE("Every mpinmf command of README runs", "[readme]") {
  const std::string source = std::getenv("MPINMF_SOURCE");
  const std::filesystem::path program = std::getenv("MPINMF_PROGRAM");
  const TemporaryFolder folder;
  const std::vector<std::string> commands = commands_of(read_text(source + "/README.md"));
  REQUIRE(commands.size() >= 8);
  for (const std::string& command : commands) {
    INFO(command);
    const Ran ran = run("PATH=" + program.parent_path().string() + ":$PATH; " + command, folder.path());
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
  }
}

TEST_CASE("README is complete, and the pictures that it shows are there", "[readme]") {
  const std::string source = std::getenv("MPINMF_SOURCE"), readme = read_text(source + "/README.md");
  CHECK(readme.find("@@") == std::string::npos);
  std::size_t pictures = 0;
  for (std::size_t at = readme.find("!["); at != std::string::npos; at = readme.find("![", at + 1)) {
    const std::size_t begin = readme.find("](", at) + 2;
    const std::string path = readme.substr(begin, readme.find(')', begin) - begin);
    INFO(path);
    CHECK(std::filesystem::is_regular_file(source + "/" + path));
    ++pictures;
  }
  CHECK(pictures >= 2);
}

TEST_CASE("README names every command, option group and exit code of the program", "[readme]") {
  const std::string readme = read_text(std::string(std::getenv("MPINMF_SOURCE")) + "/README.md");
  for (const char* word :
       {"`mpinmf fit", "`mpinmf transform", "`mpinmf evaluate", "`mpinmf generate", "`mpinmf info",
        "`mpinmf convert", "`mpinmf plot", "| 0 |", "| 2 |", "| 3 |", "| 4 |"}) {
    INFO(word);
    CHECK(readme.find(word) != std::string::npos);
  }
}
