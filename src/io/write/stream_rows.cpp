#include "stream_rows.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "data/placed_rows.hpp"
#include "io/csr_builder.hpp"
#include "io/entry_check.hpp"
#include "io/entry_exchange.hpp"
#include "io/open_on_all.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io {
namespace {

/// Work space beside a file.
machine::ScratchFolder folder_of(const std::string& beside) {
  const std::string folder = std::filesystem::path(beside).parent_path().string();
  return {folder.empty() ? "." : folder, "free some space"};
}

template <class T>
class ScratchDenseRows final : public OutputRows {
 public:
  ScratchDenseRows(const std::string& beside, RowRange own, Index columns)
      : own_(own), columns_(columns), values_(folder_of(beside), own.count * columns) {}

  void add(std::span<const Entry> entries, EntryCheck<T>& check) {
    for (const Entry& e : entries) {
      values_[(e.row - own_.first) * columns_ + e.column] += check(e.value, e.row, e.column);
    }
  }
  void set_clipped(Index clipped) { clipped_ = clipped; }

  void each(const TakeOutputRow& take) override {
    std::vector<double> row(static_cast<std::size_t>(columns_));
    for (Index i = 0; i < own_.count; ++i) {
      const T* const from = values_.data() + i * columns_;
      std::copy(from, from + columns_, row.begin());
      take({own_.first + i, {}, row});
    }
  }
  Index clipped() const override { return clipped_; }

 private:
  RowRange own_;
  Index columns_, clipped_ = 0;
  PlacedArray<T> values_;
};

/// Compressed rows in the making, and made.
template <class T>
class ScratchSparseRows final : public OutputRows {
 public:
  ScratchSparseRows(const std::string& beside, const std::string& matrix, RowRange own)
      : folder_(folder_of(beside)),
        matrix_(matrix),
        own_(own),
        offsets_(folder_, own.count + 1),
        next_(folder_, own.count) {}

  void count(std::span<const Entry> entries) {
    for (const Entry& e : entries) ++offsets_[e.row - own_.first + 1];
  }
  void reserve() {
    for (Index i = 0; i < own_.count; ++i) {
      next_[i] = offsets_[i];
      offsets_[i + 1] += offsets_[i];
    }
    columns_ = {folder_, offsets_[own_.count]};
    values_ = {folder_, offsets_[own_.count]};
  }
  void add(std::span<const Entry> entries, EntryCheck<T>& check) {
    for (const Entry& e : entries) {
      const Index row = e.row - own_.first, at = next_[row]++;
      if (at >= offsets_[row + 1]) refuse_changed();
      columns_[at] = static_cast<ColumnIndex>(e.column);
      values_[at] = check(e.value, e.row, e.column);
    }
  }
  /// Rows are sorted, and what lies twice in one place is summed; next_ then holds where they end.
  void finish(EntryCheck<T> check) {
    clipped_ = check.clipped();
    std::vector<std::pair<ColumnIndex, T>> scratch;
    for (Index i = 0; i < own_.count; ++i) {
      if (next_[i] != offsets_[i + 1]) refuse_changed();
      ColumnIndex* const columns = columns_.data() + offsets_[i];
      T* const values = values_.data() + offsets_[i];
      const auto [kept, summed] =
          tidy_row(columns, values, offsets_[i + 1] - offsets_[i], columns, values, scratch);
      summed_ += summed;
      for (Index q = 0; q < kept; ++q) check(values[q], own_.first + i, columns[q]);  // a sum may be infinite
      next_[i] = offsets_[i] + kept;
    }
  }

  void each(const TakeOutputRow& take) override {
    std::vector<double> numbers;
    for (Index i = 0; i < own_.count; ++i) {
      const Index begin = offsets_[i], end = next_[i];
      numbers.assign(values_.data() + begin, values_.data() + end);
      take({own_.first + i, {columns_.data() + begin, numbers.size()}, numbers});
    }
  }
  Index clipped() const override { return clipped_; }
  Index summed() const override { return summed_; }

 private:
  [[noreturn]] void refuse_changed() const {
    throw BadData(matrix_ + ": changed while it was read; convert it again");
  }

  machine::ScratchFolder folder_;
  std::string matrix_;
  RowRange own_;
  PlacedArray<Index> offsets_, next_;
  PlacedArray<ColumnIndex> columns_;
  PlacedArray<T> values_;
  Index clipped_ = 0, summed_ = 0;
};

}  // namespace

template <class T>
std::unique_ptr<OutputRows> rows_of_stream(const Comm& comm, Source& source, const LoadOptions& options,
                                           const Partition& owners, const std::string& beside) {
  const RowRange own = {owners.begin(comm.rank()), owners.rows(comm.rank())};
  EntryStream* const stream = stream_of(source);
  EntryCheck<T> check(source.name, options);
  if (!source.header.sparse) {
    std::unique_ptr<ScratchDenseRows<T>> rows;
    comm.meet([&] { rows = std::make_unique<ScratchDenseRows<T>>(beside, own, source.header.columns); });
    exchange_entries(comm, stream, OfEntries::all, owners,
                     [&](std::span<const Entry> entries) { rows->add(entries, check); });
    rows->set_clipped(check.clipped());
    return rows;
  }
  std::unique_ptr<ScratchSparseRows<T>> rows;
  comm.meet([&] { rows = std::make_unique<ScratchSparseRows<T>>(beside, source.name, own); });
  exchange_entries(comm, stream, OfEntries::places, owners,
                   [&](std::span<const Entry> entries) { rows->count(entries); });
  comm.meet([&] { rows->reserve(); });
  exchange_entries(comm, stream, OfEntries::all, owners,
                   [&](std::span<const Entry> entries) { rows->add(entries, check); });
  comm.meet([&] { rows->finish(check); });
  return rows;
}

template std::unique_ptr<OutputRows> rows_of_stream<float>(const Comm&, Source&, const LoadOptions&,
                                                           const Partition&, const std::string&);
template std::unique_ptr<OutputRows> rows_of_stream<double>(const Comm&, Source&, const LoadOptions&,
                                                            const Partition&, const std::string&);

}  // namespace mpinmf::io
