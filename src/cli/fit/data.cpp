#include "data.hpp"

#include <fmt/core.h>

#include "cli/command.hpp"
#include "cli/data_storage.hpp"
#include "cli/factor_files.hpp"
#include "cli/file_hints.hpp"
#include "cli/warnings.hpp"
#include "cli/weights.hpp"
#include "init/nndsvd.hpp"
#include "init/start_table.hpp"
#include "known_parts.hpp"
#include "losses/loss_table.hpp"
#include "report/memory.hpp"
#include "report/say.hpp"
#include "warnings.hpp"
#include "weights_of_fit.hpp"

namespace mpinmf::cli {
namespace {

std::string threads_text(const ThreadPlan& plan) {
  if (plan.least != plan.most) return fmt::format("{} to {} threads each", plan.least, plan.most);
  return plan.most == 1 ? "1 thread each" : fmt::format("{} threads each", plan.most);
}

}  // namespace

UnreadV open_v(const Comm& comm, FitArguments& a) {
  prepare_input(comm, a.input);
  MatrixHeader header = load_header(comm, a.input.path, load_options(a.input, a.most_components()));
  require_place_for_missing(a.input, header);
  choose_weights(comm, a, header);
  UnreadV v{header, DataNames(comm, a.input, header.rows, header.columns)};
  check_into(comm, a.factors, v.names, header.rows, header.columns);
  return v;
}

template <class T>
BeforeReading check_before_reading(const Comm& comm, const FitArguments& a, const ResolvedOptions& options,
                                   const MatrixHeader& header) {
  const Index k = options.components;
  if (facts_of(a.options.start).is_given) {
    require_factor_shape(comm, a.solver.w0, {header.rows, k}, "W0 (rows of V x k)");
    require_factor_shape(comm, a.solver.h0, {k, header.columns}, "H0 (k x columns of V)");
  }
  check_known_parts(comm, a, header);
  if (facts_of(a.options.start).needs_svd) require_svd_start_fits(header.rows, header.columns, k + options.merge);
  report::MemoryPlan plan = report::plan_of_fit(options, sizeof(T) == 4);
  plan.ranks = comm.size();
  plan.groups = a.groups;
  if (a.keeps_strongest) plan.compared_fits = a.restarts;
  plan.beside = bytes_of_scales(a.input, header, comm.size() / a.groups);
  BeforeReading found;
  found.how = placed_options(comm, a.input, k, weighted_header(comm, a.input, header), plan, a.quiet);
  plan.storage = found.how.storage;
  found.hints = {report::transpose_hint(header, plan, a.input.transpose), gzip_hint(header, comm.size()),
                 table_hint(header.guess, a.input.path)};
  return found;
}

template <class T>
FitData<T> read_data(const Comm& comm, const FitArguments& a, const ThreadPlan& threads,
                     const BeforeReading& found) {
  std::vector<std::string> warnings = warn_of_placement(comm, threads, a.quiet);
  const auto begin = FitClock::now();
  auto v =
      with_weights(a.input, facts_of(a.options.loss).beta.value_or(0), load<T>(comm, a.input.path, found.how));
  const double seconds = seconds_since(begin);
  for (const std::string& hint : found.hints) {
    if (a.talks(comm) && !hint.empty()) report::note(hint);
  }
  Options largest = a.options;
  largest.components = a.most_components();
  Warnings of_request(comm, a.quiet);
  warn_of_clipped(v.summary().clipped, of_request);
  warn_of_summed(v.summary().summed, a.input.path, of_request);
  warn_of_request(v, a.options, a.components, of_request);
  for (const auto& more : {of_request.texts(), warn_of_uneven_work(v, largest, !a.talks(comm))}) {
    warnings.insert(warnings.end(), more.begin(), more.end());
  }
  return {std::move(v), seconds, std::move(warnings)};
}

template <class T>
std::optional<DataMatrix<T>> with_noise(const FitArguments& a, const DataMatrix<T>& v, const Seed& seed) {
  if (!a.noise) return std::nullopt;
  Perturbation noise = *a.noise;
  noise.key = seed.key();
  return v.perturbed(noise, threads_for(v.comm(), a.options.threads).threads);
}

template <class T>
std::string data_line(const DataMatrix<T>& v, const std::string& components, const ThreadPlan& threads) {
  const int ranks = v.comm().size();
  const std::string held = v.summary().has_weights ? "with weights"
                                                   : fmt::format("{}{}", v.is_sparse() ? "sparse" : "dense",
                                                                 v.scales() == nullptr ? "" : ", with weights");
  const Index unknown = v.summary().unknown;
  return fmt::format("V: {} x {}, {}{}; {}; {} rank{} with {}\n", v.rows_global(), v.columns(), held,
                     unknown > 0 ? fmt::format(", {} of its entries unknown", unknown) : "", components, ranks,
                     ranks == 1 ? "" : "s", threads_text(threads));
}

template BeforeReading check_before_reading<float>(const Comm&, const FitArguments&, const ResolvedOptions&,
                                                   const MatrixHeader&);
template BeforeReading check_before_reading<double>(const Comm&, const FitArguments&, const ResolvedOptions&,
                                                    const MatrixHeader&);
template FitData<float> read_data(const Comm&, const FitArguments&, const ThreadPlan&, const BeforeReading&);
template FitData<double> read_data(const Comm&, const FitArguments&, const ThreadPlan&, const BeforeReading&);
template std::optional<DataMatrix<float>> with_noise(const FitArguments&, const DataMatrix<float>&, const Seed&);
template std::optional<DataMatrix<double>> with_noise(const FitArguments&, const DataMatrix<double>&, const Seed&);
template std::string data_line(const DataMatrix<float>&, const std::string&, const ThreadPlan&);
template std::string data_line(const DataMatrix<double>&, const std::string&, const ThreadPlan&);

}  // namespace mpinmf::cli
