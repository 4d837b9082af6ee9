#include "run_json.hpp"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "kernels/blas.hpp"
#include "kernels/simd.hpp"

namespace mpinmf::report {
namespace {

using Json = nlohmann::ordered_json;

/// JSON knows neither NaN nor infinity.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json input_json(const InputFacts& input) {
  return {{"path", input.path},         {"rows", input.rows},     {"columns", input.columns},
          {"nonzeros", input.nonzeros}, {"sparse", input.sparse}, {"transposed", input.transposed},
          {"add", number(input.add)}};
}

Json options_json(const RunFacts& facts) {
  const Options o = facts.options.with_choices(facts.input.rows, facts.input.columns);
  Json json = {{"components", o.components},
               {"loss", o.loss.name()},
               {"beta", o.loss.beta},
               {"rule", o.rule},
               {"extrapolate", *o.extrapolate},
               {"inner_rounds", o.inner_rounds},
               {"final_w", *o.final_w},
               {"alpha_w", o.alpha_w},
               {"alpha_h", *o.alpha_h},
               {"l1_ratio", o.l1_ratio},
               {"stop", name_of(o.stop)},
               {"order", o.order == Order::w_first ? "w-first" : "h-first"},
               {"max_iterations", o.max_iterations},
               {"tolerance", o.tolerance},
               {"max_seconds", number(o.max_seconds)},
               {"init", name_of(o.start)},
               {"seed", o.seed.text()},
               {"zero_below", o.zero_below},
               {"trace_every", o.trace_every},
               {"normalize", name_of(o.normalize)},
               {"normalize_factor", o.normalize_factor == Factor::w ? "w" : "h"},
               {"diagonal", o.diagonal},
               {"precision", facts.input.single_precision ? "float" : "double"}};
  if (!facts.w0.empty()) json["w0"] = facts.w0;
  if (!facts.h0.empty()) json["h0"] = facts.h0;
  if (!facts.model.empty()) json["model"] = facts.model;
  return json;
}

Json threads_json(const ThreadPlan& plan) {
  return plan.least == plan.most ? Json(plan.most) : Json({{"min", plan.least}, {"max", plan.most}});
}

Json hosts_json(const Comm& comm) {
  Json hosts = Json::object();
  for (const std::string& host : comm.gather(host_name())) {
    const int before = hosts.contains(host) ? hosts[host].get<int>() : 0;
    hosts[host] = before + 1;
  }
  return hosts;
}

Json spread(const Comm& comm, double seconds) {
  return {{"min", comm.min(seconds)}, {"mean", comm.sum(seconds) / comm.size()}, {"max", comm.max(seconds)}};
}

Json seconds_json(const Comm& comm, const RunFacts& facts) {
  const PhaseSeconds& p = facts.phases;
  Json json = {{"total", comm.max(facts.total_seconds)}};
  json["read"] = spread(comm, facts.read_seconds);
  json["start"] = spread(comm, p.start);
  json["sweep"] = spread(comm, p.sweep);
  json["sum"] = spread(comm, p.sum);
  json["rule"] = spread(comm, p.rule);
  json["broadcast"] = spread(comm, p.broadcast);
  json["cost"] = spread(comm, p.cost);
  if (!facts.checkpoints.empty()) json["save"] = spread(comm, p.save);
  json["write"] = spread(comm, facts.write_seconds);
  return json;
}

Json communication_json(const Comm& comm, const RunFacts& facts) {
  const Communication& c = facts.communication;
  const auto iterations = static_cast<double>(std::max(facts.iterations, Index{1}));
  return {{"bytes_per_iteration", c.bytes_per_iteration},
          {"messages_per_iteration", c.messages_per_iteration},
          {"formula", c.formula},
          {"bytes_by_formula", c.bytes_by_formula},
          {"messages_by_formula", c.messages_by_formula},
          {"pipelined", c.pipelined},
          {"chunks", c.chunks},
          {"seconds_per_iteration",
           {{"sum", spread(comm, facts.phases.sum / iterations)},
            {"broadcast", spread(comm, facts.phases.broadcast / iterations)}}}};
}

Json checkpoints_json(const RunFacts& facts) {
  Json fit = Json::object();
  for (const auto& [name, value] : facts.fit) fit[name] = value;
  return {{"folder", facts.checkpoints}, {"resumed_after", facts.resumed_after}, {"fit", fit}};
}

}  // namespace

std::string run_json(const Comm& comm, const RunFacts& facts) {
  const Versions v = versions();
  Json json;
  json["command"] = facts.command;
  json["versions"] = {{"mpinmf", v.mpinmf}, {"mpi", v.mpi}, {"blas", v.blas}, {"vectors", v.vectors}};
  json["input"] = input_json(facts.input);
  json["options"] = options_json(facts);
  json["ranks"] = comm.size();
  json["threads_per_rank"] = threads_json(facts.threads);
  json["ranks_on_hosts"] = hosts_json(comm);
  json["shapes"] = {{"V", {facts.input.rows, facts.input.columns}},
                    {"W", {facts.input.rows, facts.options.components}},
                    {"H", {facts.options.components, facts.input.columns}}};
  json["written"] = facts.written;
  if (facts.iterations >= 0) json["iterations"] = facts.iterations;
  if (!facts.stop_reason.empty()) json["stop_reason"] = facts.stop_reason;
  json["loss"] = number(facts.cost.loss);
  json["reconstruction_error"] = number(facts.cost.reconstruction_error);
  json["mean_row_norm"] = number(facts.cost.mean_row_norm);
  json["relative_error"] = number(facts.cost.relative_error);
  json["penalty"] = number(facts.cost.penalty);
  if (!std::isnan(facts.kkt_w)) json["kkt_residual"] = {{"W", number(facts.kkt_w)}, {"H", number(facts.kkt_h)}};
  json["zero_models"] = facts.zero_models;
  if (!facts.checkpoints.empty()) json["checkpoints"] = checkpoints_json(facts);
  json["seconds"] = seconds_json(comm, facts);
  if (!facts.communication.formula.empty()) json["communication"] = communication_json(comm, facts);
  json["peak_memory_bytes_per_rank"] = static_cast<std::int64_t>(comm.max(peak_memory_bytes()));
  // file names may be any bytes; JSON wants UTF-8
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

ModelFacts parse_run_json(const std::string& text, const std::string& path) {
  try {
    const Json json = Json::parse(text);
    ModelFacts facts;
    facts.beta = json.at("options").at("beta").get<double>();
    facts.single_precision = json.at("options").at("precision").get<std::string>() == "float";
    facts.add = json.at("input").at("add").get<double>();
    facts.transposed = json.at("input").at("transposed").get<bool>();
    const Json& options = json.at("options");
    facts.diagonal = options.value("diagonal", false);
    facts.alpha_w = options.value("alpha_w", 0.0);
    facts.l1_ratio = options.value("l1_ratio", 0.0);
    facts.zero_below = options.value("zero_below", 0.0);
    return facts;
  } catch (const Json::exception& error) {
    throw BadData(fmt::format("{} is not the run.json of a fit: {}", path, error.what()));
  }
}

Versions versions() {
  return {MPINMF_VERSION, mpi_library_version(), blas_description(), vector_level_name()};
}

double peak_memory_bytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

}  // namespace mpinmf::report
