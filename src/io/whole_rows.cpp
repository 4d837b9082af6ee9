#include "whole_rows.hpp"

#include <algorithm>
#include <numeric>

#include "csr_builder.hpp"
#include "machine/scratch_file.hpp"
#include "stream_rows.hpp"

namespace mpinmf::io {
namespace {

/// Numbers of a dense matrix that are read at once: 8 MiB, or a row.
constexpr Index numbers_at_once = Index{1} << 20;

Index rows_at_once(Index columns) {
  return std::max<Index>(1, numbers_at_once / std::max<Index>(columns, 1));
}

/// Sorts by column and sums what has the same place, as tidy_row does. Returns how many numbers were added to
/// another.
Index tidy(RowEntries& row, bool keeps_zeros) {
  Index summed = 0;
  const auto is_before = [](const auto& a, const auto& b) { return a.first < b.first; };
  const auto is_same = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (!std::is_sorted(row.begin(), row.end(), is_before) ||
      std::adjacent_find(row.begin(), row.end(), is_same) != row.end()) {
    // so that the sum does not depend on who read which of them; NaN first, whatever else is in its place
    std::sort(row.begin(), row.end(), [](const auto& a, const auto& b) {
      if (a.first != b.first) return a.first < b.first;
      return a.second < b.second || (a.second != a.second && b.second == b.second);
    });
    auto to = row.begin();
    for (auto entry = row.begin(); entry != row.end();) {
      *to = *entry++;
      for (; !(to->second < 0) && entry != row.end() && entry->first == to->first; ++entry) {
        if (to->second > 0 && entry->second > 0) ++summed;
        to->second += entry->second;
      }
      ++to;
    }
    row.erase(to, row.end());
  }
  if (!keeps_zeros) std::erase_if(row, [](const auto& entry) { return entry.second == 0; });
  return summed;
}

}  // namespace

RowWalk::RowWalk(Reader& raw, const MatrixHeader& header, const Prepared& prepared, EntryCheck<double>& check)
    : raw_(raw), columns_(header.columns), prepared_(prepared), check_(check), known_(check.known()) {}

double RowWalk::bytes(const MatrixHeader& header) {
  return header.sparse ? 0 : plain_bytes<double>(rows_at_once(header.columns), header.columns);
}

void RowWalk::walk(Index first, Index last, const TakeWholeRow& take) {
  if (auto* dense = std::get_if<std::unique_ptr<DenseRows>>(&raw_)) return walk_dense(**dense, first, last, take);
  walk_sparse(*std::get<std::unique_ptr<SparseRows>>(raw_), first, last, take);
}

void RowWalk::walk_dense(DenseRows& rows, Index first, Index last, const TakeWholeRow& take) {
  const Index height = rows_at_once(columns_);
  for (Index begin = first; begin < last; begin += height) {
    const Index count = std::min(height, last - begin);
    buffer_.resize(static_cast<std::size_t>(count * columns_));
    rows.read(begin, count, buffer_.data());
    for (Index i = 0; i < count; ++i) {
      const Index row = begin + i;
      if (!prepared_.rows.has(row)) continue;
      row_.clear();
      const double* const values = buffer_.data() + i * columns_;
      for (Index j = 0; j < columns_; ++j) {
        if (values[j] == 0 || !prepared_.selected.has(j)) continue;
        known_(values[j], row, j);
        row_.emplace_back(j, values[j]);
      }
      take(row, row_, columns_);
    }
  }
}

void RowWalk::walk_sparse(SparseRows& rows, Index first, Index last, const TakeWholeRow& take) {
  Index row = first;
  row_.clear();
  stored_ = 0;
  rows.read(first, last - first, [&](std::span<const Entry> entries) {
    for (const Entry& entry : entries) {
      while (row < entry.row) finish_sparse(row++, take);
      ++stored_;
      if (!prepared_.selected.has(entry.column) || !prepared_.rows.has(row)) continue;
      check_(entry.value, entry.row, entry.column);
      row_.emplace_back(entry.column, entry.value);
    }
  });
  while (row < last) finish_sparse(row++, take);
}

void RowWalk::finish_sparse(Index row, const TakeWholeRow& take) {
  if (prepared_.rows.has(row)) {
    summed_ += tidy(row_, check_.keeps_zeros());
    if (check_.defers()) {
      for (const auto& [column, value] : row_) known_(value, row, column);
    }
    take(row, row_, stored_);
  }
  row_.clear();
  stored_ = 0;
}

void OwnRows::walk(const TakeRow& take) {
  const OwnCsr<double> own = rows.own();
  RowEntries row;
  Index let_go_from = 0;
  for (Index i = 0; i < own.rows(); ++i) {
    row.clear();
    const Index end = own.offsets[static_cast<std::size_t>(i) + 1];
    for (Index at = own.offsets[static_cast<std::size_t>(i)]; at < end; ++at)
      row.emplace_back(own.indices[static_cast<std::size_t>(at)], own.values[static_cast<std::size_t>(at)]);
    take(first + i, row);
    if (end - own.offsets[static_cast<std::size_t>(let_go_from)] < numbers_at_once) continue;
    own.let_go(let_go_from, i + 1 - let_go_from);
    let_go_from = i + 1;
  }
}

void OwnRows::change(const TakeRow& change) {
  const OwnCsr<double> own = rows.own();
  std::vector<Index> offsets;
  offsets.reserve(own.offsets.size());
  offsets.push_back(0);
  walk([&](Index row, RowEntries& entries) {
    change(row, entries);
    auto to = static_cast<std::size_t>(offsets.back());  // in their place, never beyond it
    for (const auto& [column, value] : entries) {
      own.indices[to] = static_cast<ColumnIndex>(column);
      own.values[to++] = value;
    }
    offsets.push_back(static_cast<Index>(to));
  });
  if (rows.placed) {
    rows.placed->take_offsets(std::move(offsets));
  } else {
    rows.plain.offsets = std::move(offsets);
  }
}

namespace {

/// Where rows that take so many bytes on this rank are put together.
Storage place_of_rows(const Comm& comm, double bytes, const LoadOptions& options) {
  if (options.storage == Storage::disk || !options.scratch_for_preparation) return options.storage;
  const bool is_much = bytes > share_of_memory(comm);
  return is_much && !machine::lies_in_memory(machine::scratch_folder(options.scratch).path) ? Storage::disk
                                                                                            : Storage::memory;
}

}  // namespace

OwnRows put_together(const Comm& comm, Source& source, const LoadOptions& options) {
  const Index m = source.header.rows, n = source.header.columns;
  RowPlan plan = plan_rows(comm, source, Partition::panel_height_for(m, n, sizeof(double)), options.components);
  OwnRows own;
  own.first = plan.partition.begin(comm.rank());
  LoadOptions of_entries = options;
  of_entries.add = 0;
  of_entries.storage_type = StorageType::automatic;
  const auto stored = static_cast<double>(std::accumulate(plan.lengths.begin(), plan.lengths.end(), Index{0}));
  const double bytes = stored * (sizeof(double) + sizeof(ColumnIndex));
  std::optional<CsrBuilder<double>> builder;
  comm.meet([&] {
    of_entries.storage = place_of_rows(comm, bytes, options);
    builder.emplace(source.name, own.first, n, std::move(plan.lengths), of_entries);
  });
  add_stream(comm, source, plan, of_entries, *builder);
  comm.meet([&] { own.rows = builder->finish(); });
  own.clipped = builder->clipped();
  own.summed = builder->summed();
  return own;
}

}  // namespace mpinmf::io
