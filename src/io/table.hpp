// Tables of numbers as text: CSV, TSV, and what numpy.savetxt and spreadsheets write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "file.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// How the fields of a table lie.
struct TableLayout {
  char delimiter = ',';  ///< a blank: any number of them
  char decimal = '.';
  bool has_header = false, has_row_names = false;
  TableGuess guess = TableGuess::none;
};

/// How a file starts, after decompression and without a byte order mark: what is enough to know its format, and of
/// text two lines that are no comments, however long (up to longest_line).
std::string beginning_of(ByteSource& bytes);

/// What a text that starts so is laid out as, where `file` does not say; nothing where it is no table of two
/// columns or more (of one, if its delimiter or format was named). Throws UsageError for what `file` says.
std::optional<TableLayout> table_layout(std::string_view start, const FileReading& file);
/// The same of what is to be read as a table in any case, so that reading finds what is wrong with it.
TableLayout layout_of_table(std::string_view start, const FileReading& file);

/// Whether a text is a table by the name of its file.
bool is_called_table(const std::string& path, std::string_view start);

/// Opens a table of numbers, plain or gzip'd in blocks (as EntryPieces whose rows are still to be counted) or
/// gzip'd, with names of rows and columns or without, which may be quoted. Delimiters (tab, semicolon, comma,
/// blanks), header and names are recognised by its first two lines, unless options.file says what they are. Lines
/// before that begin with # are passed over. Throws SystemError, BadData (here and while reading: not a number,
/// missing values, rows of other lengths; names line and column).
Source open_table(const std::string& path, const LoadOptions& options);

}  // namespace mpinmf::io
