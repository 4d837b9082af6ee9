// Loom, version 3: /matrix, genes x cells, and the names of both; without names there are numbers
// (linnarssonlab.org/loompy, format).
#include "io/write/own_names.hpp"
#include "io/write/writer.hpp"
#include "matrix_writer.hpp"

namespace mpinmf::io {
namespace {

/// Rows here are columns of V: genes.
void write_loom(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  hdf5::MatrixRoom room;
  comm.meet_on_root([&] {
    hdf5::FileWriter file(target.working_path, target.path);
    const hdf5::Type type = matrix.single_precision ? hdf5::Type::f4 : hdf5::Type::f8;
    room.dense.offset = file.add_room("/matrix", type, {matrix.rows, matrix.columns});
    for (const char* group : {"/attrs", "/layers", "/row_attrs", "/col_attrs", "/row_graphs", "/col_graphs"}) {
      file.add_group(group);
    }
    file.add_text("/attrs/LOOM_SPEC_VERSION", "3.0.0");
    const auto [genes, cells] = matrix.labels;
    file.add_names("/row_attrs/Gene", genes ? genes : names_by_number(matrix.rows), matrix.rows);
    file.add_names("/col_attrs/CellID", cells ? cells : names_by_number(matrix.columns), matrix.columns);
    file.finish();
  });
  hdf5::fill_matrix(comm, target, matrix, room, {});
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct LoomWriter>) {
  return {.name = "loom",
          .ending = ".loom",
          .what = "loom: V transposed, with the names of rows (CellID) and columns (Gene), dense",
          .holds = Holds::dense,
          .by_columns = ByColumns::all,
          .write = write_loom};
}
template Writer writer_row(WriterFile<struct LoomWriter>);

}  // namespace mpinmf::io
