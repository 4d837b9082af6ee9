#include "report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "kernels/blas.hpp"
#include "kernels/simd.hpp"
#include "report/run_json.hpp"

namespace mpinmf::bench {
namespace {

using Json = nlohmann::ordered_json;
constexpr double giga = 1e9, milli = 1e-3;

double peak_of(const CaseResult& result, const Machine& machine) {
  return machine.rates(result.shape.element_bytes).flops;
}

Json spread_json(const Spread& spread) {
  return {{"median", spread.median},
          {"min", spread.minimum},
          {"lower_quartile", spread.lower_quartile},
          {"upper_quartile", spread.upper_quartile},
          {"max", spread.maximum},
          {"samples", spread.samples}};
}

Json reached_json(const Reached& reached) {
  return {{"best", reached.best / giga}, {"median", reached.median / giga}};
}

Json machine_json(const Setting& setting) {
  Json hosts = Json::object();
  for (const std::string& host : setting.hosts) hosts[host] = hosts.value(host, 0) + 1;
  const report::Versions versions = report::versions();
  const Machine& machine = setting.machine;
  return {{"ranks", setting.ranks},
          {"threads_per_rank", setting.threads},
          {"ranks_on_hosts", hosts},
          {"versions", {{"mpinmf", versions.mpinmf}, {"mpi", versions.mpi}, {"blas", versions.blas}}},
          {"vectors", versions.vectors},
          {"product_gflops",
           {{"double", reached_json(machine.double_product)}, {"float", reached_json(machine.float_product)}}},
          {"bandwidth_gbytes_per_second",
           {{"sum", reached_json(machine.bandwidth.sum)}, {"triad", reached_json(machine.bandwidth.triad)}}},
          {"bandwidth_taken_as_limit", "sum"},
          {"bandwidth_array_bytes", machine.bandwidth.array_bytes}};
}

Json case_json(const CaseResult& r, const Machine& machine) {
  const double seconds = r.sweep.median, peak = peak_of(r, machine);
  Json json = {{"name", r.name},
               {"loss", r.loss},
               {"precision", r.precision},
               {"origin", r.origin},
               {"rows", r.shape.rows},
               {"columns", r.shape.columns},
               {"stored", r.shape.stored},
               {"sparse", r.shape.sparse},
               {"components", r.shape.components},
               {"sweep_seconds", spread_json(r.sweep)},
               {"iteration_seconds", spread_json(r.iteration)},
               {"iteration_over_sweep", r.iteration.median / seconds},
               {"flops", r.flops},
               {"flops_with_padding", r.padded_flops},
               {"bytes", r.bytes},
               {"gflops", r.flops / seconds / giga},
               {"share_of_peak", r.flops / seconds / peak},
               {"share_of_peak_with_padding", r.padded_flops / seconds / peak},
               {"limit_seconds", r.limit.seconds},
               {"limited_by", r.limit.by_flops ? "flops" : "bytes"},
               {"share_of_limit", r.limit.seconds / seconds}};
  if (r.products) {
    json["products"] = r.shape.sparse ? "CSR" : "BLAS";
    json["products_seconds"] = spread_json(*r.products);
    json["products_over_sweep"] = r.products->median / seconds;
  }
  if (r.first_sweep) json["first_sweep_seconds"] = *r.first_sweep;
  return json;
}

}  // namespace

std::string short_heading(int ranks, int threads) {
  return fmt::format("{} rank(s) x {} thread(s), vectors {}, BLAS {}\n", ranks, threads, vector_level_name(),
                     blas_description());
}

std::string heading(const Setting& setting) {
  const Machine& m = setting.machine;
  return short_heading(setting.ranks, setting.threads) +
         fmt::format(
             "matrix product: {:.1f} GFLOP/s double, {:.1f} float\n"
             "memory: {:.1f} GB/s sum (read only, taken as the limit), {:.1f} GB/s triad, arrays of {} MiB a "
             "thread; "
             "best runs\n"
             "limit: max(flops / product, bytes / sum); products: two over all of V, by BLAS or plain CSR\n\n",
             m.double_product.best / giga, m.float_product.best / giga, m.bandwidth.sum.best / giga,
             m.bandwidth.triad.best / giga, m.bandwidth.array_bytes >> 20);
}

std::string table_head() {
  return fmt::format("{:<10} {:<16} {:<6} {:>4} {:>10} {:>10} {:>7} {:>8} {:>8} {:>8} {:>9} {:>9}\n", "", "", "",
                     "k", "sweep", "iteration", "iter. /", "", "of peak,", "", "of the", "products") +
         fmt::format("{:<10} {:<16} {:<6} {:>4} {:>10} {:>10} {:>7} {:>8} {:>8} {:>8} {:>9} {:>9}\n", "case",
                     "loss", "", "", "[ms]", "[ms]", "sweep", "GFLOP/s", "padded", "MB", "limit", "/ sweep");
}

std::string table_line(const CaseResult& r, const Machine& machine) {
  const double seconds = r.sweep.median;
  const std::string ratio = r.products ? fmt::format("{:.2f}", r.products->median / seconds) : "-";
  return fmt::format(
      "{:<10} {:<16} {:<6} {:>4} {:>10.3f} {:>10.3f} {:>7.2f} {:>8.2f} {:>6.1f} % {:>8.1f} {:>7.1f} % {:>9}\n",
      r.name, r.loss, r.precision, r.shape.components, seconds / milli, r.iteration.median / milli,
      r.iteration.median / seconds, r.flops / seconds / giga, 100 * r.padded_flops / seconds / peak_of(r, machine),
      r.bytes / 1e6, 100 * r.limit.seconds / seconds, ratio);
}

std::string bench_json(const Arguments& arguments, const Setting& setting,
                       const std::vector<CaseResult>& results) {
  Json json;
  json["machine"] = machine_json(setting);
  json["options"] = {
      {"workloads", arguments.workloads},   {"loss", arguments.losses}, {"precision", arguments.precisions},
      {"scale", arguments.scale},           {"data", arguments.data},   {"repeats", arguments.effort.repeats},
      {"seconds", arguments.effort.seconds}};
  json["cases"] = Json::array();
  for (const CaseResult& result : results) json["cases"].push_back(case_json(result, setting.machine));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mpinmf::bench
