// A folder as Cell Ranger 2 writes it, whose files are plain (version 3 has them gzip'd, which ranks cannot
// share): matrix.mtx, features x cells, barcodes.tsv, and genes.tsv with an identifier and a name, which here are
// the same. Without names there are numbers.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "own_names.hpp"
#include "text_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

constexpr const char* ten_x_folder_files[] = {"matrix.mtx", "barcodes.tsv", "genes.tsv"};

/// What delimits fields becomes a blank.
std::string ten_x_field(std::string_view name) {
  std::string field(name);
  std::replace(field.begin(), field.end(), '\t', ' ');
  return field;
}

void write_ten_x_names(const OutputTarget& target, const OutputMatrix& matrix) {
  const auto [rows, columns] = matrix.labels;
  const NameReader barcodes = rows ? rows : names_by_number(matrix.rows),
                   genes = columns ? columns : names_by_number(matrix.columns);
  write_names([&](const auto& take) { barcodes([&](std::string_view name) { take(ten_x_field(name)); }); },
              target.working_path + "/barcodes.tsv");
  write_names(
      [&](const auto& take) {
        genes([&](std::string_view name) {
          const std::string field = ten_x_field(name);
          take(fmt::format("{0}\t{0}", field));
        });
      },
      target.working_path + "/genes.tsv");
}

/// By cells, as Cell Ranger has them.
void write_ten_x_folder(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const OutputFacts facts = output_facts(comm, matrix);
  comm.meet_on_root([&] { write_ten_x_names(target, matrix); });
  write_text(comm, target, matrix,
             {.file = "/matrix.mtx",
              .header =
                  [&](TextSink& out) {
                    out.put(fmt::format("%%MatrixMarket matrix coordinate integer general\n{} {} {}\n",
                                        matrix.columns, matrix.rows, facts.stored));
                  },
              .row =
                  [&](const OutputRow& row, TextSink& out) {
                    for (std::size_t q = 0; q < row.values.size(); ++q) {
                      put_text_entry(out, row.columns[q], row.number, row.values[q], false);
                    }
                  }});
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct TenXFolderWriter>) {
  return {.name = "10x",
          .what = "10x Genomics, a folder of matrix.mtx, barcodes.tsv and genes.tsv; whole numbers, sparse",
          .holds = Holds::sparse,
          .largest_count = std::numeric_limits<std::int32_t>::max(),
          .folder_files = ten_x_folder_files,
          .write = write_ten_x_folder};
}
template Writer writer_row(WriterFile<struct TenXFolderWriter>);

}  // namespace mpinmf::io
