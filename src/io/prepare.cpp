#include "prepare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "column_statistics.hpp"
#include "open_on_all.hpp"
#include "overdispersed.hpp"
#include "walk_rows.hpp"

namespace mpinmf {
namespace io {
namespace {

/// A range travels as two numbers, other subsets as a list.
void broadcast_subset(const Comm& comm, Subset& subset) {
  Index all = subset.all(), count = subset.count();
  comm.broadcast_value(all);
  comm.broadcast_value(count);
  std::vector<Index> ends = {count > 0 ? subset.number_at(0) : 0, count > 0 ? subset.number_at(count - 1) + 1 : 0};
  comm.broadcast(std::span(ends));
  if (ends[1] - ends[0] == count) {
    subset = Subset(all, ends[0], ends[1]);
    return;
  }
  std::vector<Index> numbers(static_cast<std::size_t>(count));
  if (comm.is_root()) numbers = subset.numbers();
  comm.broadcast(std::span(numbers));
  comm.meet([&] { subset = Subset::of(all, numbers); });
}

/// What this rank finds in its share of the rows.
class Statistics {
 public:
  Statistics(const Prepared& prepared, Index columns, Absent absent)
      : prepared_(prepared),
        columns_(prepared.needs_statistics_of_columns() ? columns : 0, absent),
        tpm_(prepared.refuses_empty_rows() ? columns : 0, absent),
        words_(static_cast<std::size_t>(prepared.leaves_out_rows() ? (prepared.rows.all() + 63) / 64 : 0)) {}

  /// By its number in the file.
  void add(Index row, RowEntries& entries) {
    if (!words_.empty()) {
      if (sum_of(entries) < prepared_.asked.min_row_sum) return;
      words_[static_cast<std::size_t>(row / 64)] |= Index{1} << (row % 64);
    }
    if (!prepared_.needs_statistics_of_columns()) return;
    if (prepared_.refuses_empty_rows()) {
      RowEntries scaled = entries;
      scale_row(scaled, factor_of_row(scaled, RowNorm::sum, tpm_sum));
      tpm_.add(scaled);
    }
    work_on(prepared_, entries, row);
    columns_.add(entries);
  }

  /// Collective.
  void meet(const Comm& comm) {
    comm.sum(std::span(words_));  // no bit is two ranks'
    columns_.meet(comm);
    tpm_.meet(comm);
  }
  Subset rows() const {
    if (words_.empty()) return prepared_.rows;
    return {prepared_.rows.all(), std::vector<std::uint64_t>(words_.begin(), words_.end())};
  }
  const ColumnStatistics& columns() const { return columns_; }
  /// Of rows that sum up to tpm_sum; none where columns are not chosen by these.
  const ColumnStatistics& columns_of_tpm() const { return tpm_; }

 private:
  const Prepared& prepared_;
  ColumnStatistics columns_, tpm_;
  std::vector<Index> words_;
};

/// Which columns are kept, and their scales. Throws BadData where none are.
void choose(const Statistics& found, const std::string& name, Prepared& prepared) {
  const ColumnStatistics& statistics = found.columns();
  const Preparation& asked = prepared.asked;
  const auto require_some = [&](Index least) {
    if (prepared.columns.count() >= least) return;
    throw BadData(fmt::format("{}: {} columns are left, but {} are wanted ({})", name, prepared.columns.count(),
                              least, asked.options().substr(1)));
  };
  std::vector<Index> kept;
  for (const Index j : prepared.selected.numbers()) {
    if (statistics.count(j) >= asked.min_column_count) kept.push_back(j);
  }
  if (static_cast<Index>(kept.size()) < prepared.selected.count())
    prepared.columns = Subset::of(prepared.selected.all(), kept);
  const ColumnChoice choice = column_choice(asked);
  require_some(std::max<Index>(choice.count, 1));
  if (choice.by == ColumnChoice::By::variance)
    prepared.columns = of_top_variance(statistics, prepared.columns, choice.count);
  if (choice.by == ColumnChoice::By::overdispersion) {
    prepared.columns = overdispersed(found.columns_of_tpm(), prepared.columns, choice.count);
    if (choice.count == 0 && prepared.columns.count() == 0) {
      throw BadData(name +
                    ": no column is overdispersed by cNMF's threshold; say how many to take: --columns "
                    "overdispersed:2000");
    }
    require_some(std::max<Index>(choice.count, 1));
  }
  prepared.stored = 0;
  for (const Index j : prepared.columns.numbers()) {
    prepared.stored += statistics.stored(j);
    if (!asked.scale_columns.empty()) prepared.column_scales.push_back(statistics.scale(asked.scale_columns, j));
  }
}

/// Reads V once. Collective.
void measure(const Comm& comm, const std::string& path, const LoadOptions& raw_options, Prepared& prepared) {
  Source raw = open_on_all(comm, path, raw_options);
  const std::string name = raw.name;
  std::optional<Statistics> statistics;
  const Absent absent = raw_options.missing == Missing::zeros ? Absent::unknown : Absent::zero;
  comm.meet([&] { statistics.emplace(prepared, prepared.selected.all(), absent); });
  walk_whole_rows(comm, std::move(raw), std::make_shared<const Prepared>(prepared), raw_options,
                  [&](Index row, RowEntries& entries, Index) { statistics->add(row, entries); });
  statistics->meet(comm);
  comm.meet([&] {
    Subset rows = statistics->rows();
    if (rows.count() == 0) {
      throw BadData(fmt::format("{}: no row is left: the sum of each is below --min-row-sum {}", name,
                                prepared.asked.min_row_sum));
    }
    if (prepared.needs_statistics_of_columns()) choose(*statistics, name, prepared);
    prepared.rows = std::move(rows);
  });
}

/// What the root has selected goes to the others.
void broadcast(const Comm& comm, Prepared& prepared) {
  Preparation& asked = prepared.asked;
  for (std::string* text : {&asked.rows, &asked.columns, &asked.scale_rows, &asked.scale_columns})
    comm.broadcast(*text);
  comm.broadcast_value(asked.min_row_sum);
  comm.broadcast_value(asked.log1p);
  comm.broadcast_value(asked.min_column_count);
  comm.broadcast_value(prepared.has_columns);
  comm.broadcast_value(prepared.row_norm);
  comm.broadcast_value(prepared.row_target);
  for (Subset* subset : {&prepared.rows, &prepared.selected, &prepared.columns}) broadcast_subset(comm, *subset);
  auto scales = static_cast<Index>(prepared.column_scales.size());
  comm.broadcast_value(scales);
  comm.meet([&] { prepared.column_scales.resize(static_cast<std::size_t>(scales)); });
  comm.broadcast(std::span(prepared.column_scales));
}

}  // namespace

std::shared_ptr<const Prepared> prepare_with(const Comm& comm, const std::string& path, const LoadOptions& options,
                                             const std::function<Prepared(const Source& raw)>& select) {
  LoadOptions raw_options = options;
  raw_options.preparation = {};
  raw_options.prepared = {};
  auto prepared = std::make_shared<Prepared>();
  comm.meet_on_root([&] { options.preparation.check(); });
  LoadOptions all_known = raw_options;
  all_known.mask.clear();  // what is selected does not depend on it
  const Source raw = open_on_all(comm, path, all_known);
  comm.meet_on_root([&] { *prepared = select(raw); });
  broadcast(comm, *prepared);
  if (prepared->needs_statistics()) measure(comm, path, raw_options, *prepared);
  return prepared;
}

std::shared_ptr<const Prepared> prepared_as_rows_of(const Comm& comm, const std::string& path,
                                                    const LoadOptions& options) {
  if (!options.prepared || options.prepared->row_norm == RowNorm::none) return options.prepared;
  LoadOptions raw_options = options;
  raw_options.preparation = {};
  raw_options.prepared = {};
  auto prepared = std::make_shared<Prepared>(*options.prepared);
  std::vector<double>& factors = prepared->row_factors;
  comm.meet([&] { factors.resize(static_cast<std::size_t>(prepared->rows.all())); });
  walk_whole_rows(comm, open_on_all(comm, path, raw_options), options.prepared, raw_options,
                  [&](Index row, RowEntries& entries, Index) {
                    factors[static_cast<std::size_t>(row)] =
                        factor_of_row(entries, prepared->row_norm, prepared->row_target);
                  });
  comm.sum(std::span(factors));
  return prepared;
}

double bytes_of_row_factors(const std::shared_ptr<const Prepared>& prepared) {
  if (!prepared || prepared->row_norm == RowNorm::none) return 0;
  return plain_bytes<double>(prepared->rows.all(), 1);
}

}  // namespace io

std::shared_ptr<const io::Prepared> prepare(const Comm& comm, const std::string& path,
                                            const LoadOptions& options) {
  if (!options.preparation.is_any()) return {};
  return io::prepare_with(comm, path, options, [&](const io::Source& raw) {
    return io::select(options.preparation, raw.header, raw.labels.columns);
  });
}

}  // namespace mpinmf
