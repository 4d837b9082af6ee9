// What gensim, scikit-learn and SciPy make of made-up topics (tests/reference/make_topics.py).
#pragma once

#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

inline const nlohmann::json& topics_reference() {
  static const auto reference = nlohmann::json::parse(
      std::ifstream(std::string(std::getenv("MPINMF_SOURCE")) + "/tests/reference/topics.json"));
  return reference;
}

/// Numbers; "inf", "-inf" and "nan" stand for what JSON has not.
inline double number_of(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  return (value == "inf" ? 1 : -1) * std::numeric_limits<double>::infinity();
}

inline std::vector<double> numbers_of(const nlohmann::json& values) {
  std::vector<double> numbers;
  for (const auto& value : values) numbers.push_back(number_of(value));
  return numbers;
}

inline mpinmf::Matrix<double> matrix_of(const nlohmann::json& rows) {
  mpinmf::Matrix<double> matrix(static_cast<mpinmf::Index>(rows.size()),
                                static_cast<mpinmf::Index>(rows.at(0).size()));
  for (mpinmf::Index i = 0; i < matrix.rows(); ++i) {
    for (mpinmf::Index j = 0; j < matrix.columns(); ++j) {
      matrix(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    }
  }
  return matrix;
}

inline std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}
