// Runs a command as a user would and keeps what it printed.
#pragma once

#include <filesystem>
#include <string>

#include "files.hpp"

struct Ran {
  int code = -1;  ///< exit code; 124 or 137 when it ran out of time
  std::string out, err;
  double seconds = 0;
};

/// Runs `command` in /bin/sh inside `folder`, at most `seconds` long, standard input closed. Each has temporary
/// files of its own, as each test has (support/run_test.sh), so that any number may run at once.
Ran run(const std::string& command, const std::filesystem::path& folder, int seconds = 60);

/// "mpinmf ARGUMENTS" on so many ranks: without mpirun for one rank, else `timeout -k 5 N mpirun -n ranks`.
std::string mpinmf_command(int ranks, const std::string& arguments, int seconds = 60);
