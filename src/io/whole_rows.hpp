// Rows of a source one after the other, each whole: for statistics, and for what cannot be done entry by entry.
#pragma once

#include <functional>

#include "data/placed_rows.hpp"
#include "entry_check.hpp"
#include "preparation.hpp"

namespace mpinmf::io {

/// A row by its number in the file, its entries in selected columns, and how many entries are stored of it, in any
/// column.
using TakeWholeRow = std::function<void(Index row, RowEntries& entries, Index stored)>;

/// Reads rows of a source that has rows.
class RowWalk {
 public:
  /// `raw`: DenseRows or SparseRows. All outlive it.
  RowWalk(Reader& raw, const MatrixHeader& header, const Prepared& prepared, EntryCheck<double>& check);
  /// Those of first .. last - 1 that are kept, in bounded memory. Throws BadData. Does not communicate.
  void walk(Index first, Index last, const TakeWholeRow& take);
  /// Entries that walks have added to another in the same place.
  Index summed() const { return summed_; }
  static double bytes(const MatrixHeader& header);

 private:
  void walk_dense(DenseRows& rows, Index first, Index last, const TakeWholeRow& take);
  void walk_sparse(SparseRows& rows, Index first, Index last, const TakeWholeRow& take);
  void finish_sparse(Index row, const TakeWholeRow& take);

  Reader& raw_;
  Index columns_;
  const Prepared& prepared_;
  EntryCheck<double>& check_;
  EntryCheck<double> known_;  // of what is in a place, once it is known whether that counts
  RowEntries row_;
  Index stored_ = 0, summed_ = 0;
  std::vector<double> buffer_;
};

/// The rows of a stream that this rank owns, as they were put together.
struct OwnRows {
  /// A row by its number among those that are kept.
  using TakeRow = std::function<void(Index row, RowEntries& entries)>;

  Index first = 0;  ///< likewise
  CsrMemory<double> rows;
  Index clipped = 0;  ///< negative entries that were taken as 0
  Index summed = 0;   ///< entries that were added to another in the same place

  /// One after the other. What lies on disk leaves the memory behind them.
  void walk(const TakeRow& take);
  /// Likewise; `change` leaves as many entries or fewer.
  void change(const TakeRow& change);
};

/// `source`: a stream of the rows that are kept, numbered anew. Null on ranks that do not read. Rows lie on disk
/// where the options say so or allow it. Collective; throws what reading throws, on every rank.
OwnRows put_together(const Comm& comm, Source& source, const LoadOptions& options);

}  // namespace mpinmf::io
