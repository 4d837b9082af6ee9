#include "matrix_market_banner.hpp"

#include <fmt/format.h>

#include "npy_file.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

void read_kinds(const LineReader& lines, std::string_view line, MatrixMarketBanner& banner) {
  const std::string magic = in_lower_case(next_token(line)), object = in_lower_case(next_token(line)),
                    format = in_lower_case(next_token(line)), field = in_lower_case(next_token(line)),
                    symmetry = in_lower_case(next_token(line));
  const auto refuse = [&](const std::string& what, const std::string& found, const std::string& known) {
    throw lines.fault(fmt::format("{} {} is not supported; it must be {}", what, quote(found), known));
  };
  if (magic != "%%matrixmarket") {
    throw lines.fault(
        "is no Matrix Market banner; it must read like '%%MatrixMarket matrix coordinate real general'");
  }
  if (object != "matrix") refuse("object", object, "matrix");
  if (format != "coordinate" && format != "array")
    refuse("format", format, "coordinate (sparse) or array (dense)");
  banner.coordinate = format == "coordinate";
  banner.pattern = field == "pattern";
  const bool number = field == "real" || field == "double" || field == "integer" || field == "unsigned-integer";
  if (!number && !(banner.pattern && banner.coordinate)) {
    refuse("field", field, banner.coordinate ? "real, integer or pattern" : "real or integer");
  }
  if (symmetry != "general" && symmetry != "symmetric") refuse("symmetry", symmetry, "general or symmetric");
  banner.symmetric = symmetry == "symmetric";
}

void read_sizes(const LineReader& lines, std::string_view line, MatrixMarketBanner& banner) {
  const std::string_view all = line;
  const bool valid = parse(next_token(line), banner.rows) && parse(next_token(line), banner.columns) &&
                     (!banner.coordinate || parse(next_token(line), banner.promised)) && is_blank(line) &&
                     banner.rows >= 0 && banner.columns >= 0 && banner.promised >= 0;
  if (!valid) {
    throw lines.fault(fmt::format("the size line must be '{}', but is {}",
                                  banner.coordinate ? "ROWS COLUMNS ENTRIES" : "ROWS COLUMNS", quote(all)));
  }
  try {
    check_sizes("the size line", banner.rows, banner.columns);
  } catch (const BadData& error) {
    throw lines.fault(error.what());
  }
  if (banner.symmetric && banner.rows != banner.columns) {
    throw lines.fault(fmt::format("a symmetric matrix must be square, not {} x {}", banner.rows, banner.columns));
  }
  constexpr Index most_entries = Index{1} << 58;
  if (banner.promised > most_entries) throw lines.fault("promises more entries than any machine can hold");
  if (!banner.coordinate) {
    banner.promised = banner.symmetric
                          ? banner.rows / 2 * (banner.rows + 1) + (banner.rows % 2) * (banner.rows + 1) / 2
                          : banner.rows * banner.columns;
  }
}

}  // namespace

MatrixMarketBanner read_banner(LineReader& lines) {
  MatrixMarketBanner banner;
  std::string_view line;
  if (!lines.next(line)) throw lines.fault("the file is empty");
  read_kinds(lines, line, banner);
  while (lines.next(line)) {
    if (is_blank(line) || line.front() == '%') continue;
    read_sizes(lines, line, banner);
    return banner;
  }
  throw lines.fault("the file ends before its size line: it was cut short; copy it again");
}

}  // namespace mpinmf::io
