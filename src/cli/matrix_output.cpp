#include "matrix_output.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "mpinmf/error.hpp"
#include "report/say.hpp"

namespace mpinmf::cli {

void add_matrix_output(CLI::App& app, MatrixOutput& output) {
  app.add_option("--to", output.format,
                 "the format, whatever the name of the file ends with: " + io::writer_names());
  app.add_flag("--force", output.force, "replace what exists there");
}

void check_output(const MatrixOutput& output) {
  if (output.path.empty()) throw UsageError("the name of the file to write is empty");
  if (!output.format.empty()) {
    io::writer_called(output.format);
  } else {
    io::writer_for(output.path);
  }
}

io::WriteOptions write_options(const MatrixOutput& output) {
  io::WriteOptions how;
  how.format = output.format;
  how.overwrite = output.force;
  return how;
}

void note_of_reading(const io::WrittenMatrix& written, const MatrixOutput& output) {
  if (written.reading_options.empty()) return;
  report::note(
      fmt::format("{} does not say what it holds; it is read with {}", output.path, written.reading_options));
}

}  // namespace mpinmf::cli
