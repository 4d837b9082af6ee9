// What tests of the program share. They see it from outside, so nothing of the library is included.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "shell.hpp"

/// Writes a .npy file of 64-bit numbers.
inline void write_numbers(const std::string& path, int rows, int columns, const std::vector<double>& values) {
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                       std::to_string(columns) + "), }";
  constexpr std::size_t preamble = 10;
  header.resize(128 - preamble - 1, ' ');
  header += '\n';
  std::ofstream out(path, std::ios::binary);
  out.write("\x93NUMPY\x01\x00", 8);
  out.put(static_cast<char>(header.size())).put('\0') << header;
  out.write(reinterpret_cast<const char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(double)));
}

/// The text that says type and shape of a .npy file.
inline std::string npy_header(const std::string& path) {
  return read_text(path).substr(0, 128);
}

/// Rows x columns positive numbers without much of a pattern.
inline std::vector<double> counting(int rows, int columns) {
  std::vector<double> values;
  for (int i = 0; i < rows * columns; ++i) values.push_back(0.1 * (1 + i * i % 17));
  return values;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::vector<std::string> lines_with(const std::string& text, const std::string& start) {
  std::vector<std::string> found;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(start, 0) == 0) found.push_back(line);
  }
  return found;
}

/// The warnings that mpinmf gave.
inline std::vector<std::string> warnings(const std::string& err) {
  return lines_with(err, "mpinmf: warning: ");
}

/// The lines that mpinmf itself wrote (mpirun has its own), but for the warnings that ranks have too few cores and
/// that OpenBLAS does not know the processor: tests take as many ranks as they need, wherever they run.
inline std::vector<std::string> messages(const std::string& err) {
  std::vector<std::string> found = lines_with(err, "mpinmf: ");
  std::erase_if(found, [](const std::string& line) {
    return contains(line, "which slow each other") || contains(line, "OpenBLAS works with its kernel");
  });
  return found;
}

/// Names and contents of everything below a folder.
inline std::set<std::pair<std::string, std::string>> contents(const std::filesystem::path& folder) {
  std::set<std::pair<std::string, std::string>> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    all.emplace(entry.path().string(), entry.is_regular_file() ? read_text(entry.path()) : "");
  }
  return all;
}

/// Sorted names in a folder.
inline std::vector<std::string> names(const std::filesystem::path& folder) {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) all.push_back(entry.path().filename());
  std::sort(all.begin(), all.end());
  return all;
}

inline nlohmann::json read_json(const std::filesystem::path& path) {
  return nlohmann::json::parse(read_text(path));
}

/// The first Python that has the module; empty: none has.
inline std::string python_with(const std::string& module) {
  for (const std::string python : {"python3", "/usr/bin/python3"}) {
    if (run(python + " -c 'import " + module + "'", "/").code == 0) return python;
  }
  return "";
}

/// Where it is not installed, what a test says of pictures is noted as skipped.
inline bool has_gnuplot() {
  const bool is_there = run("gnuplot --version", "/").code == 0;
  if (!is_there) skip("gnuplot is not installed");
  return is_there;
}
