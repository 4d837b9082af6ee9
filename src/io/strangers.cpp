#include "strangers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

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

constexpr const char* mat_file =
    "python3 -c \"import sys, scipy.io; scipy.io.mmwrite('converted.mtx', next(v for k, v in "
    "scipy.io.loadmat(sys.argv[1]).items() if not k.startswith('__')))\" {}";
constexpr Stranger strangers[] = {
    {"pk\x03\x04", "[content_types].xml", "an Excel workbook",
     "python3 -c \"import sys, numpy, pandas; numpy.save('converted.npy', "
     "pandas.read_excel(sys.argv[1]).to_numpy('f8'))\" {}"},
    {"pk\x03\x04", "", "a zip archive without arrays (.npy)", "unzip {}"},
    {"pk\x05\x06", "", "an empty zip archive", nullptr},
    {"matlab", "", "a MATLAB file", mat_file},
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

bool is_text(std::string_view start) {
  return std::all_of(start.begin(), start.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' || c == '\t' || c == '\n' || c == '\r';
  });
}

bool is_decimal(std::string_view field) {
  const std::size_t first = field.find_first_not_of(" +"), last = field.find_last_not_of(" \r");
  if (first == std::string_view::npos || last < first) return false;
  field = field.substr(first, last - first + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error != std::errc::invalid_argument && end == field.data() + field.size();
}

/// Takes the next line that is not blank from `rest`; empty when there is none.
std::string_view next_line(std::string_view& rest) {
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return line;
  }
  return {};
}

std::vector<std::string_view> fields_of(std::string_view line, char delimiter) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(delimiter, begin), line.size());
    if (delimiter != ' ' || end > begin) fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

/// Numbers in rows, as spreadsheets and data frames write them.
struct Table {
  char delimiter;  ///< a blank: any white space
  bool has_header, has_row_names;
};

std::optional<Table> table_in(std::string_view start) {
  if (!is_text(start)) return {};
  std::string_view rest = start;
  const std::string_view first = next_line(rest), second = next_line(rest);
  const std::string_view data = second.empty() ? first : second;
  for (const char delimiter : {'\t', ';', ',', ' '}) {
    if (data.find(delimiter) == std::string_view::npos) continue;
    const std::vector<std::string_view> names = fields_of(first, delimiter), fields = fields_of(data, delimiter);
    if (fields.size() < 2 || !is_decimal(fields[1])) return {};
    const bool names_are_numbers = names.size() > 1 && is_decimal(names[1]) && is_decimal(names.back());
    return Table{delimiter, !second.empty() && !names_are_numbers, !is_decimal(fields[0])};
  }
  return {};
}

std::string about_table(const std::string& path, const Table& table, bool compressed) {
  std::string options;
  if (table.delimiter != ' ') {
    options += fmt::format(", delimiter='{}'", table.delimiter == '\t' ? "\\t" : std::string(1, table.delimiter));
  }
  if (table.has_header) options += ", skip_header=1";
  return fmt::format(
      "this looks like a table of numbers (CSV); convert it: python3 -c \"import sys, gzip, numpy as np; "
      "np.save('converted.npy', np.atleast_2d(np.genfromtxt({}{})){})\" {}",
      compressed ? "gzip.open(sys.argv[1], 'rt')" : "sys.argv[1]", options, table.has_row_names ? "[:, 1:]" : "",
      shell_word(path));
}

/// The name without its %%, or with something else before it.
bool is_spoilt_banner(std::string_view start) {
  const std::size_t name = start.find_first_not_of("% ");
  return name != std::string_view::npos && start.substr(name).starts_with("matrixmarket");
}

}  // namespace

std::string about_stranger(const std::string& path, std::string_view start, bool compressed) {
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
  const std::optional<Table> table = table_in(start);
  return table ? about_table(path, *table, compressed) : "";
}

}  // namespace mpinmf::io
