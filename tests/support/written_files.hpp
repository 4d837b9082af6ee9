// Matrices that are written, for tests: short ways to what is asked for most.
#pragma once

#include <string>

#include "io/write/write_matrix.hpp"

/// Any matrix as a CSR folder.
inline mpinmf::Index convert_to_csr(const mpinmf::Comm& comm, const std::string& from, const std::string& to,
                                    const mpinmf::LoadOptions& options, bool overwrite) {
  return mpinmf::io::write_matrix(comm, from, options, to, {.format = "csr", .overwrite = overwrite}).clipped;
}

/// A generated matrix, in the format of the file's name.
inline void generate_file(const mpinmf::Comm& comm, const std::string& text, const std::string& to, bool single,
                          bool overwrite) {
  mpinmf::io::write_matrix(comm, text, {}, to, {.single_precision = single, .overwrite = overwrite});
}
