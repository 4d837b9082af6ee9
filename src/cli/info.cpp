// mpinmf info: what V is, what a fit of it needs, and how to start that on a cluster.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "cli/fit/choose_groups.hpp"
#include "cli/process/job_advice.hpp"
#include "command.hpp"
#include "entry_facts.hpp"
#include "file_hints.hpp"
#include "io/entry_check.hpp"
#include "io/open_on_all.hpp"
#include "io/preparation.hpp"
#include "io/prepared_source.hpp"
#include "io/reading.hpp"
#include "io/shell_word.hpp"
#include "machine/memory_limit.hpp"
#include "machine/scratch_file.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/partition.hpp"
#include "mpinmf/trace.hpp"
#include "report/counted.hpp"
#include "report/memory.hpp"
#include "report/say.hpp"
#include "rules/rule.hpp"
#include "sizes.hpp"
#include "solver_arguments.hpp"
#include "whole_number.hpp"

namespace mpinmf::cli {
namespace {

struct InfoArguments {
  InputArguments input;
  Index components = 16;
  TypedOptions typed;
  int ranks = 0;  // 0: those it runs on
  int groups = 1;
  int threads = 1;
  Index restarts = 1;
  bool header_only = false;
  std::string nonzeros;                   // with input.file.shape: of a matrix that need not exist
  std::string node_cores, node_memory;    // of a cluster
  std::optional<MatrixHeader> described;  // by shape and nonzeros
  std::optional<Node> node;
};

/// The header of a matrix of which only --shape and --nonzeros are known. Throws UsageError.
MatrixHeader described_header(const InfoArguments& a) {
  const auto [m, n] = parse_shape("--shape", a.input.file.shape, "12e6x50000");
  MatrixHeader header;
  header.rows = a.input.transpose ? n : m;
  header.columns = a.input.transpose ? m : n;
  header.stored = m * n;
  header.sparse = !a.nonzeros.empty();
  if (header.sparse) header.stored = parse_count("--nonzeros", a.nonzeros, 0);
  if (header.stored > m * n) {
    throw UsageError(
        fmt::format("--nonzeros {} are more than the {} entries of a {} x {} matrix", a.nonzeros, m * n, m, n));
  }
  constexpr Index most_columns = std::numeric_limits<ColumnIndex>::max();
  if (header.columns > most_columns) {
    throw UsageError(fmt::format("--shape {}: {} columns are more than {}; {} --transpose", a.input.file.shape,
                                 header.columns, most_columns, a.input.transpose ? "do without" : "use"));
  }
  return header;
}

/// Throws UsageError.
Options options_of(const InfoArguments& a) {
  Options options;
  options.components = a.components;
  a.typed.apply(options);
  options.loss.missing = a.input.missing;
  options.check();
  return options;
}

void prepare(InfoArguments& a) {
  options_of(a);
  if (a.input.path.empty() && a.input.file.shape.empty())
    throw UsageError("V is missing: name a matrix, or give --shape MxN");
  if (!a.input.path.empty() && !a.input.file.shape.empty() && a.input.file.format != "raw") {
    throw UsageError("V and --shape exclude each other: a matrix has its own shape");
  }
  if ((a.input.file.shape.empty() || !a.input.path.empty()) && !a.nonzeros.empty())
    throw UsageError("--nonzeros belongs to --shape: a matrix has its own");
  a.input.preparation.check();
  if (a.input.path.empty()) {
    if (!a.input.mask.empty()) {
      throw UsageError(
          fmt::format("--shape excludes --missing {}: it says what is unknown of a matrix", a.input.mask));
    }
    if (a.input.preparation.is_any()) {
      throw UsageError(
          fmt::format("--shape excludes{}: there are no entries to prepare", a.input.preparation.options()));
    }
    a.described = described_header(a);
    a.input.file = {};
  }
  if (a.node_cores.empty() != a.node_memory.empty()) {
    throw UsageError("--node-cores and --node-memory belong together: both describe a node");
  }
  if (a.node_cores.empty()) return;
  const Index cores = parse_count("--node-cores", a.node_cores, 1);
  if (cores > most_threads) {
    throw UsageError(fmt::format("--node-cores must be at most {}, not {}", most_threads, a.node_cores));
  }
  a.node = Node{cores, parse_bytes("--node-memory", a.node_memory)};
}

report::MemoryPlan plan_of(const MatrixHeader& header, const InfoArguments& a) {
  report::MemoryPlan plan =
      report::plan_of_fit(resolve(options_of(a), header.rows, header.columns), single_precision(a.input, header));
  plan.threads = a.threads;
  plan.compared_fits = a.restarts;
  return plan;
}

/// What lies on disk, and where.
void print_disk(const report::MemoryNeed& need, const std::string& scratch) {
  fmt::print("  V on disk: {} in {}\n", report::bytes_text(need.disk), machine::scratch_folder(scratch).path);
}

void print_memory(const MatrixHeader& header, report::MemoryPlan plan, const InputArguments& input) {
  plan.storage = asked_storage(input).value_or(Storage::memory);
  const report::MemoryNeed need = report::memory_need(header, plan);
  const machine::MemoryLimit limit = machine::memory_limit();
  using report::bytes_text;
  const std::string groups = plan.groups == 1 ? "" : fmt::format(" and {} groups", plan.groups);
  fmt::print("memory a rank needs for k = {} on {}{} in {}: {}\n", plan.components,
             report::counted(plan.ranks, "rank"), groups, plan.single_precision ? "float" : "double",
             bytes_text(need.total()));
  fmt::print("  {}\n", need.parts());
  if (plan.storage == Storage::disk) print_disk(need, input.scratch);
  fmt::print("memory of this host: {} ({})\n", bytes_text(limit.bytes), limit.source);
  if (!asked_storage(input) && need.total() > limit.bytes) {
    plan.storage = Storage::disk;
    const report::MemoryNeed on_disk = report::memory_need(header, plan);
    fmt::print("with V on disk, as --storage auto has it where memory is too small: {}\n  {}\n",
               bytes_text(on_disk.total()), on_disk.parts());
    print_disk(on_disk, input.scratch);
  }
  if (plan.ranks > 1) {
    plan.storage = asked_storage(input).value_or(Storage::memory);
    fmt::print("several fits with {}\n", groups_advice(header, plan, limit.bytes));
  }
  for (const std::string& hint : {report::transpose_hint(header, plan, input.transpose),
                                  gzip_hint(header, plan.ranks), table_hint(header.guess, input.path)}) {
    if (!hint.empty()) report::note(hint);
  }
}

/// The arguments of the fit that info was asked about.
std::string fit_arguments(const InfoArguments& a) {
  std::string text = fmt::format("{} -k {}", a.described ? "V" : shell_word(a.input.path), a.components);
  for (const char* name : {"loss", "rule", "init", "merge"}) {
    const std::string value = a.typed.text(name);
    if (value != option_row(name).access.default_text) text += fmt::format(" --{} {}", name, shell_word(value));
  }
  if (a.input.transpose) text += " --transpose";
  if (!a.input.mask.empty()) {
    text += " --missing " + shell_word(a.input.mask);
  } else if (a.input.missing != Missing::none) {
    text += fmt::format(" --missing {}", name_of(a.input.missing));
  }
  if (a.input.clip_negative > 0) text += fmt::format(" --clip-negative {}", a.input.clip_negative);
  for (const io::ReadingField& field : io::reading_fields) {
    const std::string& value = a.input.file.*field.text;
    if (!value.empty()) text += fmt::format(" --{} {}", field.option, shell_word(value));
  }
  text += a.input.preparation.options();
  if (a.input.storage_type != "auto") text += " --storage-type " + a.input.storage_type;
  if (!a.input.precision.empty()) text += " --precision " + a.input.precision;
  return text;
}

/// What is known without reading any entry.
void print_header(const Comm& comm, const MatrixHeader& header, const InfoArguments& a) {
  std::string of_all;
  if (a.input.prepared && !(a.input.prepared->rows.is_all() && a.input.prepared->columns.is_all()))
    of_all = fmt::format(" of {} x {}", a.input.prepared->rows.all(), a.input.prepared->columns.all());
  fmt::print("{}: {} x {}{}, {}{}\n", a.described ? "V" : a.input.path, header.rows, header.columns, of_all,
             header.sparse ? "sparse" : "dense",
             header.single_precision ? ", stored as 32-bit floating point" : "");
  report::MemoryPlan plan = plan_of(header, a);
  plan.ranks = a.ranks > 0 ? a.ranks : comm.size();
  plan.groups = std::min(a.groups, plan.ranks);
  print_memory(header, plan, a.input);
  std::fflush(stdout);
}

/// A dense V of whole numbers whose file has other types is held in the fit's precision unless asked otherwise.
void print_narrower(const MatrixHeader& header, StorageType narrowest) {
  if (header.sparse || header.held_as != StorageType::automatic || narrowest == StorageType::automatic) return;
  fmt::print("whole numbers: --storage-type {} holds each in {}, and leaves the same W and H\n",
             narrowest == StorageType::uint8 ? "uint8" : "uint16",
             report::counted(value_bytes(narrowest, sizeof(double)), "byte"));
}

/// Collective. `job`: the advice, if asked for.
void run_on(const Comm& comm, const MatrixHeader& header, const InfoArguments& a, const std::optional<Job>& job) {
  const LoadOptions options = load_options(a.input, a.components);
  const io::EntryCheck<double> check(a.input.path, options);
  const bool knows_zeros = a.input.missing != Missing::zeros;
  EntryFacts facts(0, 0, check, knows_zeros);
  const bool reads = !a.header_only && !a.described;
  if (reads) {
    io::Source source = io::open_on_all(comm, a.input.path, options);
    io::finish_stream(comm, source, options);
    comm.meet([&] {
      facts = EntryFacts(header.rows, header.columns, check, knows_zeros);
      if (options.mask.empty() || source.is_summed) facts.read(comm, source);
    });
    if (!options.mask.empty() && !source.is_summed) facts.read_whole_rows(comm, source, options);
    facts.meet(comm, source);
  }
  if (!comm.is_root()) return;
  print_header(comm, header, a);
  if (reads) {
    facts.print();
    print_narrower(header, facts.narrowest());
  }
  if (job) print_job(*job, *a.node, fit_arguments(a));
}

void run(const Comm& comm, InfoArguments a) {
  if (!a.described) prepare_input(comm, a.input);
  const MatrixHeader header =
      a.described ? *a.described : load_header(comm, a.input.path, load_options(a.input, a.components));
  require_place_for_missing(a.input, header);
  std::optional<Job> job;
  if (a.node) comm.meet([&] { job = advise(header, plan_of(header, a), *a.node); });
  run_on(comm, header, a, job);
}

}  // namespace

Command add_info(CLI::App& program) {
  auto arguments = std::make_shared<InfoArguments>();
  CLI::App* app = program.add_subcommand("info",
                                         "shape, nonzeros, density, range, empty rows and columns of V, the "
                                         "memory a rank needs to fit it, and how to "
                                         "start that on a cluster");
  add_input(*app, arguments->input);
  app->get_option("V")->required(false);
  app->get_option("--shape")->description(
      "ROWSxCOLUMNS of a raw file (--format raw), or instead of V of a matrix that need not exist: 12e6x50000");
  app->add_option("--nonzeros", arguments->nonzeros, "with --shape: its entries, if it is sparse; default: dense");
  app->add_option(spellings_of(option_row("components")), arguments->components,
                  "k that the memory is predicted for")
      ->transform(CLI::Validator(check_components, ""))
      ->capture_default_str();
  arguments->typed.add(*app, "loss", "the loss that the memory is predicted for");
  arguments->typed.add(*app, "rule", "the rule that the memory is predicted for");
  arguments->typed.add(*app, "init");
  arguments->typed.add(*app, "merge", "E of fit: the memory is predicted for the fit of k + E components");
  add_whole_number(*app, "--ranks", arguments->ranks,
                   "number of ranks that the memory is predicted for; default: those it runs on")
      ->check(CLI::Range(Index{1}, most_counted));
  add_whole_number(*app, "--groups", arguments->groups,
                   "groups of these ranks that the memory is predicted for, as survey --groups makes them")
      ->check(CLI::Range(Index{1}, most_counted))
      ->capture_default_str();
  add_whole_number(*app, "--restarts", arguments->restarts,
                   "fits of this k that a survey compares on its root, which the memory is predicted for")
      ->check(CLI::Range(Index{1}, most_counted))
      ->capture_default_str();
  add_missing(*app, "--missing",
              "as for fit: entries that are not known (none, zeros, nan or FILE) are counted apart",
              arguments->input)
      ->default_str(name_of(Missing::none));
  add_whole_number(*app, "--threads", arguments->threads, "threads in each rank that the memory is predicted for")
      ->check(CLI::Range(1, most_threads))
      ->capture_default_str();
  app->add_flag("--header-only", arguments->header_only, "shape and memory alone, without reading the entries");
  app->add_option(
      "--node-cores", arguments->node_cores,
      "cores of a cluster's node: prints how many nodes, ranks and threads to take, as a Slurm script");
  app->add_option("--node-memory", arguments->node_memory,
                  "with --node-cores: memory of a node in bytes, or with K, M, G or T (powers of 1024): 256G");
  return {app, [arguments] { prepare(*arguments); }, [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
