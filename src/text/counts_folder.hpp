// Counted documents become the files of a CSR folder.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "counted_rows.hpp"
#include "document_names.hpp"
#include "mpinmf/data_matrix.hpp"
#include "rising_columns.hpp"

namespace mpinmf::text {

/// The column of each term that is selected, told by its id.
class ColumnOfTerm {
 public:
  static constexpr ColumnIndex none = -1;

  /// Ids are columns.
  ColumnOfTerm() = default;
  /// Column j has the id ids[j]. 32 bytes a column at most.
  explicit ColumnOfTerm(const std::vector<std::uint64_t>& ids);

  ColumnIndex operator()(std::uint64_t id) const {
    if (slots_.empty()) return static_cast<ColumnIndex>(id);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = place_of(id) & mask;; at = (at + 1) & mask) {
      if (slots_[at].column == none || slots_[at].id == id) return slots_[at].column;
    }
  }

 private:
  struct Slot {
    std::uint64_t id;
    ColumnIndex column;
  };
  static std::size_t place_of(std::uint64_t id) {
    return static_cast<std::size_t>((id * 0x9e3779b97f4a7c15ULL) >> 32);  // Fibonacci hashing
  }

  std::vector<Slot> slots_;  // a power of two, half of them free at least
};

/// The documents of a rank, of which only what has a column is kept.
class SelectedRows {
 public:
  /// `folder` and `most_bytes` as in Spool. Throws SystemError.
  SelectedRows(const CountedRows& counted, const ColumnOfTerm& column_of, Index columns_global,
               const std::string& folder, Index most_bytes);

  std::vector<Index> ends;  ///< of each row: entries up to its end
  Index empty_rows = 0;
  Spool entries;  ///< column << 32 | count, 8 bytes each, in rising columns

 private:
  void add_row(SpoolReader& rows, const std::vector<ColumnIndex>& columns);

  std::vector<std::uint64_t> row_;  // the entries of a row
  RisingColumns rising_;
};

/// What becomes of the counts of a row, in rising columns.
using Weigh = std::function<void(std::span<const ColumnIndex> columns, std::span<double> values)>;

struct StoredCounts {
  Index entries = 0, empty_rows = 0;
};

/// Writes indptr.npy, indices.npy, data.npy and shape.npy: the rows of all ranks in rank order, columns rising, as
/// 64-bit floating point. Collective; throws SystemError.
StoredCounts write_counts(const Comm& comm, const SelectedRows& rows, Index columns, const Weigh& weigh,
                          const FilePlace& place);

}  // namespace mpinmf::text
