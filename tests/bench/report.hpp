// What is shown: a table while the program runs, and JSON.
#pragma once

#include <string>

#include "cases.hpp"

namespace mpinmf::bench {

/// Where and how the measurements were made; the same on every rank.
struct Setting {
  int ranks = 1, threads = 1;      ///< threads in a rank
  std::vector<std::string> hosts;  ///< of the ranks, in rank order
  Machine machine;
};

/// One line: how many ranks and threads, with what vectors and BLAS.
std::string short_heading(int ranks, int threads);
std::string heading(const Setting& setting);
std::string table_head();
std::string table_line(const CaseResult& result, const Machine& machine);

std::string bench_json(const Arguments& arguments, const Setting& setting, const std::vector<CaseResult>& results);

}  // namespace mpinmf::bench
