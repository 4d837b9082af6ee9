#include "strangers.hpp"

#include <fmt/format.h>

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

}  // namespace

std::string about_stranger(const std::string& path, std::string_view start) {
  const std::string lower = in_lower_case(start);
  if (is_spoilt_banner(lower)) {
    return fmt::format(
        "this is Matrix Market, but its first line must begin with %%MatrixMarket; correct it: zcat -f {} | sed "
        "'1s/^[% ]*/%%/' > converted.mtx",
        shell_word(path));
  }
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
