// Catch2 in either generation.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <string>

/// Runs the tests that the command line asks for: 0 when none failed, 1 when some did.
int run_tests(int argc, char** argv);

/// For a test that does not run here, or not all of it: the reason is printed once, after the tests.
void skip(const std::string& reason);

/// What a test program of that result ends with: ctest's SKIP_RETURN_CODE where nothing failed but something was
/// skipped.
int exit_code(int result);
