// From a source to the rows that each rank owns.
#include "mpinmf/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "csr_builder.hpp"
#include "entry_check.hpp"
#include "entry_exchange.hpp"
#include "npy_file.hpp"

namespace mpinmf {
namespace {

using io::DenseRows, io::Entry, io::EntryPieces, io::EntryStream, io::RowPlan, io::Source, io::SparseRows;
using Batch = std::span<const Entry>;

/// Throws for what this program cannot do with a matrix. @pre any rank
void check_header(const Source& source) {
  io::check_sizes(source.name, source.header.rows, source.header.columns);
  constexpr Index most_columns = std::numeric_limits<ColumnIndex>::max();
  if (source.header.sparse && source.header.columns > most_columns) {
    throw BadData(fmt::format("{}: has {} columns, but a sparse matrix may have {} at most; transpose it",
                              source.name, source.header.columns, most_columns));
  }
}

/// Whether V will be held in compressed rows.
bool stays_sparse(const MatrixHeader& header, const LoadOptions& options) {
  return header.sparse && options.add == 0;
}

EntryStream* stream_of(Source& source) {
  auto* const stream = std::get_if<std::unique_ptr<EntryStream>>(&source.reader);
  return stream == nullptr ? nullptr : stream->get();
}
EntryPieces* pieces_of(Source& source) {
  EntryStream* const stream = stream_of(source);
  return stream == nullptr ? nullptr : stream->pieces();
}

/// What the root opened, opened again on another rank. Does not communicate.
Source open_beside_root(const Comm& comm, const std::string& path, const Source& of_root,
                        const LoadOptions& options) {
  const auto unshared = [&](const std::string& what) {
    return SystemError(fmt::format("{}: rank {} on {} {}; put it on a file system that all hosts share", path,
                                   comm.rank(), host_name(), what));
  };
  Source own;
  try {
    own = io::open_source(path, options);
  } catch (const SystemError& error) {
    throw unshared(fmt::format("cannot open it, although rank 0 can ({})", error.what()));
  }
  const MatrixHeader &a = own.header, &b = of_root.header;
  if (a.rows != b.rows || a.columns != b.columns || a.stored != b.stored) {
    throw unshared("sees another file than rank 0");
  }
  return own;
}

/// Opens a source on every rank that will read. Collective.
Source open_on_all(const Comm& comm, const std::string& path, const LoadOptions& options) {
  Source source;
  comm.meet_on_root([&] {
    source = io::open_source(path, options);
    check_header(source);
  });
  const EntryStream* const stream = stream_of(source);
  bool root_reads_alone = stream != nullptr && pieces_of(source) == nullptr;
  comm.broadcast_value(root_reads_alone);
  comm.broadcast_value(source.header);
  comm.broadcast(source.name);
  if (root_reads_alone) {
    if (!comm.is_root()) source.reader = std::unique_ptr<EntryStream>();
    return source;
  }
  comm.meet([&] {
    if (!comm.is_root()) source = open_beside_root(comm, path, source, options);
  });
  return source;
}

/// The root walks over its stream, and every rank is given every batch. Collective; faults of the stream and of
/// `take` meet at the end, so that nobody waits for a batch that never comes.
template <class Take>
void broadcast_entries(const Comm& comm, EntryStream* stream, const Take& take) {
  constexpr Index end_of_stream = -1;
  std::optional<Error> fault;
  const auto note = [&](const auto& work) {
    try {
      Comm::self().meet(work);  // whatever flies becomes an Error
    } catch (const Error& error) {
      fault = error;
    }
  };
  std::vector<Entry> batch;
  const auto share = [&](Index count) {
    comm.broadcast_value(count);
    batch.resize(static_cast<std::size_t>(std::max<Index>(count, 0)));
    comm.broadcast(std::span(batch));
    if (count > 0 && !fault) note([&] { take(Batch(batch)); });
    return count != end_of_stream;
  };
  if (comm.is_root()) {
    note([&] {
      stream->read_all([&](Batch entries) {
        batch.assign(entries.begin(), entries.end());
        share(static_cast<Index>(entries.size()));
      });
    });
    share(end_of_stream);
  } else {
    while (share(0)) {
    }
  }
  comm.require_all(fault);
}

/// What comes as a stream, if it does: `take` is given the entries of this rank's rows, and perhaps others.
void read_entries(const Comm& comm, Source& source, const Partition& owners, const io::TakeEntries& take) {
  if (EntryPieces* pieces = pieces_of(source)) {
    io::exchange_entries(comm, *pieces, io::OfEntries::all, owners, take);
  } else if (std::holds_alternative<std::unique_ptr<EntryStream>>(source.reader)) {
    broadcast_entries(comm, stream_of(source), take);
  }
}

}  // namespace

Index io::dense_rows_at_once(Index rows, Index columns) {
  // elements: 1 MiB, as a file is read, to 32 MiB, for long runs where a large file lies in columns
  constexpr Index least = Index{1} << 17, most = Index{1} << 22, share = 16;
  const Index piece = std::clamp(rows / share * columns, least, most);
  return std::clamp<Index>(piece / columns, 1, std::max<Index>(rows, 1));
}

double io::loading_bytes(const MatrixHeader& header, Index rows) {
  if (header.sparse) return header.reader_bytes + plain_bytes<Index>(rows, 1);
  return header.reader_bytes + plain_bytes<double>(dense_rows_at_once(rows, header.columns), header.columns);
}

namespace {

template <class T>
void read_dense(DenseRows& reader, io::EntryCheck<T>& check, Index first, Matrix<T>& rows) {
  const Index columns = rows.columns();
  const Index at_once = io::dense_rows_at_once(rows.rows(), columns);
  std::vector<double> buffer(static_cast<std::size_t>(at_once * columns));
  for (Index i = 0; i < rows.rows(); i += at_once) {
    const Index count = std::min(at_once, rows.rows() - i);
    reader.read(first + i, count, buffer.data());
    const double* next = buffer.data();
    for (Index r = i; r < i + count; ++r) {
      for (Index j = 0; j < columns; ++j) rows.row(r)[j] = check(*next++, first + r, j);
    }
  }
}

/// Every entry of rows whose first is `first`, checked once more and with what the options add.
template <class T>
void add_to_all(Matrix<T>& rows, Index first, io::EntryCheck<T> check) {
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index j = 0; j < rows.columns(); ++j) {
      rows(i, j) = check(static_cast<double>(rows(i, j)), first + i, j);
    }
  }
}

template <class T>
DataMatrix<T> load_dense(const Comm& comm, Source source, const LoadOptions& options) {
  const Index m = source.header.rows, n = source.header.columns;
  const Partition partition =
      Partition::by_rows(m, Partition::panel_height_for(m, n, static_cast<Index>(sizeof(T))), comm.size());
  const Index first = partition.begin(comm.rank()), last = partition.end(comm.rank());
  LoadOptions of_entries = options;
  if (source.header.sparse) of_entries.add = 0;  // until the entries of one place are summed
  io::EntryCheck<T> check(source.name, of_entries);
  Matrix<T> rows;
  const auto take = [&](Batch entries) {
    for (const Entry& e : entries) {
      if (e.row >= first && e.row < last) rows(e.row - first, e.column) += check(e.value, e.row, e.column);
    }
  };
  comm.meet([&] {
    rows = Matrix<T>(last - first, n);
    if (auto* reader = std::get_if<std::unique_ptr<DenseRows>>(&source.reader)) {
      read_dense(**reader, check, first, rows);
    }
    auto* sparse = std::get_if<std::unique_ptr<SparseRows>>(&source.reader);
    if (sparse != nullptr && last > first) (*sparse)->read(first, last - first, take);
  });
  read_entries(comm, source, partition, take);
  source.reader = std::unique_ptr<DenseRows>();
  if (source.header.sparse) comm.meet([&] { add_to_all(rows, first, io::EntryCheck<T>(source.name, options)); });
  auto v = DataMatrix<T>::from_partition(comm, partition, std::move(rows), source.name);
  v.set_clipped(comm.sum(check.clipped()));
  return v;
}

/// Every rank counts a share of the rows.
RowPlan plan_rows(const Comm& comm, SparseRows& reader, Index m, Index height, Index components) {
  RowPlan plan;
  std::vector<double> weights;
  comm.meet([&] {
    weights.resize(static_cast<std::size_t>((m + height - 1) / height));
    const Partition shares = Partition::by_rows(m, height, comm.size());
    std::vector<Index> lengths(static_cast<std::size_t>(shares.rows(comm.rank())));
    reader.lengths(shares.begin(comm.rank()), lengths);
    const std::vector<double> own = io::panel_weights(lengths, height, components);
    std::copy(own.begin(), own.end(), weights.begin() + (shares.begin(comm.rank()) + height - 1) / height);
  });
  comm.sum(weights);
  plan.partition = Partition::by_weight(m, height, weights, comm.size());
  comm.meet([&] {
    plan.lengths.resize(static_cast<std::size_t>(plan.partition.rows(comm.rank())));
    reader.lengths(plan.partition.begin(comm.rank()), plan.lengths);
  });
  return plan;
}

/// The root counts all rows and deals the counts out.
RowPlan plan_stream(const Comm& comm, EntryStream* stream, Index m, Index height, Index components) {
  RowPlan plan;
  std::vector<Index> all;
  std::vector<double> weights;
  comm.meet([&] {
    weights.resize(static_cast<std::size_t>((m + height - 1) / height));
    if (!comm.is_root()) return;
    all.resize(static_cast<std::size_t>(m));
    stream->read_all([&](Batch entries) {
      for (const Entry& e : entries) ++all[static_cast<std::size_t>(e.row)];
    });
    weights = io::panel_weights(all, height, components);
  });
  comm.broadcast(std::span(weights));
  plan.partition = Partition::by_weight(m, height, weights, comm.size());
  std::vector<Index> counts;
  for (int r = 0; r < comm.size(); ++r) counts.push_back(plan.partition.rows(r));
  comm.meet([&] { plan.lengths.resize(static_cast<std::size_t>(plan.partition.rows(comm.rank()))); });
  comm.scatter(all, counts, plan.lengths);
  return plan;
}

RowPlan plan_of(const Comm& comm, Source& source, Index m, Index height, Index components) {
  if (auto* reader = std::get_if<std::unique_ptr<SparseRows>>(&source.reader)) {
    return plan_rows(comm, **reader, m, height, components);
  }
  EntryPieces* const pieces = pieces_of(source);
  return pieces != nullptr ? io::plan_pieces(comm, *pieces, m, height, components)
                           : plan_stream(comm, stream_of(source), m, height, components);
}

template <class T>
DataMatrix<T> load_sparse(const Comm& comm, Source source, const LoadOptions& options) {
  const Index m = source.header.rows, n = source.header.columns;
  const Index height = Partition::panel_height_for(m, n, static_cast<Index>(sizeof(T)));
  auto* reader = std::get_if<std::unique_ptr<SparseRows>>(&source.reader);
  RowPlan plan = plan_of(comm, source, m, height, options.components);
  const Index first = plan.partition.begin(comm.rank()), count = plan.partition.rows(comm.rank());
  std::optional<io::CsrBuilder<T>> builder;
  comm.meet([&] {
    builder.emplace(source.name, first, n, std::move(plan.lengths), options);
    if (reader != nullptr) (*reader)->read(first, count, [&](Batch entries) { builder->add(entries); });
  });
  read_entries(comm, source, plan.partition, [&](Batch entries) { builder->add(entries); });
  CsrRows<T> rows;
  comm.meet([&] { rows = builder->finish(); });
  source.reader = std::unique_ptr<SparseRows>();
  auto v = DataMatrix<T>::from_partition(comm, std::move(plan.partition), std::move(rows), source.name);
  v.set_clipped(comm.sum(builder->clipped()));
  return v;
}

}  // namespace

template <class T>
DataMatrix<T> load(const Comm& comm, const std::string& path, const LoadOptions& options) {
  Source source = open_on_all(comm, path, options);
  return stays_sparse(source.header, options) ? load_sparse<T>(comm, std::move(source), options)
                                              : load_dense<T>(comm, std::move(source), options);
}

template DataMatrix<float> load(const Comm&, const std::string&, const LoadOptions&);
template DataMatrix<double> load(const Comm&, const std::string&, const LoadOptions&);

MatrixHeader load_header(const Comm& comm, const std::string& path, const LoadOptions& options) {
  MatrixHeader header;
  comm.meet_on_root([&] {
    const Source source = io::open_source(path, options);
    check_header(source);
    header = source.header;
    header.sparse = stays_sparse(source.header, options);
    if (!header.sparse) header.stored = header.rows * header.columns;
  });
  comm.broadcast_value(header);
  return header;
}

}  // namespace mpinmf
