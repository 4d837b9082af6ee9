// A matrix outside memory: the ways in which formats and generators hand out entries.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "mpinmf/load.hpp"
#include "names.hpp"

namespace mpinmf::io {

/// One stored entry; row and column count from 0.
struct Entry {
  Index row, column;
  double value;
};

/// Any rank can read any rows by itself (a .npy on disk, a dense generator).
class DenseRows {
 public:
  virtual ~DenseRows() = default;
  /// Rows first .. first + count - 1, row-major, count x columns numbers. Does not communicate.
  virtual void read(Index first, Index count, double* out) = 0;
};

/// The same for compressed rows (a CSR folder, a sparse generator).
class SparseRows {
 public:
  virtual ~SparseRows() = default;
  /// lengths[i] = stored entries of row first + i.
  virtual void lengths(Index first, std::span<Index> lengths) = 0;
  /// Entries of rows first .. first + count - 1, row by row, in batches of bounded size.
  virtual void read(Index first, Index count, const std::function<void(std::span<const Entry>)>& take) = 0;
  /// How many entries the last call of that has added to another in the same place by itself.
  virtual Index summed() const { return 0; }
};

using TakeEntries = std::function<void(std::span<const Entry>)>;

class EntryPieces;

/// Entries come in file order and only one after the other (anything gzip'd): one rank reads.
class EntryStream {
 public:
  virtual ~EntryStream() = default;
  /// All entries from the beginning, in batches of bounded size. May be called again.
  virtual void read_all(const TakeEntries& take) = 0;
  /// The same in pieces; null where it has none.
  virtual EntryPieces* pieces() { return nullptr; }
};

/// Any rank can read any piece by itself, but what is in it may lie in any row (plain Matrix Market, compressed
/// columns).
class EntryPieces : public EntryStream {
 public:
  /// Each entry is in exactly one of the pieces 0 .. parts - 1. In batches of bounded size. May be called again.
  /// Does not communicate.
  virtual void read(int part, int parts, const TakeEntries& take) = 0;
  /// The same for those who only count: values may be anything, columns too, and not every fault is found.
  virtual void read_places(int part, int parts, const TakeEntries& take) { read(part, parts, take); }
  /// How many entries the last call of these has found and kept for itself, as nobody wants them, less those that
  /// it has made up (mirror images).
  virtual Index left_out() const { return 0; }
  /// Throws BadData unless all pieces together have as many entries, with those left out, as were promised.
  virtual void require_total(Index found) = 0;
  EntryPieces* pieces() override { return this; }

  /// Of a text of which nobody knows how large the matrix is before all has been looked at: what piece `part` of
  /// `parts` has. Does not communicate.
  virtual std::vector<Index> count(int /*part*/, int /*parts*/) { return {}; }
  /// What count has found in all pieces, in their order; `header` then is the matrix's. Throws BadData.
  virtual void take_counts(std::span<const std::vector<Index>> /*of_pieces*/, MatrixHeader& /*header*/) {}
};

/// Where piece `part` of `parts` begins among so many bytes or entries, without overflow.
constexpr Index piece_begin(Index all, int part, int parts) {
  return all / parts * part + all % parts * part / parts;
}

using Reader = std::variant<std::unique_ptr<DenseRows>, std::unique_ptr<SparseRows>, std::unique_ptr<EntryStream>>;

/// What rows and columns are called; empty where the file does not say.
struct Labels {
  NameReader rows, columns;
};

/// An opened matrix: its header and labels (already transposed where asked for) and the way to its entries.
struct Source {
  std::string name;  ///< for messages
  MatrixHeader header;
  Reader reader;
  Labels labels = {};
  bool is_summed = false;  ///< a stream of which no place has two entries
  /// Whether rows, columns and entries are known. If not: once its pieces have been counted.
  bool is_counted = true;
  Index clipped = 0;  ///< negative entries that this rank has taken as 0 already
  Index summed = 0;   ///< entries that it has added to another in the same place
};

/// Bytes that load holds beside so many rows of V and what is known of them: of the reader, of a sparse V each
/// row's number of entries, of a dense one the rows on their way.
double loading_bytes(const MatrixHeader& header, Index rows);

/// How many of a rank's dense rows are read at once, as doubles, on their way into its part of V: a sixteenth,
/// within bounds.
Index dense_rows_at_once(Index rows, Index columns);

/// Recognises the format by content (or the generator by its name) and reads the header. Entries come as they are:
/// of the options, what is added and what is clipped are for EntryCheck. Does not communicate. Throws SystemError,
/// BadData, UsageError (also for a place in a file whose format has none).
Source open_source(const std::string& name, const LoadOptions& options);

/// The same for those who want labels and nothing else: nothing is counted, and the header is not to be believed.
Source open_for_labels(const std::string& name, const LoadOptions& options);

}  // namespace mpinmf::io
