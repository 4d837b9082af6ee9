#include "file_hints.hpp"

#include <fmt/format.h>

#include "report/memory.hpp"
#include "report/say.hpp"

namespace mpinmf::cli {

std::string gzip_hint(const MatrixHeader& header, int ranks) {
  constexpr double least = 1e8;
  if (ranks == 1 || header.unpacked_by_one < least) return "";
  return fmt::format(
      "V is gzip'd ({}), and one rank unpacks it for all {}: a plain file, or of text one in blocks (zcat | "
      "bgzip), is read by all of them at once",
      report::bytes_text(header.unpacked_by_one), ranks);
}

std::string table_hint(TableGuess guess, const std::string& path) {
  switch (guess) {
    case TableGuess::none: return "";
    case TableGuess::numbers_name_columns:
      return fmt::format(
          "the numbers in the first line of {} are taken for names of columns; with --header no they "
          "are a row of V",
          path);
    case TableGuess::numbers_are_a_row:
      return fmt::format(
          "0, 1, 2 and so on in the first line of {} are taken for a row of V; with --header yes they "
          "name columns",
          path);
    case TableGuess::numbers_are_a_column:
      return fmt::format(
          "the numbers in the first column of {} are taken for a column of V; with --row-names yes "
          "they name rows",
          path);
  }
  return "";
}

void give_file_hints(const Comm& comm, const MatrixHeader& header, const std::string& path) {
  if (!comm.is_root()) return;
  for (const std::string& hint : {gzip_hint(header, comm.size()), table_hint(header.guess, path)}) {
    if (!hint.empty()) report::note(hint);
  }
}

}  // namespace mpinmf::cli
