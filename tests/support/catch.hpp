// Catch2 in either generation.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

/// Runs the tests that the command line asks for.
int run_tests(int argc, char** argv);
