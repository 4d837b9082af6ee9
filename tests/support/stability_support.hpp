// What NumPy, SciPy and scikit-learn make of made-up fits (tests/reference/make_stability.py).
#pragma once

#include "topics_reference.hpp"

inline const nlohmann::json& stability_reference() {
  static const auto reference = nlohmann::json::parse(
      std::ifstream(std::string(std::getenv("MPINMF_SOURCE")) + "/tests/reference/stability.json"));
  return reference;
}
