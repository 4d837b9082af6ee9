// mpinmf spectrum: the leading singular values of V, which tell how many components it may have.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <vector>

#include "cli/process/output_folder.hpp"
#include "command.hpp"
#include "data_storage.hpp"
#include "file_hints.hpp"
#include "init/truncated_svd.hpp"
#include "kernels/blas.hpp"
#include "machine/threads.hpp"
#include "report/memory.hpp"
#include "report/plot.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "solver_arguments.hpp"
#include "warnings.hpp"

namespace mpinmf::cli {
namespace {

struct SpectrumArguments {
  InputArguments input;
  Options options;  // k, seed and threads
  TypedOptions typed;
  std::string output;
  bool force = false, quiet = false;
};

void prepare(SpectrumArguments& a) {
  a.typed.apply(a.options);
  a.options.check();
  if (a.input.path.empty()) throw UsageError("V is empty: name a matrix");
  if (a.output.empty()) a.output = name_of_matrix(a.input.path) + ".spectrum";
}

std::vector<report::SpectrumRow> rows_of(const std::vector<double>& values, double sum_squares) {
  std::vector<report::SpectrumRow> rows;
  double explained = 0;
  for (const double value : values) {
    const double share = sum_squares > 0 ? value * value / sum_squares : 0;
    explained += share;
    rows.push_back({value, share, explained});
  }
  return rows;
}

std::string csv(const std::vector<report::SpectrumRow>& rows) {
  std::string text = "component,singular_value,share,cumulative_share\n";
  for (std::size_t c = 0; c < rows.size(); ++c) {
    text +=
        fmt::format("{},{:.17g},{:.17g},{:.17g}\n", c + 1, rows[c].value, rows[c].share, rows[c].cumulative_share);
  }
  return text;
}

void print(const std::vector<report::SpectrumRow>& rows) {
  fmt::print("{:>9}  {:>16}  {:>16}  {:>16}\n", "component", "singular value", "share of ||V||^2", "cumulative");
  for (std::size_t c = 0; c < rows.size(); ++c) {
    fmt::print("{:>9}  {:>16.10g}  {:>15.6f}%  {:>15.6f}%\n", c + 1, rows[c].value, 100 * rows[c].share,
               100 * rows[c].cumulative_share);
  }
}

/// Whatever can be known to fail is found here, before V is read.
std::unique_ptr<OutputFolder> check_before_reading(const Comm& comm, const SpectrumArguments& a,
                                                   const MatrixHeader& header, const ThreadPlan& threads,
                                                   LoadOptions& reading) {
  require_singular_values(header.rows, header.columns, a.options.components);
  report::MemoryPlan plan;
  plan.components = plan.singular_values = a.options.components;
  plan.factorizes = false;
  plan.single_precision = single_precision(a.input, header);
  plan.ranks = comm.size();
  plan.threads = threads.most;
  reading = placed_options(comm, a.input, a.options.components, header, plan, a.quiet);
  warn_of_placement(comm, threads, a.quiet);
  if (a.output == "none") return nullptr;
  return std::make_unique<OutputFolder>(
      comm, a.output, OutputFolder::Results{{"spectrum.csv", "spectrum.svg", "spectrum.png"}, a.force, 0});
}

template <class T>
void compute(const Comm& comm, const SpectrumArguments& a, const MatrixHeader& header) {
  const ThreadPlan threads = threads_for(comm, a.options.threads);
  LoadOptions reading;
  const auto folder = check_before_reading(comm, a, header, threads, reading);
  const auto v = load<T>(comm, a.input.path, reading);
  Warnings warnings(comm, a.quiet);
  warn_of_clipped(v.summary().clipped, warnings);
  warn_of_summed(v.summary().summed, a.input.path, warnings);
  use_one_blas_thread();
  const auto svd = truncated_svd(v, {a.options.components, a.options.seed, threads.threads});
  const auto rows = rows_of(svd.values, v.summary().sum_squares);
  const bool talks = comm.is_root() && !a.quiet;
  if (folder) {
    const std::string path = folder->partial("spectrum.csv");
    comm.meet_on_root([&] { report::write_text_file(path, csv(rows)); });
    folder->publish();
    const std::string fault = comm.is_root() ? report::draw_spectrum(rows, folder->path() + "/spectrum") : "";
    if (!fault.empty() && talks)
      report::note(fmt::format("spectrum.svg and spectrum.png were not drawn: {}", fault));
  }
  if (!talks) return;
  print(rows);
  if (!svd.converged) {
    report::note(
        fmt::format("the singular values lie so close together that the last of them still moved after {} "
                    "iterations: a larger -k settles them",
                    svd.iterations));
  }
  if (folder) fmt::print("results: {}\n", folder->path());
}

void run(const Comm& comm, SpectrumArguments a) {
  prepare_input(comm, a.input);
  const MatrixHeader header = load_header(comm, a.input.path, load_options(a.input, a.options.components));
  if (!a.quiet) give_file_hints(comm, header, a.input.path);
  with_precision(single_precision(a.input, header),
                 [&](auto element) { compute<decltype(element)>(comm, a, header); });
}

}  // namespace

Command add_spectrum(CLI::App& program) {
  auto arguments = std::make_shared<SpectrumArguments>();
  CLI::App* app = program.add_subcommand(
      "spectrum", "the leading singular values of V and the share of ||V||^2 that each explains");
  add_input(*app, arguments->input);
  app->add_option(spellings_of(option_row("components")), arguments->options.components,
                  "how many; at most min(m, n)")
      ->transform(CLI::Validator(check_components, ""))
      ->required();
  arguments->typed.add(*app, "seed");
  arguments->typed.add(*app, "threads");
  app->add_option("--output", arguments->output,
                  "folder for spectrum.csv and its picture, or none; default: V's name + .spectrum");
  app->add_flag("--force", arguments->force, "replace the results that the output folder holds");
  app->add_flag("--quiet", arguments->quiet, "no table, no notes");
  return {app, [arguments] { prepare(*arguments); }, [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
