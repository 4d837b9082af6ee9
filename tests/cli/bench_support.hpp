// How mpinmf-bench is started and how it fails.
#pragma once

#include <cstdlib>

#include "cli_support.hpp"

inline std::string bench() {
  return std::string(std::getenv("MPINMF_BUILD")) + "/tests/mpinmf-bench";
}

inline std::string bench_command(int ranks, const std::string& arguments) {
  if (ranks == 1) return bench() + " " + arguments;
  return "timeout -k 5 200 " + std::string(std::getenv("MPINMF_MPIEXEC")) + " -n " + std::to_string(ranks) + " " +
         bench() + " " + arguments;
}

/// The lines that the benchmark itself wrote to standard error.
inline std::vector<std::string> bench_messages(const std::string& err) {
  std::vector<std::string> found;
  std::istringstream in(err);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("mpinmf-bench: ", 0) == 0 && !contains(line, ": round ")) found.push_back(line);
  }
  return found;
}

/// Exit code and the one message of a run that fails.
inline void check_fault(const std::string& command, int code, const std::string& message) {
  const TemporaryFolder folder;
  INFO(command);
  const Ran ran = run(command, folder.path());
  INFO(ran.err);
  CHECK(ran.code == code);
  const std::vector<std::string> found = bench_messages(ran.err);
  REQUIRE(found.size() == 1);
  CHECK(contains(found[0], message));
}
