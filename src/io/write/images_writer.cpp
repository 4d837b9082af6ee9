// A folder of PGM images (netpbm.sourceforge.net/doc/pgm.html), a row an image, a column a pixel. Names begin with
// the number of the row, so that their order is that of the rows.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "io/image_file.hpp"
#include "io/unfinished.hpp"
#include "own_names.hpp"
#include "part_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

constexpr const char* files_of_image_folder[] = {"*.pgm"};
constexpr Index largest_pixel = 65535, largest_byte = 255;

/// What a file may be called: no folders, nothing unprintable, and not too long. A name that was an image's file
/// loses its ending.
std::string name_in_folder(std::string_view name) {
  constexpr std::size_t longest = 200;  // bytes; file systems allow 255
  std::string safe(name);
  if (is_image_name(safe)) safe = safe.substr(0, safe.rfind('.'));
  for (char& c : safe) {
    if (c == '/' || static_cast<unsigned char>(c) < ' ') c = '_';
  }
  std::size_t end = std::min(safe.size(), longest);
  while (end < safe.size() && end > 0 && (static_cast<unsigned char>(safe[end]) & 0xc0U) == 0x80U) --end;
  return safe.substr(0, end);
}

/// All of an image but its pixels.
std::string pgm_header(const ImageSize& size, Index largest) {
  return fmt::format("P5\n{} {}\n{}\n", size.width, size.height, largest);
}

void write_image_folder(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const OutputFacts facts = output_facts(comm, matrix);
  const bool is_wide = facts.largest > static_cast<double>(largest_byte);
  const std::string header = pgm_header(matrix.image, is_wide ? largest_pixel : largest_byte);
  const auto digits = static_cast<int>(std::to_string(matrix.rows - 1).size());
  comm.meet([&] {
    require_seen(comm, target.working_path, target.path);
    // a signal ends all ranks, and who writes last removes last
    if (!comm.is_root()) remember_unfinished_with_files(target.working_path);
    std::vector<std::string> names;
    if (matrix.labels.rows) names = own_names(matrix.labels.rows, matrix.first_row, matrix.own_rows);
    std::string bytes;
    matrix.reader->each([&](const OutputRow& row) {
      std::string file = fmt::format("/{:0{}}", row.number, digits);
      if (!names.empty()) {
        file += fmt::format("-{}", name_in_folder(names[static_cast<std::size_t>(row.number - matrix.first_row)]));
      }
      bytes = header;
      for (const double value : row.values) {
        const auto pixel = static_cast<unsigned>(value);
        if (is_wide) bytes += static_cast<char>(pixel >> 8);
        bytes += static_cast<char>(pixel & 0xffU);
      }
      make_file(target, file + ".pgm", bytes);
    });
    if (!comm.is_root()) forget_unfinished(target.working_path);
  });
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct ImagesWriter>) {
  return {.name = "images",
          .what = "a folder of PGM images of --image-size, a row an image; whole numbers up to 65535",
          .holds = Holds::dense,
          .largest_count = largest_pixel,
          .folder_files = files_of_image_folder,
          .keeps_column_names = false,
          .takes_image_size = true,
          .write = write_image_folder};
}
template Writer writer_row(WriterFile<struct ImagesWriter>);

}  // namespace mpinmf::io
