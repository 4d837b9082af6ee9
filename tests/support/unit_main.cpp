// Entry point of tests that start no MPI themselves.
#include "catch.hpp"

int main(int argc, char** argv) {
  return exit_code(run_tests(argc, argv));
}
