// A sparse matrix as a CSR folder: indptr.npy and shape.npy in 64 bits, indices.npy in 32, data.npy, and the names
// of rows and columns.
#include "array_parts.hpp"
#include "io/csr_folder.hpp"
#include "io/npy.hpp"
#include "part_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

void write_csr_folder(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const OutputFacts facts = output_facts(comm, matrix);
  const std::string offsets = npy_header_bytes("i8", {matrix.rows + 1}),
                    indices = npy_header_bytes("i4", {facts.stored}),
                    values = npy_header_bytes(type_of_values(matrix), {facts.stored});
  comm.meet_on_root([&] {
    make_file(target, "/indptr.npy", offsets);
    make_file(target, "/indices.npy", indices);
    make_file(target, "/data.npy", values);
    const Index shape[] = {matrix.rows, matrix.columns};
    make_file(target, "/shape.npy",
              npy_header_bytes("i8", {2}) + std::string(reinterpret_cast<const char*>(shape), sizeof shape));
    if (matrix.labels.rows) write_names(matrix.labels.rows, target.working_path + "/" + csr_row_names);
    if (matrix.labels.columns) write_names(matrix.labels.columns, target.working_path + "/" + csr_column_names);
  });
  const auto behind = [](const char* file, const std::string& header) {
    return ArrayPlace{file, static_cast<Index>(header.size())};
  };
  comm.meet([&] {
    write_compressed_part(comm, target, matrix,
                          {.offsets = behind("/indptr.npy", offsets),
                           .indices = behind("/indices.npy", indices),
                           .values = behind("/data.npy", values)},
                          facts);
  });
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct CsrFolderWriter>) {
  return {.name = "csr",
          .ending = ".csr",
          .what = "a folder of indptr.npy, indices.npy, data.npy, shape.npy and names, sparse",
          .holds = Holds::sparse,
          .folder_files = csr_files,
          .write = write_csr_folder};
}
template Writer writer_row(WriterFile<struct CsrFolderWriter>);

}  // namespace mpinmf::io
