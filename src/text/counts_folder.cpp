#include "counts_folder.hpp"

#include "io/csr_folder.hpp"
#include "io/npy.hpp"
#include "shared_file.hpp"

namespace mpinmf::text {
namespace {

/// A vector in a .npy that all ranks write, each what is its own.
class SharedVector {
 public:
  SharedVector(const Comm& comm, const std::string& path, const std::string& type, Index elements)
      : file_(open_shared_file(comm, path)) {
    const std::string header = io::npy_header_bytes(type, {elements});
    begin_ = static_cast<Index>(header.size());
    comm.meet_on_root([&] { file_.write_at(0, std::as_bytes(std::span(header))); });
  }
  FileWriter writer(Index first_byte) const { return {file_, begin_ + first_byte}; }
  void start_sync() const { file_.start_sync(); }
  void close() { file_.sync_and_close(); }

 private:
  io::File file_;
  Index begin_ = 0;
};

}  // namespace

ColumnOfTerm::ColumnOfTerm(const std::vector<std::uint64_t>& ids) {
  std::size_t size = 2;
  while (size < 2 * ids.size()) size *= 2;
  slots_.assign(size, Slot{0, none});
  for (std::size_t column = 0; column < ids.size(); ++column) {
    std::size_t at = place_of(ids[column]) & (size - 1);
    while (slots_[at].column != none) at = (at + 1) & (size - 1);
    slots_[at] = {ids[column], static_cast<ColumnIndex>(column)};
  }
}

SelectedRows::SelectedRows(const CountedRows& counted, const ColumnOfTerm& column_of, Index columns_global,
                           const std::string& folder, Index most_bytes)
    : entries(folder, most_bytes), rising_(static_cast<std::size_t>(columns_global)) {
  SpoolReader rounds(counted.rounds), rows(counted.rows);
  std::vector<ColumnIndex> columns;  // by number of the round
  while (!rounds.at_end()) {
    const std::uint64_t documents = rounds.number();
    columns.resize(rounds.number());
    for (ColumnIndex& column : columns) column = column_of(rounds.number());
    for (std::uint64_t i = 0; i < documents; ++i) add_row(rows, columns);
  }
}

void SelectedRows::add_row(SpoolReader& rows, const std::vector<ColumnIndex>& columns) {
  const std::uint64_t distinct = rows.number();
  row_.resize(distinct);
  std::size_t kept = 0;
  for (std::uint64_t i = 0; i < distinct; ++i) {
    const ColumnIndex column = columns[rows.value<std::uint32_t>()];
    row_[kept] = static_cast<std::uint64_t>(column) << 32 | rows.number();
    kept += column != ColumnOfTerm::none ? 1 : 0;  // hard to foretell: no branch
  }
  row_.resize(kept);
  for (const std::uint64_t entry : row_) rising_.add(entry >> 32, static_cast<std::uint32_t>(entry));
  row_.clear();
  rising_.take_all([&](std::uint64_t column, std::uint32_t count) { row_.push_back(column << 32 | count); });
  entries.append({reinterpret_cast<const char*>(row_.data()), row_.size() * sizeof(std::uint64_t)});
  ends.push_back((ends.empty() ? 0 : ends.back()) + static_cast<Index>(row_.size()));
  empty_rows += row_.empty() ? 1 : 0;
}

StoredCounts write_counts(const Comm& comm, const SelectedRows& rows, Index columns, const Weigh& weigh,
                          const FilePlace& place) {
  const auto documents = static_cast<Index>(rows.ends.size());
  const Index stored_local = rows.ends.empty() ? 0 : rows.ends.back();
  const Index stored = comm.sum(stored_local), first = comm.sum_before(stored_local);
  const Index documents_global = comm.sum(documents), first_document = comm.sum_before(documents);
  SharedVector offsets(comm, place(io::csr_files[0]), "i8", documents_global + 1);
  SharedVector indices(comm, place(io::csr_files[1]), "i4", stored);
  SharedVector data(comm, place(io::csr_files[2]), "f8", stored);
  SharedVector shape(comm, place(io::csr_files[3]), "i8", 2);
  comm.meet([&] {
    FileWriter offset_writer = offsets.writer(first_document * 8), index_writer = indices.writer(first * 4),
               value_writer = data.writer(first * 8), shape_writer = shape.writer(0);
    offset_writer.write_value(first);  // the end of the rank before, or 0
    SpoolReader reader(rows.entries);
    std::vector<std::uint64_t> row;
    std::vector<ColumnIndex> row_columns;
    std::vector<double> row_values;
    Index begin = 0;
    for (const Index end : rows.ends) {
      offset_writer.write_value(first + end);
      row.resize(static_cast<std::size_t>(end - begin));
      reader.read(std::as_writable_bytes(std::span(row)));
      begin = end;
      row_columns.clear();
      row_values.clear();
      for (const std::uint64_t entry : row) {
        row_columns.push_back(static_cast<ColumnIndex>(entry >> 32));
        row_values.push_back(static_cast<double>(entry & 0xffffffffU));
      }
      if (weigh) weigh(row_columns, row_values);
      index_writer.write(std::as_bytes(std::span(row_columns)));
      value_writer.write(std::as_bytes(std::span(row_values)));
    }
    if (comm.is_root()) {
      shape_writer.write_value(documents_global);
      shape_writer.write_value(columns);
    }
    for (FileWriter* writer : {&offset_writer, &index_writer, &value_writer, &shape_writer}) writer->flush();
    for (const SharedVector* vector : {&indices, &data}) vector->start_sync();
    for (SharedVector* vector : {&offsets, &indices, &data, &shape}) vector->close();
  });
  return {stored, comm.sum(rows.empty_rows)};
}

}  // namespace mpinmf::text
