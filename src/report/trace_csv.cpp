#include "trace_csv.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <sstream>

#include "csv.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::report {
namespace {

constexpr const char* header = "iteration,seconds,loss,reconstruction_error,mean_row_norm,relative_error";

bool parse(const std::string& field, double& value) {
  value = Cost::unknown;
  if (field.empty()) return true;
  const char* end = field.data() + field.size();
  return std::from_chars(field.data(), end, value).ptr == end;
}

}  // namespace

std::string trace_csv(std::span<const TraceRow> trace) {
  std::string text = std::string(header) + "\n";
  for (const TraceRow& row : trace) {
    text += fmt::format("{},{},{},{},{},{}\n", row.iteration, csv_number(row.seconds), csv_number(row.cost.loss),
                        csv_number(row.cost.reconstruction_error), csv_number(row.cost.mean_row_norm),
                        csv_number(row.cost.relative_error));
  }
  return text;
}

std::vector<TraceRow> parse_trace_csv(const std::string& text, const std::string& path) {
  std::istringstream in(text);
  std::string line;
  if (!std::getline(in, line) || line.rfind(header, 0) != 0) {
    throw BadData(fmt::format("{}, line 1: expected the columns {}", path, header));
  }
  std::vector<TraceRow> trace;
  for (Index number = 2; std::getline(in, line); ++number) {
    const std::vector<std::string> fields = csv_fields(line);
    double iteration = 0;
    TraceRow row;
    if (fields.size() != 6 || !parse(fields[0], iteration) || !parse(fields[1], row.seconds) ||
        !parse(fields[2], row.cost.loss) || !parse(fields[3], row.cost.reconstruction_error) ||
        !parse(fields[4], row.cost.mean_row_norm) || !parse(fields[5], row.cost.relative_error)) {
      throw BadData(fmt::format("{}, line {}: expected six numbers, got \"{}\"", path, number, line));
    }
    row.iteration = static_cast<Index>(iteration);
    trace.push_back(row);
  }
  return trace;
}

}  // namespace mpinmf::report
