// SciPy's .npz of a sparse matrix (csr), as save_npz(..., compressed=False) writes it, and NumPy's of a dense one.
#include "io/npy.hpp"
#include "npz_archive.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

void write_dense_npz(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const NpzArchive archive({{"V", npy_header_bytes(type_of_values(matrix), {matrix.rows, matrix.columns}),
                             matrix.rows * matrix.columns * value_bytes(matrix)}});
  archive.make(comm, target);
  PartSum sum;
  comm.meet([&] { sum = write_dense_part(comm, target, matrix, archive.place(0), true); });
  archive.finish(comm, target, {sum});
}

void write_sparse_npz(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const OutputFacts facts = output_facts(comm, matrix);
  const bool is_wide = !fits_32_bits(facts.stored);
  const Index offset_bytes = is_wide ? 8 : 4;
  const Index shape[] = {matrix.rows, matrix.columns};
  const NpzArchive archive(
      {{"indices", npy_header_bytes("i4", {facts.stored}), facts.stored * 4},
       {"indptr", npy_header_bytes(is_wide ? "i8" : "i4", {matrix.rows + 1}), (matrix.rows + 1) * offset_bytes},
       {"format", npy_header_bytes("S3", {}), 3, "csr"},
       {"shape", npy_header_bytes("i8", {2}), sizeof shape,
        std::string(reinterpret_cast<const char*>(shape), sizeof shape)},
       {"data", npy_header_bytes(type_of_values(matrix), {facts.stored}), facts.stored * value_bytes(matrix)}});
  archive.make(comm, target);
  CompressedSums sums;
  comm.meet([&] {
    sums = write_compressed_part(comm, target, matrix,
                                 {.offsets = archive.place(1),
                                  .indices = archive.place(0),
                                  .values = archive.place(4),
                                  .has_wide_offsets = is_wide,
                                  .has_checksums = true},
                                 facts);
  });
  archive.finish(comm, target, {sums.indices, sums.offsets, {}, {}, sums.values});
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct NpzWriter>) {
  return {.name = "npz",
          .ending = ".npz",
          .what = "SciPy's csr matrix, or NumPy's array where V is dense",
          .keeps_row_names = false,
          .keeps_column_names = false,
          .write = [](const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
            matrix.sparse ? write_sparse_npz(comm, target, matrix) : write_dense_npz(comm, target, matrix);
          }};
}
template Writer writer_row(WriterFile<struct NpzWriter>);

}  // namespace mpinmf::io
