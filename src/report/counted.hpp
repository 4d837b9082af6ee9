// Numbers of things, in words.
#pragma once

#include <fmt/core.h>

#include <string>

namespace mpinmf::report {

/// "1 iteration", "3 iterations".
template <class Number>
std::string counted(Number number, const std::string& what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

}  // namespace mpinmf::report
