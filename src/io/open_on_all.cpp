#include "open_on_all.hpp"

#include <fmt/format.h>

#include <limits>

#include "checksum.hpp"
#include "format.hpp"
#include "masked_source.hpp"
#include "mpinmf/row_panel.hpp"
#include "npy_file.hpp"
#include "prepared_source.hpp"

namespace mpinmf::io {
namespace {

/// As far as that goes without the other ranks.
Source open_uncounted(const std::string& path, const LoadOptions& options) {
  Source source = open_source(formats(), path, options);
  if (!source.is_counted) return source;
  source = prepared_as(std::move(source), options);
  check_header(source);
  return source;
}

/// Each rank counts a piece. Collective.
void count_together(const Comm& comm, Source& source) {
  EntryPieces& pieces = *stream_of(source)->pieces();
  std::vector<Index> own;
  comm.meet([&] { own = pieces.count(comm.rank(), comm.size()); });
  std::vector<std::vector<Index>> all(static_cast<std::size_t>(comm.size()));
  for (const Index number : own) {
    const std::vector<Index> of_ranks = comm.gather(number);
    for (std::size_t r = 0; r < all.size(); ++r) all[r].push_back(of_ranks[r]);
  }
  comm.meet([&] { pieces.take_counts(all, source.header); });
  source.is_counted = true;
}

std::uint64_t sample_of(const std::string& path) {
  return checksum_of_sample(locate(path).file);
}

/// What the root opened, opened again on another rank. Does not communicate.
Source open_beside_root(const Comm& comm, const std::string& path, const Source& of_root, std::uint64_t sample,
                        const LoadOptions& options) {
  const auto unshared = [&](const std::string& what) {
    return SystemError(fmt::format("{}: rank {} on {} {}; put it on a file system that all hosts share", path,
                                   comm.rank(), host_name(), what));
  };
  Source own;
  std::uint64_t own_sample = 0;
  try {
    own = open_uncounted(path, options);
    own_sample = sample_of(path);
  } catch (const SystemError& error) {
    throw unshared(fmt::format("cannot open it, although rank 0 can ({})", error.what()));
  }
  const MatrixHeader &a = own.header, &b = of_root.header;
  if (a.rows != b.rows || a.columns != b.columns || a.stored != b.stored || own_sample != sample) {
    throw unshared("sees another file than rank 0");
  }
  return own;
}

}  // namespace

void require_sparse_columns(const std::string& matrix, Index columns) {
  constexpr Index most_columns = std::numeric_limits<ColumnIndex>::max();
  if (columns <= most_columns) return;
  throw BadData(fmt::format("{}: has {} columns, but a sparse matrix may have {} at most; transpose it", matrix,
                            columns, most_columns));
}

void check_header(const Source& source) {
  check_sizes(source.name, source.header.rows, source.header.columns);
  if (source.header.sparse) require_sparse_columns(source.name, source.header.columns);
}

EntryStream* stream_of(Source& source) {
  auto* const stream = std::get_if<std::unique_ptr<EntryStream>>(&source.reader);
  return stream == nullptr ? nullptr : stream->get();
}

namespace {

Source open_unmasked(const Comm& comm, const std::string& path, const LoadOptions& options) {
  Source source;
  std::uint64_t sample = 0;  // so that hosts that see another file notice
  comm.meet_on_root([&] {
    source = open_uncounted(path, options);
    sample = sample_of(path);
  });
  EntryStream* const stream = stream_of(source);
  bool root_reads_alone = stream != nullptr && stream->pieces() == nullptr;
  comm.broadcast_value(root_reads_alone);
  comm.broadcast_value(source.header);
  comm.broadcast(source.name);
  comm.broadcast_value(sample);
  if (root_reads_alone) {
    if (!comm.is_root()) source.reader = std::unique_ptr<EntryStream>();
    return source;
  }
  comm.meet([&] {
    if (!comm.is_root()) source = open_beside_root(comm, path, source, sample, options);
  });
  if (source.is_counted) return source;
  count_together(comm, source);
  comm.meet([&] {
    source = prepared_as(std::move(source), options);
    check_header(source);
  });
  return source;
}

Source open_masked(const Comm& comm, const std::string& path, const LoadOptions& options, MaskUse use) {
  LoadOptions of_raw = options;
  of_raw.prepared = {};
  Source source = with_mask(comm, open_unmasked(comm, path, of_raw), options, use);
  comm.meet([&] {
    source = prepared_as(std::move(source), options);
    check_header(source);
  });
  return source;
}

}  // namespace

Source open_on_all(const Comm& comm, const std::string& path, const LoadOptions& options) {
  return options.mask.empty() ? open_unmasked(comm, path, options)
                              : open_masked(comm, path, options, MaskUse::entries);
}

MatrixHeader header_on_all(const Comm& comm, const std::string& path, const LoadOptions& options) {
  if (!options.mask.empty()) return open_masked(comm, path, options, MaskUse::header).header;
  MatrixHeader header;
  bool is_counted = true;
  comm.meet_on_root([&] {
    const Source source = open_uncounted(path, options);
    header = source.header;
    is_counted = source.is_counted;
  });
  comm.broadcast_value(header);
  comm.broadcast_value(is_counted);
  return is_counted ? header : open_on_all(comm, path, options).header;
}

}  // namespace mpinmf::io
