// From a source to the rows that each rank owns.
#include "mpinmf/load.hpp"

#include <algorithm>

#include "dense_room.hpp"
#include "entry_check.hpp"
#include "entry_exchange.hpp"
#include "load_source.hpp"
#include "open_on_all.hpp"
#include "prepared_source.hpp"
#include "regroup.hpp"
#include "stream_rows.hpp"

namespace mpinmf {
namespace {

using io::DenseRoom, io::DenseRows, io::Entry, io::EntryStream, io::Source, io::SparseRows;
using Batch = std::span<const Entry>;

/// Whether V will be held in compressed rows.
bool stays_sparse(const MatrixHeader& header, const LoadOptions& options) {
  return header.sparse && options.add == 0;
}

/// What comes as a stream, if it does.
void read_stream(const Comm& comm, Source& source, const Partition& owners, const io::TakeEntries& take) {
  if (!std::holds_alternative<std::unique_ptr<EntryStream>>(source.reader)) return;
  io::exchange_entries(comm, io::stream_of(source), io::OfEntries::all, owners, take);
}

}  // namespace

Index io::dense_rows_at_once(Index rows, Index columns) {
  // elements: 1 MiB, as a file is read, to 32 MiB, for long runs where a large file lies in columns
  constexpr Index least = Index{1} << 17, most = Index{1} << 22, share = 16;
  const Index piece = std::clamp(rows / share * columns, least, most);
  return std::clamp<Index>(piece / columns, 1, std::max<Index>(rows, 1));
}

double io::loading_bytes(const MatrixHeader& header, Index rows) {
  const double reader = header.reader_bytes + header.reader_bytes_of_row * static_cast<double>(rows);
  if (header.sparse) return reader + plain_bytes<Index>(rows, 1);
  return reader + plain_bytes<double>(dense_rows_at_once(rows, header.columns), header.columns);
}

namespace {

/// Rows whose first is `first` in V.
template <class T>
void read_dense(DenseRows& reader, io::EntryCheck<T>& check, Index first, const DenseRoom<T>& room) {
  const Index columns = room.columns();
  const Index at_once = io::dense_rows_at_once(room.rows(), columns);
  std::vector<double> buffer(static_cast<std::size_t>(at_once * columns));
  for (Index i = 0; i < room.rows(); i += at_once) {
    const Index count = std::min(at_once, room.rows() - i);
    reader.read(first + i, count, buffer.data());
    const double* next = buffer.data();
    for (Index r = i; r < i + count; ++r, next += columns) {
      T* const own = room.row(r);
      if (own != nullptr && check.take_plain(next, columns, own)) continue;
      for (Index j = 0; j < columns; ++j) room.set(r, j, check(next[j], first + r, j), check);
    }
    room.let_go(i, count);
  }
}

/// Every entry of rows whose first is `first`, checked once more and with what the options add.
template <class T>
void add_to_all(const DenseRoom<T>& room, Index first, io::EntryCheck<T> check) {
  for (Index i = 0; i < room.rows(); ++i) {
    for (Index j = 0; j < room.columns(); ++j) {
      room.set(i, j, check(static_cast<double>(room.value(i, j)), first + i, j), check);
    }
  }
}

template <class T>
DataMatrix<T> load_dense(const Comm& comm, Source source, const LoadOptions& options) {
  const Index m = source.header.rows, n = source.header.columns;
  const Index height = Partition::panel_height_for(m, n, static_cast<Index>(sizeof(T)));
  const Partition partition = Partition::by_rows(m, height, comm.size());
  const Index first = partition.begin(comm.rank()), last = partition.end(comm.rank());
  LoadOptions of_entries = options;
  const bool sums = source.header.sparse || !options.mask.empty();
  if (sums) of_entries.add = 0;  // until the entries of one place are summed
  io::EntryCheck<T> check(source.name, of_entries);
  DenseRoom<T> room;
  Index summed = source.summed;
  const auto take = [&](Batch entries) {
    for (const Entry& e : entries) {
      if (e.row < first || e.row >= last) continue;
      const Index i = e.row - first;
      const T before = room.value(i, e.column), value = check(e.value, e.row, e.column);
      if (before > 0 && value > 0) ++summed;
      room.set(i, e.column, before + value, check);
    }
  };
  comm.meet([&] {
    room = DenseRoom<T>(options, first, last - first, n);
    if (auto* reader = std::get_if<std::unique_ptr<DenseRows>>(&source.reader)) {
      read_dense(**reader, check, first, room);
    }
    auto* sparse = std::get_if<std::unique_ptr<SparseRows>>(&source.reader);
    if (sparse != nullptr && last > first) {
      (*sparse)->read(first, last - first, take);
      summed += (*sparse)->summed();
    }
  });
  read_stream(comm, source, partition, take);
  source.reader = std::unique_ptr<DenseRows>();
  if (sums) comm.meet([&] { add_to_all(room, first, io::EntryCheck<T>(source.name, options).known()); });
  const Comm& owners = options.group ? *options.group : comm;
  const Partition owned = options.owners ? *options.owners : Partition::by_rows(m, height, owners.size());
  if (options.group || options.owners) {
    const io::Regrouping groups(comm, partition, owners, owned);
    room = io::regrouped(groups, std::move(room), options);
  }
  auto v = room.to_data(owners, owned, source.name);
  v.set_clipped(comm.sum(check.clipped() + source.clipped));
  v.set_summed(comm.sum(summed));
  return v;
}

template <class T>
DataMatrix<T> load_sparse(const Comm& comm, Source source, const LoadOptions& options) {
  const Index m = source.header.rows, n = source.header.columns;
  const Index height = Partition::panel_height_for(m, n, static_cast<Index>(sizeof(T)));
  auto* reader = std::get_if<std::unique_ptr<SparseRows>>(&source.reader);
  io::RowPlan plan = io::plan_rows(comm, source, height, options.components);
  const Index first = plan.partition.begin(comm.rank()), count = plan.partition.rows(comm.rank());
  std::optional<io::CsrBuilder<T>> builder;
  comm.meet([&] {
    builder.emplace(source.name, first, n, std::move(plan.lengths), options);
    if (reader != nullptr) (*reader)->read(first, count, [&](Batch entries) { builder->add(entries); });
  });
  io::add_stream(comm, source, plan, options, *builder);
  CsrMemory<T> memory;
  comm.meet([&] { memory = builder->finish(); });
  const Index summed = builder->summed() + source.summed + (reader == nullptr ? 0 : (*reader)->summed());
  source.reader = std::unique_ptr<SparseRows>();
  const Comm& owners = options.group ? *options.group : comm;
  Partition owned =
      options.owners ? *options.owners : Partition::by_weight(m, height, plan.weights, owners.size());
  if (options.group || options.owners) {
    const io::Regrouping groups(comm, plan.partition, owners, owned);
    memory = io::regrouped(groups, std::move(memory), options);
  }
  auto v = memory.placed ? DataMatrix<T>::from_partition(owners, std::move(owned), std::move(memory.placed),
                                                         source.name, options.missing)
                         : DataMatrix<T>::from_partition(owners, std::move(owned), std::move(memory.plain),
                                                         source.name, options.missing);
  v.set_clipped(comm.sum(builder->clipped() + source.clipped));
  v.set_summed(comm.sum(summed));
  return v;
}

}  // namespace

StorageType io::held_as(const MatrixHeader& header, const LoadOptions& options) {
  if (options.storage_type != StorageType::automatic) return options.storage_type;
  return header.sparse || options.add != 0 ? StorageType::automatic : header.held_as;
}

template <class T>
DataMatrix<T> io::load_source(const Comm& comm, Source source, const LoadOptions& asked) {
  LoadOptions options = asked;
  options.storage_type = held_as(source.header, asked);
  return stays_sparse(source.header, options) ? load_sparse<T>(comm, std::move(source), options)
                                              : load_dense<T>(comm, std::move(source), options);
}

template <class T>
DataMatrix<T> load(const Comm& comm, const std::string& path, const LoadOptions& asked) {
  const LoadOptions options = io::with_statistics(comm, path, asked);
  Source source = io::open_on_all(comm, path, options);
  io::finish_stream(comm, source, options);
  return io::load_source<T>(comm, std::move(source), options);
}

template DataMatrix<float> io::load_source(const Comm&, Source, const LoadOptions&);
template DataMatrix<double> io::load_source(const Comm&, Source, const LoadOptions&);

template DataMatrix<float> load(const Comm&, const std::string&, const LoadOptions&);
template DataMatrix<double> load(const Comm&, const std::string&, const LoadOptions&);

MatrixHeader load_header(const Comm& comm, const std::string& path, const LoadOptions& asked) {
  const LoadOptions options = io::with_statistics(comm, path, asked);
  MatrixHeader header = io::header_on_all(comm, path, options);
  header.held_as = io::held_as(header, options);
  header.sparse = stays_sparse(header, options);
  if (!header.sparse) header.stored = header.rows * header.columns;
  return header;
}

}  // namespace mpinmf
