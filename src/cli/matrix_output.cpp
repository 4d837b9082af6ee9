#include "matrix_output.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "mpinmf/error.hpp"
#include "report/say.hpp"
#include "sizes.hpp"

namespace mpinmf::cli {

namespace {

std::optional<io::ImageSize> image_of(const MatrixOutput& output) {
  if (output.image_size.empty()) return std::nullopt;
  const auto [height, width] = parse_shape("--image-size", output.image_size, "19x19");
  return io::ImageSize{height, width};
}

}  // namespace

void add_matrix_output(CLI::App& app, MatrixOutput& output) {
  app.add_option("--to", output.format,
                 "the format, whatever the name of the file ends with: " + io::writer_names());
  app.add_option("--image-size", output.image_size, "HEIGHTxWIDTH of the images that rows are (--to images)");
  app.add_flag("--force", output.force, "replace what exists there");
}

void check_output(const MatrixOutput& output) {
  if (output.path.empty()) throw UsageError("the name of the file to write is empty");
  const io::Writer* const writer =
      output.format.empty() ? io::writer_for(output.path) : &io::writer_called(output.format);
  if (writer != nullptr && writer->takes_image_size != image_of(output).has_value())
    throw io::image_size_fault(*writer);
}

io::WriteOptions write_options(const MatrixOutput& output) {
  io::WriteOptions how;
  how.format = output.format;
  how.overwrite = output.force;
  how.image = image_of(output);
  return how;
}

void note_of_reading(const io::WrittenMatrix& written, const MatrixOutput& output) {
  if (written.reading_options.empty()) return;
  report::note(
      fmt::format("{} does not say what it holds; it is read with {}", output.path, written.reading_options));
}

}  // namespace mpinmf::cli
