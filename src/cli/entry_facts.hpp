// What `info` says of the entries of a matrix, of which it keeps none.
#pragma once

#include <limits>
#include <vector>

#include "io/entry_check.hpp"
#include "io/source.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf::cli {

/// What a rank has seen of the entries of a rows x columns matrix.
class EntryFacts {
 public:
  /// With `knows_zeros` what is not stored is 0, else it is not known.
  EntryFacts(Index rows, Index columns, const io::EntryCheck<double>& check, bool knows_zeros)
      : check_(check),
        knows_zeros_(knows_zeros),
        row_counts_(static_cast<std::size_t>(rows)),
        column_counts_(static_cast<std::size_t>(columns)) {}

  /// This rank's share of the entries, in bounded pieces; of a stream that has no pieces the root takes all.
  /// Throws BadData for an entry that fit refuses. Does not communicate.
  void read(const Comm& comm, io::Source& source);
  /// The same where entries of one place are put together first, so that those that another matrix says are
  /// unknown are seen as such alone. Collective.
  void read_whole_rows(const Comm& comm, io::Source& source, const LoadOptions& options);
  /// What all ranks have seen, together. Collective. Throws BadData where that is not all that was promised.
  void meet(const Comm& comm, io::Source& source);
  void print() const;
  /// In which all entries could be held as they are: uint8 or uint16; `automatic`: in none of these.
  StorageType narrowest() const;

 private:
  void read_dense(io::DenseRows& reader, Index first, Index last);
  void read_stream(const Comm& comm, io::EntryStream* stream, const io::TakeEntries& take_all);
  void take(Index row, Index column, double value);
  void note_duplicate(Index row, Index column);

  io::EntryCheck<double> check_;
  bool knows_zeros_;
  bool by_rows_ = false;    // the entries come row by row, so that those of one place are noticed
  bool any_order_ = false;  // those of one place are not noticed
  bool are_whole_ = true;   // numbers, as far as they were seen
  std::vector<Index> row_counts_, column_counts_;  // nonzeros
  std::vector<Index> last_rows_;                   // of each column, the row that it was last seen in
  Index duplicates_ = 0, clipped_ = 0, found_ = 0, known_ = 0, nan_ = 0;
  double minimum_ = std::numeric_limits<double>::infinity(), maximum_ = -minimum_;
};

}  // namespace mpinmf::cli
