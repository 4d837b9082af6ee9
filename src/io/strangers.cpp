#include "strangers.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cstdint>

#include "shell_word.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

/// A format known by how it starts and, where others start so too, by what follows soon.
struct Stranger {
  const char* start;   ///< in lower case
  const char* within;  ///< the same; may be empty
  const char* what;
  const char* command;  ///< {} stands for the file; null: there is none
};

constexpr Stranger strangers[] = {
    {"pk\x03\x04", "[content_types].xml", "an Excel workbook",
     "python3 -c \"import sys, numpy, pandas; numpy.save('converted.npy', "
     "pandas.read_excel(sys.argv[1]).to_numpy('f8'))\" {}"},
    {"pk\x03\x04", "", "a zip archive without arrays (.npy)", "unzip {}"},
    {"pk\x05\x06", "", "an empty zip archive", nullptr},
    {"par1", "", "Parquet",
     "python3 -c \"import sys, numpy, pandas; numpy.save('converted.npy', "
     "pandas.read_parquet(sys.argv[1]).to_numpy('f8'))\" {}"},
    {"arrow1", "", "Arrow (Feather)",
     "python3 -c \"import sys, numpy, pandas; numpy.save('converted.npy', "
     "pandas.read_feather(sys.argv[1]).to_numpy('f8'))\" {}"},
    {"bzh", "", "compressed by bzip2", "bzip2 -dc {} > converted"},
    {"\xfd\x37zxz", "", "compressed by xz", "xz -dc {} > converted"},
    {"\x28\xb5\x2f\xfd", "", "compressed by zstd", "zstd -dc {} > converted"},
    {"\x04\x22m\x18", "", "compressed by lz4", "lz4 -dc {} > converted"},
    {"\x80", "", "perhaps a Python pickle (loading one may run any code: trust it first)",
     "python3 -c \"import sys, pickle, scipy.io; scipy.io.mmwrite('converted.mtx', pickle.load(open(sys.argv[1], "
     "'rb')))\" {}"},
};

/// The name without its %%, or with something else before it.
bool is_spoilt_banner(std::string_view start) {
  const std::size_t name = start.find_first_not_of("% ");
  return name != std::string_view::npos && start.substr(name).starts_with("matrixmarket");
}

/// MATLAB's level 4 has no mark of its own: type, rows, columns, whether it is complex, and how long the name is,
/// all of 4 bytes, then the name with a 0 at its end.
bool is_matlab_4(std::string_view start) {
  constexpr std::size_t header_bytes = 20, longest_name = 64;
  if (start.size() <= header_bytes) return false;
  const auto number = [&](std::size_t at, bool big_endian) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      value = value << 8 | static_cast<unsigned char>(start[4 * at + (big_endian ? i : 3 - i)]);
    }
    return value;
  };
  for (const bool big_endian : {false, true}) {
    const std::uint32_t type = number(0, big_endian), name = number(4, big_endian);
    const std::uint32_t kind = type - (big_endian ? 1000 : 0);  // precision * 10 + full, text or sparse
    if (kind / 10 > 5 || kind % 10 > 2 || number(3, big_endian) > 1 || name < 2 || name > longest_name) continue;
    const std::string_view text = start.substr(header_bytes, name);
    if (text.size() == name && text.find('\0') == name - 1 &&
        std::isalpha(static_cast<unsigned char>(text[0])) != 0)
      return true;
  }
  return false;
}

}  // namespace

std::string about_stranger(const std::string& path, std::string_view start) {
  const std::string lower = in_lower_case(start);
  if (is_spoilt_banner(lower)) {
    return fmt::format(
        "this is Matrix Market, but its first line must begin with %%MatrixMarket; correct it: zcat -f {} | sed "
        "'1s/^[% ]*/%%/' > converted.mtx",
        shell_word(path));
  }
  if (is_matlab_4(start)) return "this is MATLAB 4, which mpinmf does not read; save it with save -v7";
  for (const Stranger& stranger : strangers) {
    constexpr std::size_t soon = 200;  // bytes
    if (!lower.starts_with(stranger.start)) continue;
    if (lower.substr(0, soon).find(stranger.within) == std::string::npos) continue;
    if (stranger.command == nullptr) return fmt::format("this is {}", stranger.what);
    std::string command = stranger.command;
    for (std::size_t at = command.find("{}"); at != std::string::npos; at = command.find("{}", at + 1)) {
      command.replace(at, 2, shell_word(path));
    }
    return fmt::format("this is {}, which mpinmf does not read; convert it: {}", stranger.what, command);
  }
  return "";
}

}  // namespace mpinmf::io
