#include "gzip_hint.hpp"

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

void give_gzip_hint(const Comm& comm, const MatrixHeader& header) {
  const std::string hint = gzip_hint(header, comm.size());
  if (comm.is_root() && !hint.empty()) report::note(hint);
}

}  // namespace mpinmf::cli
