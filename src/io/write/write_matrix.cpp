#include "write_matrix.hpp"

#include <fmt/format.h>

#include <utility>

#include "io/open_on_all.hpp"
#include "io/output_target.hpp"
#include "io/prepared_source.hpp"
#include "only_counts.hpp"
#include "source_rows.hpp"

namespace mpinmf::io {
namespace {

/// Null: what the matrix is decides.
const Writer* chosen_writer(const std::string& to, const WriteOptions& how) {
  if (!how.format.empty()) return &writer_called(how.format);
  const Writer* const by_name = writer_for(to);
  if (by_name != nullptr || how.unnamed.empty()) return by_name;
  return &writer_called(how.unnamed);
}

struct NamesFound {
  bool of_rows = false, of_columns = false;
};

/// Where one rank reads alone, others do not know names. Throws BadData where there are not as many as there are
/// rows or columns. Returns which there are. Collective.
NamesFound share_labels(const Comm& comm, const std::string& from, const LoadOptions& options, Source& source) {
  NamesFound found;
  comm.meet_on_root([&] {
    const bool turned = options.transpose;
    require_names(source.labels.rows, source.header.rows, source.name, turned ? "columns" : "rows");
    require_names(source.labels.columns, source.header.columns, source.name, turned ? "rows" : "columns");
    found = {static_cast<bool>(source.labels.rows), static_cast<bool>(source.labels.columns)};
  });
  comm.broadcast_value(found);
  comm.meet([&] {
    const bool is_unknown = !source.labels.rows && !source.labels.columns;
    if ((found.of_rows || found.of_columns) && is_unknown) source.labels = open_for_labels(from, options).labels;
  });
  return found;
}

std::string lost_names(const Writer& writer, const NamesFound& found) {
  const bool rows = found.of_rows && !writer.keeps_row_names;
  const bool columns = found.of_columns && !writer.keeps_column_names;
  return rows && columns ? "rows and columns" : rows ? "rows" : columns ? "columns" : "";
}

/// Throws UsageError where rows of V are no such images, or none are written.
void check_image(const Writer& writer, const std::optional<ImageSize>& image, const MatrixHeader& header,
                 const std::string& from) {
  if (writer.takes_image_size != image.has_value()) throw image_size_fault(writer);
  if (!image || image->height * image->width == header.columns) return;
  throw UsageError(fmt::format("{}: has {} columns, but images of {} x {} have {} pixels; correct --image-size",
                               from, header.columns, image->height, image->width, image->height * image->width));
}

/// Writes to what the target is for now. Returns what became of entries. Collective.
WrittenMatrix write_source(const Comm& comm, Source source, const LoadOptions& options, const Writer& writer,
                           const OutputTarget& target, const WriteOptions& how) {
  const bool single_precision = how.single_precision.value_or(source.header.single_precision);
  WrittenMatrix written;
  written.clipped = source.clipped;
  written.summed = source.summed;
  OutputMatrix matrix = rows_of_source(comm, std::move(source), options, single_precision, target.path);
  matrix.image = how.image.value_or(ImageSize());
  comm.meet([&] {
    if (writer.holds == Holds::dense) make_dense(matrix);
    if (writer.holds == Holds::sparse) make_sparse(matrix);
  });
  if (writer.largest_count) require_counts(matrix, *writer.largest_count, writer.name);
  if (writer.reading_options != nullptr) written.reading_options = writer.reading_options(matrix);
  writer.write(comm, target, matrix);
  written.clipped = comm.sum(written.clipped + matrix.reader->clipped());
  written.summed = comm.sum(written.summed + matrix.reader->summed());
  return written;
}

/// Whether V goes column by column.
bool goes_by_columns(const Writer& writer, const MatrixHeader& header) {
  const bool is_dense = !header.sparse && writer.holds != Holds::sparse;
  return writer.by_columns == ByColumns::all || (writer.by_columns == ByColumns::dense && is_dense);
}

/// Rows are prepared, and are not there where V is read by columns.
UsageError prepared_by_columns(const std::string& from, const Writer& writer, bool is_sparse) {
  return UsageError(
      fmt::format("{}: a matrix that is prepared cannot be written as {}, which goes column by column, at once: "
                  "write {}, and convert that",
                  from, writer.name, is_sparse ? ".csr" : ".h5ad"));
}

}  // namespace

WrittenMatrix write_matrix(const Comm& comm, const std::string& from, const LoadOptions& asked,
                           const std::string& to, const WriteOptions& how) {
  const LoadOptions options = with_statistics(comm, from, asked);
  const Writer* named = nullptr;
  comm.meet([&] { named = chosen_writer(to, how); });
  const MatrixHeader header = load_header(comm, from, options);
  const Writer& writer = named != nullptr ? *named : writer_called(header.sparse ? "csr" : "npy");
  LoadOptions reading = options;
  const bool by_columns = goes_by_columns(writer, header);
  comm.meet([&] {
    check_image(writer, how.image, header, from);
    if (by_columns && options.prepared) throw prepared_by_columns(from, writer, header.sparse);
  });
  if (by_columns) reading.transpose = !options.transpose;
  Source source = open_on_all(comm, from, reading);
  finish_stream(comm, source, reading);
  NamesFound names = share_labels(comm, from, reading, source);
  if (by_columns) std::swap(names.of_rows, names.of_columns);
  OutputTarget target;
  comm.meet_on_root([&] { target = OutputTarget::prepare(to, writer.folder_files, how.overwrite); });
  target.broadcast(comm);
  try {
    WrittenMatrix written = write_source(comm, std::move(source), reading, writer, target, how);
    written.guess = header.guess;
    written.lost_names = lost_names(writer, names);
    comm.meet_on_root([&] { target.complete(); });
    return written;
  } catch (const Error&) {
    if (comm.is_root()) target.discard();
    throw;
  }
}

}  // namespace mpinmf::io
