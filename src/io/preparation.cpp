#include "preparation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "file.hpp"
#include "shell_word.hpp"
#include "tokens.hpp"

namespace mpinmf {

std::string Preparation::options() const {
  std::string text;
  // one word, as otherwise the minus of a range would begin an option
  if (!rows.empty()) text += " --rows=" + shell_word(rows);
  if (!columns.empty()) text += " --columns=" + shell_word(columns);
  if (min_row_sum != 0) text += fmt::format(" --min-row-sum {}", min_row_sum);
  if (!scale_rows.empty()) text += " --scale-rows " + shell_word(scale_rows);
  if (log1p) text += " --log1p";
  if (min_column_count != 0) text += fmt::format(" --min-column-count {}", min_column_count);
  if (!scale_columns.empty()) text += " --scale-columns " + shell_word(scale_columns);
  return text;
}

namespace io {
namespace {

constexpr std::string_view of_variance = "top-variance", of_dispersion = "overdispersed";

struct Slice {
  std::optional<Index> first, last;  // as written
};

/// "a:b", ":b", "a:" or ":"; nothing where it is none.
std::optional<Slice> slice_in(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {};
  Slice slice;
  const auto take = [](const std::string& end, std::optional<Index>& to) {
    Index value = 0;
    if (end.empty()) return true;
    if (!parse(end, value)) return false;
    to = value;
    return true;
  };
  if (!take(text.substr(0, colon), slice.first) || !take(text.substr(colon + 1), slice.last)) return {};
  return slice;
}

/// `what` is "rows", of which the matrix has `all`. Throws UsageError.
Subset range_of(const Slice& slice, Index all, const std::string& option, const char* what) {
  const auto from_end = [&](Index end) { return end < 0 ? end + all : end; };
  const Index first = from_end(slice.first.value_or(0)), last = from_end(slice.last.value_or(all));
  if (first < 0 || first > all || last < 0 || last > all) {
    throw UsageError(fmt::format("{} reaches beyond the {} {} that V has", option, all, what));
  }
  if (first >= last) throw UsageError(fmt::format("{} takes none of the {} {} that V has", option, all, what));
  return {all, first, last};
}

/// A column of a file of columns.
struct Asked {
  std::string name;
  Index line;
};

std::vector<Asked> columns_in(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw SystemError(
        fmt::format("--columns {}: there is no such file; it may also be a range a:b, top-variance:COUNT or "
                    "overdispersed:COUNT",
                    shell_word(path)));
  }
  std::vector<Asked> asked;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (!is_blank(line)) asked.push_back({std::string(line), lines.number()});
  }
  if (asked.empty()) throw BadData(fmt::format("{}: names no columns", path));
  return asked;
}

/// Names where the matrix has such, else numbers.
Subset columns_of_file(const std::string& path, Index all, const NameReader& column_names) {
  const std::vector<Asked> asked = columns_in(path);
  std::unordered_map<std::string, Index> numbers;
  for (const Asked& one : asked) {
    if (!numbers.emplace(one.name, -1).second) {
      throw BadData(fmt::format("{}, line {}: {} comes twice", path, one.line, quote(one.name)));
    }
  }
  if (column_names) {
    Index j = 0;
    column_names([&](std::string_view name) {
      const auto found = numbers.find(std::string(name));
      if (found != numbers.end()) {
        if (found->second >= 0) {
          throw BadData(
              fmt::format("{}: the columns {} and {} of V (counted from 0) are both {}: name columns by "
                          "their numbers, in a file of nothing else, or rename one",
                          path, found->second, j, quote(name)));
        }
        found->second = j;
      }
      ++j;
    });
  }
  const bool has_names =
      std::any_of(numbers.begin(), numbers.end(), [](const auto& one) { return one.second >= 0; });
  std::vector<Index> kept;
  for (const Asked& one : asked) {
    Index number = numbers[one.name];
    if (!has_names && (!parse(one.name, number) || number < 0 || number >= all)) number = -1;
    if (number < 0) {
      throw BadData(
          fmt::format("{}, line {}: V has no column {}{}", path, one.line, quote(one.name),
                      column_names || has_names
                          ? ""
                          : fmt::format("; its columns have no names, and numbers from 0 to {}", all - 1)));
    }
    kept.push_back(number);
  }
  std::sort(kept.begin(), kept.end());
  const auto twice = std::adjacent_find(kept.begin(), kept.end());
  if (twice != kept.end()) throw BadData(fmt::format("{}: column {} comes twice", path, *twice));
  return Subset::of(all, kept);
}

struct NormName {
  const char* name;
  RowNorm norm;
};
constexpr NormName row_norms[] = {{"sum", RowNorm::sum}, {"max", RowNorm::max}, {"l2", RowNorm::l2}};

/// "sum:1e4". Throws UsageError.
std::pair<RowNorm, double> row_norm_in(const std::string& text) {
  if (text.empty()) return {RowNorm::none, 1};
  const std::size_t colon = text.find(':');
  for (const NormName& known : row_norms) {
    if (text.substr(0, colon) != known.name) continue;
    double target = 1;
    const bool is_number = colon == std::string::npos || parse(text.substr(colon + 1), target);
    if (is_number && target > 0 && std::isfinite(target)) return {known.norm, target};
    throw UsageError(fmt::format(
        "--scale-rows {}: behind the colon stands what this norm becomes, a positive number", shell_word(text)));
  }
  throw UsageError(fmt::format("--scale-rows is sum, max or l2, and what that becomes (sum:1e4), not {}", text));
}

double norm_of(const RowEntries& row, RowNorm norm) {
  double result = 0;
  for (const auto& [column, value] : row) {
    if (!(value >= 0)) continue;
    switch (norm) {
      case RowNorm::none: return 0;
      case RowNorm::sum: result += value; break;
      case RowNorm::max: result = std::max(result, value); break;
      case RowNorm::l2: result += value * value; break;
    }
  }
  return norm == RowNorm::l2 ? std::sqrt(result) : result;
}

}  // namespace

ColumnChoice column_choice(const Preparation& asked) {
  if (asked.columns == of_dispersion) return {ColumnChoice::By::overdispersion, 0};
  const std::size_t colon = asked.columns.find(':');
  const std::string_view word = std::string_view(asked.columns).substr(0, colon);
  if (colon == std::string::npos || (word != of_variance && word != of_dispersion)) return {};
  double count = 0;  // 2e3 is a number, too
  constexpr double most = 1e15;
  if (parse(asked.columns.substr(colon + 1), count) && count >= 1 && count <= most && count == std::floor(count)) {
    return {word == of_variance ? ColumnChoice::By::variance : ColumnChoice::By::overdispersion,
            static_cast<Index>(count)};
  }
  throw UsageError(fmt::format("--columns {}: behind the colon stands how many columns, a whole number above 0",
                               shell_word(asked.columns)));
}

bool Prepared::needs_statistics_of_columns() const {
  if (has_columns) return false;
  return asked.min_column_count > 0 || !asked.scale_columns.empty() ||
         column_choice(asked).by != ColumnChoice::By::nothing;
}

bool Prepared::refuses_empty_rows() const {
  return !has_columns && column_choice(asked).by == ColumnChoice::By::overdispersion;
}

double Prepared::bytes() const {
  return rows.bytes() + selected.bytes() + columns.bytes() +
         plain_bytes<double>(static_cast<Index>(row_factors.size()), 1) +
         plain_bytes<double>(static_cast<Index>(column_scales.size()), 1);
}

Prepared select(const Preparation& asked, const MatrixHeader& header, const NameReader& column_names) {
  Prepared prepared;
  prepared.asked = asked;
  std::tie(prepared.row_norm, prepared.row_target) = row_norm_in(asked.scale_rows);
  prepared.rows = Subset(header.rows);
  prepared.selected = Subset(header.columns);
  if (!asked.rows.empty())
    prepared.rows = range_of(*slice_in(asked.rows), header.rows, "--rows=" + asked.rows, "rows");
  if (!asked.columns.empty() && column_choice(asked).by == ColumnChoice::By::nothing) {
    const auto slice = slice_in(asked.columns);
    std::error_code ignored;
    prepared.selected = slice && !std::filesystem::exists(asked.columns, ignored)
                            ? range_of(*slice, header.columns, "--columns=" + asked.columns, "columns")
                            : columns_of_file(asked.columns, header.columns, column_names);
  }
  prepared.columns = prepared.selected;
  return prepared;
}

double sum_of(const RowEntries& row) {
  return norm_of(row, RowNorm::sum);
}

double factor_of_row(const RowEntries& row, RowNorm how, double target) {
  const double norm = norm_of(row, how);
  if (std::isinf(norm))
    throw BadData("a row has a larger norm than double precision holds, so that it cannot be scaled");
  return norm == 0 ? 1 : target / norm;
}

void scale_row(RowEntries& row, double factor) {
  for (auto& [column, value] : row) {
    if (value >= 0) value *= factor;
  }
}

void work_on(const Prepared& prepared, RowEntries& row, Index number) {
  if (prepared.row_norm != RowNorm::none) {
    const std::vector<double>& given = prepared.row_factors;
    scale_row(row, given.empty() ? factor_of_row(row, prepared.row_norm, prepared.row_target)
                                 : given[static_cast<std::size_t>(number)]);
  }
  if (!prepared.asked.log1p) return;
  for (auto& [column, value] : row) {
    if (value >= 0) value = std::log1p(value);
  }
}

void require_entries(const Prepared& prepared, const RowEntries& row, const std::string& name, Index number) {
  if (!prepared.refuses_empty_rows() || sum_of(row) > 0) return;
  throw BadData(
      fmt::format("{}: row {} (counted from 0) holds nothing in the {} columns that --columns {} chooses: leave "
                  "such rows out (--min-row-sum, --rows), or take more columns",
                  name, number, prepared.columns.count(), shell_word(prepared.asked.columns)));
}

void choose_columns(const Prepared& prepared, RowEntries& row) {
  auto to = row.begin();
  for (const auto& [column, value] : row) {
    const Index place = prepared.columns.place_of(column);
    if (place < 0) continue;
    const bool scales = value > 0 && !prepared.column_scales.empty();
    *to++ = {place, scales ? value / prepared.column_scales[static_cast<std::size_t>(place)] : value};
  }
  row.erase(to, row.end());
}

}  // namespace io

void Preparation::check() const {
  if (!rows.empty() && !io::slice_in(rows))
    throw UsageError(fmt::format("--rows is a range a:b, from 0 and without b, not {}", rows));
  io::column_choice(*this);
  io::row_norm_in(scale_rows);
  if (!(min_row_sum >= 0) || std::isinf(min_row_sum))
    throw UsageError(fmt::format("--min-row-sum must be non-negative and finite, not {}", min_row_sum));
  if (min_column_count < 0)
    throw UsageError(fmt::format("--min-column-count must be non-negative, not {}", min_column_count));
  constexpr std::string_view known[] = {"", "std", "sample-std", "max", "l2", "idf"};
  if (std::find(std::begin(known), std::end(known), scale_columns) == std::end(known))
    throw UsageError(fmt::format("--scale-columns is std, sample-std, max, l2 or idf, not {}", scale_columns));
}

}  // namespace mpinmf
