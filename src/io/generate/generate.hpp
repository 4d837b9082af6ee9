// Matrices made on the spot: "generate:NAME:key=value,key=value". Every entry is a pure function of the text and
// its place, so that any rank makes any rows.
#pragma once

#include <string>
#include <vector>

#include "io/source.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::io {

/// What --help says of a generator.
struct GeneratorInfo {
  std::string name;
  std::string keys;  ///< as a user types them; those with a value after '=' may be left out
  std::string help;  ///< one line
};
std::vector<GeneratorInfo> generators();

/// Whether `path` names a generator instead of a file.
bool is_generator(const std::string& path);

/// The matrix of a text "generate:NAME:key=value,...". Does not communicate. Throws UsageError, which lists the
/// known generators or keys.
Source open_generator(const std::string& text, bool transpose);

/// The rows H (parts x n) that the generator added up, for comparison with a result; empty (0 x 0) for a file and
/// for generators without any. Throws UsageError as open_generator.
Matrix<double> planted_parts(const std::string& text);

}  // namespace mpinmf::io
