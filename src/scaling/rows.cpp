#include "rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "mpinmf/error.hpp"
#include "report/csv.hpp"

namespace mpinmf::scaling {
namespace {

using RowJson = nlohmann::json;

constexpr std::array<const char*, 3> study_names = {"strong", "weak", "small"};

const char* name_of(ScalingStudy study) {
  return study_names[static_cast<std::size_t>(study)];
}

void read(const std::string& field, std::string& value) {
  value = field;
}
template <class N>
void read(const std::string& field, N& value) {
  const char* end = field.data() + field.size();
  const auto [rest, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc() || rest != end) throw BadData(fmt::format("'{}' is not a number", field));
}
void read(const std::string& field, bool& value) {
  int number = 0;
  read(field, number);
  value = number != 0;
}
void read(const std::string& field, ScalingStudy& value) {
  const auto found = std::find(study_names.begin(), study_names.end(), field);
  if (found == study_names.end()) throw BadData(fmt::format("'{}' is not a kind of study", field));
  value = static_cast<ScalingStudy>(found - study_names.begin());
}

std::string written(const std::string& value) {
  return report::csv_text(value);
}
std::string written(double value) {
  return report::csv_number(value);
}
std::string written(bool value) {
  return std::to_string(int{value});
}
std::string written(ScalingStudy value) {
  return name_of(value);
}
template <class N>
std::string written(N value) {
  return std::to_string(value);
}

/// f(name, value) for every column that a row holds, in the order of the file.
template <class Row, class F>
void for_columns(Row& row, F&& f) {
  f("study", row.study);
  f("problem", row.problem);
  f("options", row.options);
  f("rows", row.rows);
  f("columns", row.columns);
  f("k", row.components);
  f("beta", row.beta);
  f("rule", row.rule);
  f("extrapolated", row.extrapolated);
  f("single_precision", row.single_precision);
  f("ranks", row.ranks);
  f("threads", row.threads);
  f("nodes", row.nodes);
  f("repeat", row.repeat);
  f("iterations", row.iterations);
  f("sweep_seconds", row.seconds.sweep);
  f("sum_seconds", row.seconds.sum);
  f("rule_seconds", row.seconds.rule);
  f("broadcast_seconds", row.seconds.broadcast);
  f("waiting_seconds", row.seconds.waiting);
  f("bytes", row.bytes);
  f("messages", row.messages);
  f("hosts", row.hosts);
  f("mpinmf", row.mpinmf);
  f("mpi", row.mpi);
  f("blas", row.blas);
  f("vectors", row.vectors);
  f("core_hours", row.core_hours);
}

/// These follow from the others, and come last.
constexpr const char* derived_columns = ",seconds,efficiency";

std::string head() {
  std::string line;
  ScalingRow row;
  for_columns(row,
              [&](const char* name, const auto&) { line += fmt::format("{}{}", line.empty() ? "" : ",", name); });
  return line + derived_columns;
}

ScalingRow parse_line(const std::string& line) {
  const std::vector<std::string> fields = report::csv_fields(line);
  const std::string names = head();
  const auto expected = static_cast<std::size_t>(std::count(names.begin(), names.end(), ',')) + 1;
  if (fields.size() != expected) {
    throw BadData(fmt::format("expected {} fields, got {}", expected, fields.size()));
  }
  ScalingRow row;
  std::size_t next = 0;
  for_columns(row, [&](const char*, auto& value) { read(fields[next++], value); });
  return row;
}

/// Seconds of a phase over the whole run: the most, mean or least of the ranks.
double phase(const RowJson& json, const char* name, const char* which) {
  return json.at("seconds").at(name).at(which).get<double>();
}

IterationSeconds iteration_seconds(const RowJson& json, double iterations) {
  IterationSeconds s;
  s.sweep = phase(json, "sweep", "mean") / iterations;
  s.sum = phase(json, "sum", "min") / iterations;
  s.waiting = phase(json, "sum", "mean") / iterations - s.sum;
  s.rule = phase(json, "rule", "max") / iterations;
  const double after_sum = (phase(json, "rule", "mean") + phase(json, "broadcast", "mean")) / iterations;
  s.broadcast = std::max(0.0, after_sum - s.rule);
  return s;
}

}  // namespace

ScalingRow parse_scaling_run(const std::string& run_json, const std::string& path) {
  try {
    const RowJson json = RowJson::parse(run_json);
    const RowJson& options = json.at("options");
    ScalingRow row;
    row.rows = json.at("input").at("rows").get<Index>();
    row.columns = json.at("input").at("columns").get<Index>();
    row.components = options.at("components").get<Index>();
    row.beta = options.at("beta").get<double>();
    row.rule = options.at("rule").get<std::string>();
    row.extrapolated = options.at("extrapolate").get<bool>();
    row.single_precision = options.at("precision").get<std::string>() == "float";
    row.ranks = json.at("ranks").get<int>();
    const RowJson& threads = json.at("threads_per_rank");
    row.threads = (threads.is_object() ? threads.at("max") : threads).get<int>();
    for (const auto& host : json.at("ranks_on_hosts").items()) {
      row.hosts += fmt::format("{}{}", row.hosts.empty() ? "" : " ", host.key());
    }
    row.nodes = static_cast<int>(json.at("ranks_on_hosts").size());
    row.iterations = json.at("iterations").get<Index>();
    row.seconds = iteration_seconds(json, static_cast<double>(std::max(row.iterations, Index{1})));
    const RowJson& communication = json.at("communication");
    row.bytes = communication.at("bytes_per_iteration").get<Index>();
    row.messages = communication.at("messages_per_iteration").get<Index>();
    const RowJson& versions = json.at("versions");
    row.mpinmf = versions.at("mpinmf").get<std::string>();
    row.mpi = versions.at("mpi").get<std::string>();
    row.blas = versions.at("blas").get<std::string>();
    row.vectors = versions.at("vectors").get<std::string>();
    return row;
  } catch (const RowJson::exception& error) {
    throw BadData(fmt::format("{} is not the run.json of a fit: {}", path, error.what()));
  }
}

const ScalingRow* median_run(std::span<const ScalingRow> rows, int ranks) {
  std::vector<const ScalingRow*> runs;
  for (const ScalingRow& row : rows) {
    if (row.ranks == ranks && row.study != ScalingStudy::small) runs.push_back(&row);
  }
  if (runs.empty()) return nullptr;
  const auto middle = runs.begin() + static_cast<std::ptrdiff_t>((runs.size() - 1) / 2);
  std::nth_element(runs.begin(), middle, runs.end(), [](const ScalingRow* a, const ScalingRow* b) {
    return a->seconds.total() < b->seconds.total();
  });
  return *middle;
}

std::vector<int> rank_counts(std::span<const ScalingRow> rows) {
  std::set<int> counts;
  for (const ScalingRow& row : rows) {
    if (row.study != ScalingStudy::small) counts.insert(row.ranks);
  }
  return {counts.begin(), counts.end()};
}

double efficiency(const ScalingRow& row, const ScalingRow& base) {
  const double ratio = base.seconds.total() / row.seconds.total();
  return row.study == ScalingStudy::weak ? ratio : ratio * base.ranks / row.ranks;
}

std::string scaling_csv(std::span<const ScalingRow> rows) {
  std::string text = head() + "\n";
  const std::vector<int> counts = rank_counts(rows);
  const ScalingRow* base = counts.empty() ? nullptr : median_run(rows, counts.front());
  for (const ScalingRow& row : rows) {
    for_columns(row, [&](const char*, const auto& value) { text += written(value) + ","; });
    text += report::csv_number(row.seconds.total()) + ",";
    if (row.study != ScalingStudy::small) text += report::csv_number(efficiency(row, *base));
    text += "\n";
  }
  return text;
}

std::vector<ScalingRow> parse_scaling_csv(const std::string& text, const std::string& path) {
  std::istringstream in(text);
  std::string line;
  if (!std::getline(in, line) || line != head()) {
    throw BadData(fmt::format("{}, line 1: expected the columns {}", path, head()));
  }
  std::vector<ScalingRow> rows;
  for (Index number = 2; std::getline(in, line); ++number) {
    try {
      rows.push_back(parse_line(line));
    } catch (const BadData& error) {
      throw BadData(fmt::format("{}, line {}: {}", path, number, error.what()));
    }
  }
  return rows;
}

}  // namespace mpinmf::scaling
