#include "matrix_writer.hpp"

namespace mpinmf::io::hdf5 {

MatrixRoom add_matrix(FileWriter& file, const std::string& place, const OutputMatrix& matrix,
                      const OutputFacts& facts) {
  const Type type = matrix.single_precision ? Type::f4 : Type::f8;
  MatrixRoom room;
  if (!matrix.sparse) {
    room.dense.offset = file.add_room(place, type, {matrix.rows, matrix.columns});
    file.set(place, "encoding-type", "array");
    file.set(place, "encoding-version", "0.2.0");
    return room;
  }
  CompressedPlaces& c = room.compressed;
  c.has_wide_offsets = !fits_32_bits(facts.stored);
  file.add_group(place);
  file.set(place, "encoding-type", "csr_matrix");
  file.set(place, "encoding-version", "0.1.0");
  file.set(place, "shape", std::vector<Index>{matrix.rows, matrix.columns});
  c.values.offset = file.add_room(place + "/data", type, {facts.stored});
  c.indices.offset = file.add_room(place + "/indices", Type::i4, {facts.stored});
  c.offsets.offset = file.add_room(place + "/indptr", c.has_wide_offsets ? Type::i8 : Type::i4, {matrix.rows + 1});
  return room;
}

void fill_matrix(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix, MatrixRoom room,
                 const OutputFacts& facts) {
  CompressedPlaces& c = room.compressed;
  for (Index* const offset : {&room.dense.offset, &c.offsets.offset, &c.indices.offset, &c.values.offset}) {
    comm.broadcast_value(*offset);
  }
  comm.broadcast_value(c.has_wide_offsets);
  comm.meet([&] {
    if (matrix.sparse) {
      write_compressed_part(comm, target, matrix, c, facts);
    } else {
      write_dense_part(comm, target, matrix, room.dense);
    }
  });
}

void write_matrix_file(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix,
                       const std::string& place, const std::function<void(FileWriter&)>& add_rest) {
  OutputFacts facts;
  if (matrix.sparse) facts = output_facts(comm, matrix);
  MatrixRoom room;
  comm.meet_on_root([&] {
    FileWriter file(target.working_path, target.path);
    room = add_matrix(file, place, matrix, facts);
    add_rest(file);
    file.finish();
  });
  fill_matrix(comm, target, matrix, room, facts);
}

}  // namespace mpinmf::io::hdf5
