// Entry point of tests that start no MPI themselves.
#include "catch.hpp"

int main(int argc, char** argv) {
  return run_tests(argc, argv);
}
