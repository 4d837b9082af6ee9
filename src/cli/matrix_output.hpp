// A matrix that a command writes: convert and generate.
#pragma once

#include <string>

#include "io/write/write_matrix.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace mpinmf::cli {

struct MatrixOutput {
  std::string path, format, image_size;
  bool force = false;
};

/// --to, --image-size and --force.
void add_matrix_output(CLI::App& app, MatrixOutput& output);
/// Throws UsageError for a format that there is not, or that is not of images where they have a size.
void check_output(const MatrixOutput& output);
io::WriteOptions write_options(const MatrixOutput& output);
/// How what does not say what it is can be read again.
void note_of_reading(const io::WrittenMatrix& written, const MatrixOutput& output);

}  // namespace mpinmf::cli
