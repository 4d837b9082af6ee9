#include "anndata_writer.hpp"

#include "io/source.hpp"
#include "io/write/own_names.hpp"
#include "io/write/writer.hpp"
#include "matrix_writer.hpp"

namespace mpinmf::io {
namespace hdf5 {

void set_encoding(FileWriter& file, const std::string& place, const char* type, const char* version) {
  file.set(place, "encoding-type", type);
  file.set(place, "encoding-version", version);
}

void add_frame(FileWriter& file, const Labels& labels, Index rows, Index columns) {
  set_encoding(file, "/", "anndata", "0.1.0");
  const auto add_table = [&](const std::string& place, const NameReader& names, Index count) {
    file.add_group(place);
    set_encoding(file, place, "dataframe", "0.2.0");
    file.set(place, "_index", "_index");
    file.set_empty(place, "column-order");
    file.add_names(place + "/_index", names ? names : names_by_number(count), count);
    set_encoding(file, place + "/_index", "string-array", "0.2.0");
  };
  add_table("/obs", labels.rows, rows);
  add_table("/var", labels.columns, columns);
  for (const char* group : {"/layers", "/obsm", "/obsp", "/uns", "/varm", "/varp"}) {
    file.add_group(group);
    set_encoding(file, group, "dict", "0.1.0");
  }
}

}  // namespace hdf5
namespace {

void write_anndata(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  hdf5::write_matrix_file(comm, target, matrix, "/X", [&](hdf5::FileWriter& file) {
    hdf5::add_frame(file, matrix.labels, matrix.rows, matrix.columns);
  });
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct AnnDataWriter>) {
  return {.name = "h5ad",
          .ending = ".h5ad",
          .what = "AnnData: X, and obs and var with the names of rows and columns",
          .write = write_anndata};
}
template Writer writer_row(WriterFile<struct AnnDataWriter>);

}  // namespace mpinmf::io
