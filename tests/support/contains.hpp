// Contains("text") for CHECK_THAT and CHECK_THROWS_WITH, in either generation of Catch2.
#pragma once

#include <string>

#include "catch.hpp"

inline auto Contains(const std::string& text) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(text);
#else
  return Catch::Matchers::Contains(text);
#endif
}
