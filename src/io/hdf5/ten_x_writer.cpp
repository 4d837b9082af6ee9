// 10x Genomics' HDF5 of version 3: /matrix, whose compressed columns of features x cells are V's compressed rows.
// Features have one name for identifier and name, the type "Gene Expression" and no genome.
#include <limits>

#include "io/write/own_names.hpp"
#include "io/write/writer.hpp"
#include "matrix_writer.hpp"

namespace mpinmf::io {
namespace {

NameReader the_same_for_all(const std::string& text, Index count) {
  return [=](const std::function<void(std::string_view)>& take) {
    for (Index i = 0; i < count; ++i) take(text);
  };
}

void add_ten_x_names(hdf5::FileWriter& file, const OutputMatrix& matrix) {
  const auto [rows, columns] = matrix.labels;
  file.add_names("/matrix/barcodes", rows ? rows : names_by_number(matrix.rows), matrix.rows);
  const NameReader features = columns ? columns : names_by_number(matrix.columns);
  const auto add = [&](const char* place, const NameReader& names) {
    file.add_names(place, names, matrix.columns);
  };
  file.add_group("/matrix/features");
  add("/matrix/features/id", features);
  add("/matrix/features/name", features);
  add("/matrix/features/feature_type", the_same_for_all("Gene Expression", matrix.columns));
  add("/matrix/features/genome", the_same_for_all("", matrix.columns));
  file.add_names("/matrix/features/_all_tag_keys", the_same_for_all("genome", 1), 1);
}

void write_ten_x_hdf5(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const OutputFacts facts = output_facts(comm, matrix);
  hdf5::MatrixRoom room;
  CompressedPlaces& arrays = room.compressed;
  arrays.has_counts = true;
  comm.meet_on_root([&] {
    hdf5::FileWriter file(target.working_path, target.path);
    file.add_group("/matrix");
    arrays.values.offset = file.add_room("/matrix/data", hdf5::Type::i4, {facts.stored});
    arrays.indices.offset = file.add_room("/matrix/indices", hdf5::Type::i4, {facts.stored});
    arrays.offsets.offset = file.add_room("/matrix/indptr", hdf5::Type::i8, {matrix.rows + 1});
    file.add_integers("/matrix/shape", {matrix.columns, matrix.rows});
    add_ten_x_names(file, matrix);
    file.finish();
  });
  hdf5::fill_matrix(comm, target, matrix, room, facts);
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct TenXHdf5Writer>) {
  return {.name = "10x-h5",
          .what = "10x Genomics' HDF5, with the names of rows and columns; whole numbers, sparse",
          .holds = Holds::sparse,
          .largest_count = std::numeric_limits<std::int32_t>::max(),
          .write = write_ten_x_hdf5};
}
template Writer writer_row(WriterFile<struct TenXHdf5Writer>);

}  // namespace mpinmf::io
