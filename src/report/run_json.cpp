#include "run_json.hpp"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "api/option_table.hpp"
#include "io/reading.hpp"
#include "kernels/blas.hpp"
#include "kernels/simd.hpp"
#include "losses/loss_table.hpp"
#include "losses/sweep_flops.hpp"
#include "machine/placement.hpp"

namespace mpinmf::report {
namespace {

using Json = nlohmann::ordered_json;

/// JSON knows neither NaN nor infinity.
Json json_number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// What a user said of the file.
Json reading_json(const FileReading& file) {
  Json json = Json::object();
  for (const io::ReadingField& field : io::reading_fields) {
    if (!(file.*field.text).empty()) json[field.key] = file.*field.text;
  }
  return json;
}

Json input_json(const InputFacts& input) {
  Json json = {{"path", input.path},
               {"rows", input.rows},
               {"columns", input.columns},
               {"nonzeros", input.nonzeros},
               {"sparse", input.sparse},
               {"transposed", input.transposed},
               {"add", json_number(input.add)},
               {"missing", name_of(input.missing)},
               {"unknown", input.unknown},
               {"clip_negative", input.clip_negative},
               {"clipped", input.clipped},
               {"summed", input.summed},
               {"read_as", reading_json(input.file)}};
  if (!input.mask.empty()) json["mask"] = input.mask;
  if (!input.weights.empty()) json["weights"] = input.weights;
  if (!input.preparation.empty()) json["preparation"] = input.preparation.substr(1);
  return json;
}

Json json_of(const OptionValue& value) {
  if (const double* number = std::get_if<double>(&value)) return json_number(*number);
  return std::visit([](const auto& other) { return Json(other); }, value);
}

Json options_json(const RunFacts& facts) {
  Json json;
  for (const OptionRow& row : option_table()) {
    if (row.recorded_as.empty()) json[row.key()] = json_of(row.access.value(facts.options));
  }
  json["beta"] = json_number(facts_of(facts.options.loss).beta.value_or(std::numeric_limits<double>::quiet_NaN()));
  json["precision"] = facts.input.single_precision ? "float" : "double";
  if (!facts.w0.empty()) json["w0"] = facts.w0;
  if (!facts.h0.empty()) json["h0"] = facts.h0;
  const auto add_known = [&](const char* name, const std::string& file, const std::vector<Index>& components) {
    if (file.empty()) return;
    Json numbers = Json::array();
    for (const Index c : components) numbers.push_back(c + 1);
    json[name] = {{"file", file}, {"components", numbers}};
  };
  add_known("fix_w", facts.fix_w, facts.options.fixed_w);
  add_known("fix_h", facts.fix_h, facts.options.fixed_h);
  if (!facts.model.empty()) json["model"] = facts.model;
  return json;
}

Json threads_json(const ThreadPlan& plan) {
  return plan.least == plan.most ? Json(plan.most) : Json({{"min", plan.least}, {"max", plan.most}});
}

Json hosts_json(const std::vector<machine::RankPlace>& places) {
  Json hosts = Json::object();
  for (const machine::RankPlace& place : places) {
    const int before = hosts.contains(place.host) ? hosts[place.host].get<int>() : 0;
    hosts[place.host] = before + 1;
  }
  return hosts;
}

Json placement_json(const std::vector<machine::RankPlace>& places) {
  Json lines = Json::array();
  for (const machine::PlacementLine& line : machine::placement_lines(places)) {
    lines.push_back(
        {{"host", line.host}, {"ranks", line.ranks}, {"cores", line.cores}, {"cores_each", line.cores_each}});
  }
  return lines;
}

/// Figures of which every rank has its own.
class OverRanks {
 public:
  OverRanks(const Comm& comm, const std::vector<machine::RankPlace>& places) : comm_(comm), places_(places) {}

  /// Least, mean and largest, and whose the largest is. Collective.
  Json spread(double own) const { return spread_of(comm_.gather(own)); }
  /// The same of what each has above the least. Collective.
  Json spread_above_least(double own) const {
    std::vector<double> values = comm_.gather(own);
    const double least = *std::min_element(values.begin(), values.end());
    for (double& value : values) value -= least;
    return spread_of(values);
  }

 private:
  Json spread_of(const std::vector<double>& values) const {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    const auto rank = most - values.begin();
    return {{"min", *least},
            {"mean", std::clamp(mean, *least, *most)},  // rounding
            {"max", *most},
            {"max_rank", rank},
            {"max_host", places_[static_cast<std::size_t>(rank)].host}};
  }

  const Comm& comm_;
  const std::vector<machine::RankPlace>& places_;
};

double imbalance(const Json& spread) {
  const double mean = spread["mean"];
  return mean > 0 ? spread["max"].get<double>() / mean : 1;
}

Json seconds_json(const Comm& comm, const OverRanks& ranks, const RunFacts& facts) {
  const PhaseSeconds& p = facts.phases;
  Json json = {{"total", comm.max(facts.total_seconds)}};
  json["read"] = ranks.spread(facts.read_seconds);
  json["start"] = ranks.spread(p.start);
  json["sweep"] = ranks.spread(p.sweep);
  json["sum"] = ranks.spread(p.sum);
  json["rule"] = ranks.spread(p.rule);
  json["broadcast"] = ranks.spread(p.broadcast);
  json["cost"] = ranks.spread(p.cost);
  if (!facts.checkpoints.empty()) json["save"] = ranks.spread(p.save);
  json["write"] = ranks.spread(facts.write_seconds);
  json["waiting_in_sum"] = ranks.spread_above_least(p.sum);
  return json;
}

Json work_json(const OverRanks& ranks, const RunFacts& facts) {
  const InputFacts& v = facts.input;
  const double flops =
      flops_of_a_sweep({v.rows_local, v.columns, v.stored_local}, facts.options.components, facts.options.loss);
  Json json = {{"rows", ranks.spread(static_cast<double>(v.rows_local))},
               {"stored_entries", ranks.spread(static_cast<double>(v.stored_local))},
               {"flops_of_a_sweep", ranks.spread(flops)}};
  json["imbalance"] = imbalance(json["flops_of_a_sweep"]);
  return json;
}

/// `seconds`: of the phase, over the ranks. A sweep is over when its slowest rank is.
Json sweep_json(const Comm& comm, const RunFacts& facts, const Json& work, const Json& seconds) {
  const double flops = work["flops_of_a_sweep"]["mean"].get<double>() * comm.size() * facts.phases.walks;
  const double slowest = seconds["max"];
  constexpr double giga = 1e9;
  return {{"walks", facts.phases.walks},
          {"imbalance", imbalance(seconds)},
          {"flops", flops},
          {"flops_formula", flops_formula(facts.options.loss)},
          {"gflops", json_number(flops / slowest / giga)}};
}

Json communication_json(const OverRanks& ranks, const RunFacts& facts) {
  const Communication& c = facts.communication;
  const auto iterations = static_cast<double>(std::max(facts.iterations - facts.resumed_after, Index{1}));
  return {{"bytes_per_iteration", c.bytes_per_iteration},
          {"messages_per_iteration", c.messages_per_iteration},
          {"formula", c.formula},
          {"bytes_by_formula", c.bytes_by_formula},
          {"messages_by_formula", c.messages_by_formula},
          {"pipelined", c.pipelined},
          {"chunks", c.chunks},
          {"seconds_per_iteration",
           {{"sum", ranks.spread(facts.phases.sum / iterations)},
            {"broadcast", ranks.spread(facts.phases.broadcast / iterations)}}}};
}

Json checkpoints_json(const RunFacts& facts) {
  Json fit = Json::object();
  for (const auto& [name, value] : facts.fit) fit[name] = value;
  Json json = {{"folder", facts.checkpoints}, {"resumed_after", facts.resumed_after}, {"fit", fit}};
  if (!facts.sample_of_v.empty()) json["sample_of_v"] = facts.sample_of_v;
  return json;
}

Json wider_fit_json(const WiderFit& wider) {
  return {{"components", wider.components},
          {"iterations", wider.iterations},
          {"seconds", wider.seconds},
          {"loss", json_number(wider.loss)},
          {"stop_reason", to_string(wider.stop_reason)}};
}

Json kkt_json(const FitEnd& end) {
  Json json = {{"W", json_number(end.kkt_w)}, {"H", json_number(end.kkt_h)}};
  if (std::isnan(end.kkt_h)) json["why_not"] = "the fit was asked to stop";
  return json;
}

}  // namespace

std::string run_json(const Comm& comm, const RunFacts& facts) {
  const Versions v = versions();
  const std::vector<machine::RankPlace> places = machine::gather_places(comm, facts.options.threads.threads);
  const OverRanks ranks(comm, places);
  Json json;
  json["command"] = facts.command;
  json["versions"] = {{"mpinmf", v.mpinmf},
                      {"mpi", v.mpi},
                      {"blas", v.blas},
                      {"blas_kernel", v.blas_kernel},
                      {"vectors", v.vectors}};
  json["input"] = input_json(facts.input);
  json["options"] = options_json(facts);
  json["ranks"] = comm.size();
  json["threads_per_rank"] = threads_json(facts.options.threads);
  json["ranks_on_hosts"] = hosts_json(places);
  json["placement"] = placement_json(places);
  json["shapes"] = {{"V", {facts.input.rows, facts.input.columns}},
                    {"W", {facts.input.rows, facts.options.components}},
                    {"H", {facts.options.components, facts.input.columns}}};
  json["written"] = facts.written;
  if (facts.iterations >= 0) json["iterations"] = facts.iterations;
  if (!facts.stop_reason.empty()) json["stop_reason"] = facts.stop_reason;
  if (facts.wider_fit) json["wider_fit"] = wider_fit_json(*facts.wider_fit);
  if (facts.rows_unconverged >= 0) json["rows_unconverged"] = facts.rows_unconverged;
  json["loss"] = json_number(facts.cost.loss);
  json["reconstruction_error"] = json_number(facts.cost.reconstruction_error);
  json["mean_row_norm"] = json_number(facts.cost.mean_row_norm);
  json["relative_error"] = json_number(facts.cost.relative_error);
  json["penalty"] = json_number(facts.cost.penalty);
  if (facts.end) json["kkt_residual"] = kkt_json(*facts.end);
  if (facts.end && !std::isnan(facts.end->predicted_gain)) json["predicted_gain"] = facts.end->predicted_gain;
  json["zero_models"] = facts.zero_models;
  if (facts.end) json["dead_components"] = facts.end->dead_components;
  if (!facts.checkpoints.empty()) json["checkpoints"] = checkpoints_json(facts);
  json["seconds"] = seconds_json(comm, ranks, facts);
  json["work"] = work_json(ranks, facts);
  if (facts.phases.walks > 0) json["sweep"] = sweep_json(comm, facts, json["work"], json["seconds"]["sweep"]);
  if (!facts.communication.formula.empty()) json["communication"] = communication_json(ranks, facts);
  json["peak_memory_bytes"] = ranks.spread(peak_memory_bytes());
  json["peak_memory_bytes_per_rank"] = json["peak_memory_bytes"]["max"].get<std::int64_t>();
  json["warnings"] = facts.warnings;
  // file names may be any bytes; JSON wants UTF-8
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Versions versions() {
  return {MPINMF_VERSION, mpi_library_version(), blas_description(), blas_kernel(), vector_level_name()};
}

double peak_memory_bytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

}  // namespace mpinmf::report
