// Formats that matrices are written in. A format is a file, which writes it and says in a Writer what it is
// called, and one line of the list in writers.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/output_target.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/error.hpp"
#include "output_matrix.hpp"

namespace mpinmf::io {

/// What a format can hold.
enum class Holds { dense, sparse, both };

/// Which matrices go column by column: the writer is given the rows of the transposed matrix.
enum class ByColumns { none, dense, all };

struct Writer {
  std::string_view name;  ///< as --to and messages call it
  std::string_view ending =
      {};  ///< of the names of such files, with its point; empty: they have none of their own
  std::string_view another = {};  ///< the same
  std::string_view what;          ///< for help
  Holds holds = Holds::both;
  std::optional<Index> largest_count = {};  ///< it holds whole numbers up to this; else any
  /// What may be in the folder that it writes ("*.ENDING" for all of those); empty: it writes a file.
  std::span<const char* const> folder_files = {};
  bool keeps_row_names = true, keeps_column_names = true;
  ByColumns by_columns = ByColumns::none;
  bool takes_image_size = false;  ///< and must have one: its rows are images
  /// The options by which that is read again, where it does not say itself what it is.
  std::string (*reading_options)(const OutputMatrix& matrix) = nullptr;
  /// All ranks write their rows into the target. Collective; throws what reading throws, SystemError, BadData.
  void (*write)(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix);
};

/// A writer's file defines writer_row for its name, and for Row = Writer.
template <class Name>
struct WriterFile {
  template <class Row>
  friend Row writer_row(WriterFile);
};

/// Those of this program.
std::span<const Writer> writers();

/// Of that name. Throws UsageError, which lists all.
const Writer& writer_called(std::string_view name);

/// The one for a file of that name: by its ending, or the CSR folder where it ends with '/'; null where it has no
/// ending. Throws UsageError for an ending that none has, and for a place within a file.
const Writer* writer_for(const std::string& path);

/// What is wrong where a size of images is given to a format that has none, or none to one that takes it.
UsageError image_size_fault(const Writer& writer);

/// "csr, npy, ...", those that keep names of rows and columns, and for help with what each is.
std::string writer_names();
std::string names_of_writers_with_names();
std::string writer_help();

}  // namespace mpinmf::io
