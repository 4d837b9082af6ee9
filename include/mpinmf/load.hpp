// Matrices from files and generators.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// Where the rows of V are put.
enum class Storage {
  memory,
  disk,  ///< in files of a scratch folder, which every walk over V reads anew; they are gone with the process
};

/// What is said of a file that does not say it itself, or is not to be believed; as text, empty: nothing.
struct FileReading {
  std::string format = {};  ///< instead of the one that is recognised: "npy", "table", ... (mpinmf fit --help)
  /// Of 10x Genomics' matrices the features of this type alone: "Gene Expression", say.
  std::string feature_type = {};
  /// Between the numbers of a table: "tab", "semicolon", "comma", "blanks", or one character.
  std::string delimiter = {};
  std::string decimal = {};  ///< the decimal mark in a table: "point" or "comma"
  // "yes", "no" or "auto"
  std::string header = {};     ///< the first line of a table names its columns
  std::string row_names = {};  ///< the first field of each line names a row
  // of a file of numbers alone (format "raw"):
  std::string shape = {};         ///< "MxN"
  std::string element_type = {};  ///< as NumPy calls it: "float32", say; little-endian
  std::string layout = {};        ///< "rows": a row's numbers lie together, or "columns"; empty: rows
};

/// What becomes of V while it is read, in this order: rows and columns are selected; rows of a small sum are left
/// out; each row is scaled, by what its selected columns hold; log1p; columns are left out by what they hold now;
/// each column is scaled.
struct Preparation {
  std::string rows = {};  ///< "a:b", half open, from 0, as Python slices; empty: all
  /// Likewise, or a file of names or numbers, one a line, or "top-variance:COUNT", or, as cNMF chooses genes,
  /// "overdispersed:COUNT" or "overdispersed".
  std::string columns = {};
  double min_row_sum = 0;
  std::string scale_rows = {};  ///< "sum", "max" or "l2", and what that becomes: "sum:1e4"; alone: 1
  bool log1p = false;           ///< x <- ln(1 + x)
  Index min_column_count = 0;   ///< nonzero entries in the rows that are left
  /// "std" (population, not centred), "sample-std", "max", "l2" or "idf" (smooth).
  std::string scale_columns = {};

  bool is_any() const { return !options().empty(); }
  /// As options of the program: " --rows 0:10 --log1p".
  std::string options() const;
  /// Throws UsageError for what no matrix could be prepared with.
  void check() const;
};

namespace io {
struct Prepared;
}

/// How to read V.
struct LoadOptions {
  bool transpose = false;
  double add = 0;  ///< added to every entry, which makes a sparse matrix dense
  /// Entries from -clip_negative to 0, as round-off makes them, become 0; DataSummary::clipped counts them.
  double clip_negative = 0;
  /// `nan`: entries that are not a number, and what stands for none in a table, are unknown instead of refused.
  /// `zeros`: zeros that a sparse matrix stores are entries, as they are known; else they are dropped.
  Missing missing = Missing::none;
  bool keeps_zeros = false;  ///< as with `zeros`, whatever is unknown
  /// With `nan`: a matrix of V's shape in its file, lying as V does. V is unknown where that is not 0, whatever V
  /// has there; not in what is prepared of it, either.
  std::string mask = {};
  Index components = 16;  ///< k that the partition of sparse rows is balanced for
  Storage storage = Storage::memory;
  std::string scratch;  ///< the folder for rows on disk; empty: $TMPDIR, or else /var/tmp
  /// With storage in memory: the rows of a stream that are put together to be prepared may lie in `scratch`
  /// meanwhile, where they would take more than a quarter of the memory.
  bool scratch_for_preparation = false;
  /// BadData where uint8 or uint16 is asked for and V has other values. float32 rounds.
  StorageType storage_type = StorageType::automatic;
  FileReading file = {};
  Preparation preparation = {};
  std::shared_ptr<const io::Prepared> prepared = {};  ///< from prepare(); where it is not there, it is made
  /// Which rows each rank is to have (of the group, where there is one); none: as V suggests.
  std::optional<Partition> owners = {};
  /// The group of ranks that this one belongs to (Comm::split). All ranks read V, once, and each group then owns
  /// all of it: what a rank of p is given has the bits of what it would have read as one of p alone. For a moment
  /// there is V once more, spread over all ranks. None: all ranks are one.
  std::optional<Comm> group = {};
};

/// What was made of the first lines of a table that may mean something else.
enum class TableGuess {
  none,
  numbers_name_columns,  ///< in the first line
  numbers_are_a_row,     ///< in the first line, 0, 1, 2, ...
  numbers_are_a_column,  ///< below the first field, which is a text
};

/// What is known of a matrix before its entries are read.
struct MatrixHeader {
  Index rows = 0, columns = 0;  ///< after transposition
  bool sparse = false;          ///< as it will be held
  Index stored = 0;  ///< entries (dense: all); about so many, as duplicates are summed and generators estimate
  bool single_precision = false;  ///< stored as 32-bit floating point
  /// How the values will be held, in a fit that has more bits; automatic: in the precision of the fit.
  StorageType held_as = StorageType::automatic;
  double unpacked_by_one = 0;      ///< bytes of a gzip'd file that one rank unpacks for all; 0: there is none
  double reader_bytes = 0;         ///< what every rank that reads holds meanwhile, besides its rows
  double reader_bytes_of_row = 0;  ///< and for each row that it owns
  double held_bytes_of_row = 0;    ///< likewise, where V lies: what is put together to be prepared
  bool has_weights = false;        ///< entries will have weights beside their values
  TableGuess guess = TableGuess::none;
};

/// The statistics that options.preparation needs: reads V once where it needs any. load and load_header do this
/// themselves; who calls both saves a reading. Null: nothing is asked. Collective; throws on every rank as load
/// does, and BadData where nothing is left, UsageError (a range or number beyond the matrix).
std::shared_ptr<const io::Prepared> prepare(const Comm& comm, const std::string& path, const LoadOptions& options);

/// Reads the rows this rank owns from `path`: .npy, Matrix Market (both also gzip'd), an .npz of NumPy or SciPy, a
/// CSR folder, a 10x folder, LIBSVM, a UCI bag of words, HDF5 (AnnData, 10x, loom, MATLAB 7.3, others), a table
/// (CSV), or "generate:NAME:...". The format is recognised by content, unless options.file names it. "FILE:/PLACE"
/// names one of several matrices in a file. What is returned owns its rows. Collective; throws on every rank:
/// SystemError (missing, unreadable, other on another host, not enough memory or disk), BadData (malformed, empty,
/// negative or not finite; names the line, or row and column; 2^31 columns or more in a sparse matrix), UsageError
/// (an unknown generator or key, a place in a file that has none, options out of range).
template <class T>
DataMatrix<T> load(const Comm& comm, const std::string& path, const LoadOptions& options = {});

/// Rows that a function makes, for data that lie in a database, in a format of one's own, or nowhere. The function
/// is called on the rank that owns the row, of sparse rows also on another that counts; it must make the same row
/// each time, and must not communicate. What it throws is thrown by every rank.
struct DenseRowFunction {
  Index rows = 0, columns = 0;
  /// Fills `values` (as many as there are columns, all 0 before) with row `row`.
  std::function<void(Index row, std::span<double> values)> row;
  std::string name = "V";  ///< in messages
};
struct SparseRowFunction {
  Index rows = 0, columns = 0;
  /// Appends the entries of row `row` to `entries` (empty before), in any order; those in the same column are
  /// summed.
  std::function<void(Index row, std::vector<std::pair<Index, double>>& entries)> row;
  std::string name = "V";
};

/// V from such a function, the same on every rank. Collective; throws on every rank: BadData (negative or not
/// finite, a column that there is not, an empty matrix), ShapeMismatch (ranks that give other sizes), UsageError
/// (transpose), SystemError (not enough memory, or what is thrown by the function).
template <class T>
DataMatrix<T> load(const Comm& comm, const DenseRowFunction& rows, const LoadOptions& options = {});
template <class T>
DataMatrix<T> load(const Comm& comm, const SparseRowFunction& rows, const LoadOptions& options = {});

/// Reads only the header. Collective; throws on every rank as load does, for what can be seen without the entries.
MatrixHeader load_header(const Comm& comm, const std::string& path, const LoadOptions& options = {});

}  // namespace mpinmf
