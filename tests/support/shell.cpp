#include "shell.hpp"

#include <stdlib.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "catch.hpp"

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set: run the tests through ctest");
  return value;
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace

Ran run(const std::string& command, const std::filesystem::path& folder, int seconds) {
  TemporaryFolder kept;
  const std::string line = "cd " + quoted(folder.string()) + " && TMPDIR=" + quoted(kept.path().string()) +
                           " timeout -k 5 " + std::to_string(seconds) + " sh -c " + quoted(command) +
                           " </dev/null >" + quoted(kept / "out") + " 2>" + quoted(kept / "err");
  const auto before = std::chrono::steady_clock::now();
  const int status = std::system(line.c_str());
  Ran result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_text(kept / "out");
  result.err = read_text(kept / "err");
  return result;
}

std::string mpinmf_command(int ranks, const std::string& arguments, int seconds) {
  const std::string program = quoted(environment("MPINMF_PROGRAM")) + " " + arguments;
  if (ranks == 1) return program;
  return "timeout -k 5 " + std::to_string(seconds) + " " + quoted(environment("MPINMF_MPIEXEC")) + " -n " +
         std::to_string(ranks) + " " + program;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "mpinmf-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::optional<std::string> reference_file(const std::string& name) {
  const std::filesystem::path folder = environment("MPINMF_DATA");
  if (std::filesystem::exists(folder / name)) return (folder / name).string();
  skip(std::filesystem::is_directory(folder)
           ? "there is no " + (folder / name).string()
           : "there is no folder of reference data " + folder.string() + " (set MPINMF_DATA, and configure anew)");
  return {};
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}
