// Catch2's own code, compiled once for all test programs.
#define CATCH_CONFIG_RUNNER
#include "catch.hpp"

#include <iostream>
#include <set>

namespace {

constexpr int skipped_code = 77;  // tests/CMakeLists.txt
std::set<std::string> reasons;

}  // namespace

int run_tests(int argc, char** argv) {
  const int failures = Catch::Session().run(argc, argv);
  for (const std::string& reason : reasons) std::cout << "SKIPPED: " << reason << std::endl;
  return failures == 0 ? 0 : 1;  // not their number, which may be any code
}

void skip(const std::string& reason) {
  reasons.insert(reason);
}

int exit_code(int result) {
  return result == 0 && !reasons.empty() ? skipped_code : result;
}
