#include "unreadable.hpp"

#include <fmt/format.h>

#include "io/shell_word.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::text {
namespace {

struct Unreadable {
  std::size_t place;  ///< byte at which `magic` stands
  std::string_view magic;
  const char* what;
  const char* cure;  ///< {} stands for the file
};

constexpr Unreadable unreadable[] = {
    {257, "ustar", "a tar archive", "unpack it (tar xf {}) and name the folder"},
    {0, "PK\x03\x04", "a zip archive, or a document of an office program",
     "unpack it (unzip {}), or save it as text"},
    {0, "BZh", "compressed by bzip2", "bzip2 -dc {} > unpacked, or compress it by gzip"},
    {0, "\xfd\x37zXZ", "compressed by xz", "xz -dc {} > unpacked, or compress it by gzip"},
    {0, "\x28\xb5\x2f\xfd", "compressed by zstd", "zstd -dc {} > unpacked, or compress it by gzip"},
    {0, "%PDF-", "a PDF", "take its text out: pdftotext {}"},
    {0, "PAR1", "Parquet",
     "convert it: python3 -c \"import sys, pandas; pandas.read_parquet(sys.argv[1]).to_json('converted.jsonl', "
     "orient='records', lines=True)\" {}"},
};

/// Of every second byte from `first` on, how many are NUL.
double share_of_zeros(std::string_view start, std::size_t first) {
  Index zeros = 0, all = 0;
  for (std::size_t i = first; i < start.size(); i += 2, ++all) zeros += start[i] == '\0' ? 1 : 0;
  return all == 0 ? 0 : static_cast<double>(zeros) / static_cast<double>(all);
}

}  // namespace

void refuse_unreadable(const std::string& path, std::string_view start) {
  const auto refuse = [&](const char* what, const std::string& cure) {
    throw BadData(fmt::format("{}: is {}, not a text; {}", path, what, cure));
  };
  for (const Unreadable& kind : unreadable) {
    if (start.size() < kind.place || !start.substr(kind.place).starts_with(kind.magic)) continue;
    refuse(kind.what, fmt::format(fmt::runtime(kind.cure), shell_word(path)));
  }
  // of ASCII in UTF-16 every second byte is NUL, and no other
  constexpr std::size_t least = 8;  // bytes
  constexpr double nearly_all = 0.9, hardly_any = 0.1;
  const double even = share_of_zeros(start, 0), odd = share_of_zeros(start, 1);
  const bool is_big_endian = even > nearly_all && odd < hardly_any;
  const bool is_little_endian = odd > nearly_all && even < hardly_any;
  if (start.size() < least || (!is_big_endian && !is_little_endian)) return;
  refuse("perhaps UTF-16 without a mark", fmt::format("convert it: iconv -f UTF-16{} -t UTF-8 {} > converted",
                                                      is_big_endian ? "BE" : "LE", shell_word(path)));
}

}  // namespace mpinmf::text
