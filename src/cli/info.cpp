// mpinmf info: what V is and what a fit of it needs. Reads V in bounded pieces and keeps none of it.
#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "command.hpp"
#include "io/entry_check.hpp"
#include "io/source.hpp"
#include "mpinmf/load.hpp"
#include "report/memory.hpp"
#include "solver_arguments.hpp"

namespace mpinmf::cli {
namespace {

/// Numbers read at a time: 8 MiB.
constexpr Index piece = Index{1} << 20;

struct InfoArguments {
  InputArguments input;
  Index components = 16;
  std::string loss = "frobenius";
  int ranks = 0;  // 0: those it runs on
  bool header_only = false;
};

/// What a rank has seen of the entries.
class Facts {
 public:
  Facts(Index rows, Index columns, const io::EntryCheck<double>& check)
      : check_(check),
        row_counts_(static_cast<std::size_t>(rows)),
        column_counts_(static_cast<std::size_t>(columns)) {}

  /// Throws BadData for an entry that fit refuses.
  void take(Index row, Index column, double value) {
    check_(value, row, column);
    minimum_ = std::min(minimum_, value);
    maximum_ = std::max(maximum_, value);
    if (by_rows_) note_duplicate(row, column);
    if (value == 0) return;
    ++row_counts_[static_cast<std::size_t>(row)];
    ++column_counts_[static_cast<std::size_t>(column)];
  }

  /// The entries come row by row, so that those of one place are noticed.
  void expect_rows() {
    by_rows_ = true;
    last_rows_.assign(column_counts_.size(), -1);
  }
  /// The entries come in any order: those of one place are not noticed.
  void expect_any_order() { any_order_ = true; }

  /// What all ranks have seen, together. Collective.
  void meet(const Comm& comm) {
    comm.sum(std::span<Index>(row_counts_));
    comm.sum(std::span<Index>(column_counts_));
    minimum_ = comm.min(minimum_);
    maximum_ = comm.max(maximum_);
    duplicates_ = comm.sum(duplicates_);
    any_order_ = comm.sum(Index{any_order_}) > 0;
  }

  void print() const {
    const auto empty = [](const std::vector<Index>& counts) {
      return std::count(counts.begin(), counts.end(), 0);
    };
    Index nonzeros = 0;
    for (Index count : row_counts_) nonzeros += count;
    const double entries = static_cast<double>(row_counts_.size()) * static_cast<double>(column_counts_.size());
    const bool has_zeros = static_cast<double>(nonzeros) < entries;
    const double least = has_zeros ? std::min(0.0, minimum_) : minimum_;
    const double most = has_zeros ? std::max(0.0, maximum_) : maximum_;
    // of entries that come twice, both are counted; fit adds them up
    const char* what = any_order_        ? "nonzero entries in the file"
                       : duplicates_ > 0 ? "stored entries"
                                         : "nonzeros";
    fmt::print("{}: {}\ndensity: {:.6g} %\n", what, nonzeros,
               entries > 0 ? 100 * static_cast<double>(nonzeros) / entries : 0.0);
    fmt::print("range: {:.9g} .. {:.9g}\n", least, most);
    fmt::print("empty rows: {}\nempty columns: {}\n", empty(row_counts_), empty(column_counts_));
    if (duplicates_ > 0) {
      fmt::print("entries of a place that has one already: {} (fit adds them up)\n", duplicates_);
    }
  }

 private:
  void note_duplicate(Index row, Index column) {
    Index& last = last_rows_[static_cast<std::size_t>(column)];
    if (last == row) ++duplicates_;
    last = row;
  }

  io::EntryCheck<double> check_;
  bool by_rows_ = false, any_order_ = false;
  std::vector<Index> row_counts_, column_counts_;  // nonzeros
  std::vector<Index> last_rows_;                   // of each column, the row that it was last seen in
  Index duplicates_ = 0;
  double minimum_ = std::numeric_limits<double>::infinity(), maximum_ = -minimum_;
};

void read(io::DenseRows& reader, Index first, Index last, Index columns, Facts& facts) {
  const Index height = std::max<Index>(1, piece / std::max<Index>(columns, 1));
  std::vector<double> rows(static_cast<std::size_t>(std::min(height, std::max<Index>(last - first, 0)) * columns));
  for (Index begin = first; begin < last; begin += height) {
    const Index count = std::min(height, last - begin);
    reader.read(begin, count, rows.data());
    for (Index i = 0; i < count; ++i) {
      for (Index j = 0; j < columns; ++j)
        facts.take(begin + i, j, rows[static_cast<std::size_t>(i * columns + j)]);
    }
  }
}

/// This rank's share of the entries; of a stream the root takes all.
void read(const Comm& comm, io::Source& source, Facts& facts) {
  const Index rows = source.header.rows;
  const Index first = Partition::by_rows(rows, 1, comm.size()).begin(comm.rank());
  const Index last = Partition::by_rows(rows, 1, comm.size()).end(comm.rank());
  const auto take = [&](std::span<const io::Entry> entries) {
    for (const io::Entry& entry : entries) facts.take(entry.row, entry.column, entry.value);
  };
  if (auto* dense = std::get_if<std::unique_ptr<io::DenseRows>>(&source.reader)) {
    read(**dense, first, last, source.header.columns, facts);
  } else if (auto* sparse = std::get_if<std::unique_ptr<io::SparseRows>>(&source.reader)) {
    facts.expect_rows();
    if (last > first) (*sparse)->read(first, last - first, take);
  } else if (comm.is_root()) {
    if (source.header.sparse) facts.expect_any_order();
    std::get<std::unique_ptr<io::EntryStream>>(source.reader)->read_all(take);
  }
}

void print_memory(const MatrixHeader& header, const report::MemoryPlan& plan, bool transposed) {
  const report::MemoryNeed need = report::memory_need(header, plan);
  const report::MemoryLimit limit = report::memory_limit();
  using report::bytes_text;
  fmt::print("memory a rank needs for k = {} on {} rank{} in {}: {}\n", plan.components, plan.ranks,
             plan.ranks == 1 ? "" : "s", plan.single_precision ? "float" : "double", bytes_text(need.total()));
  fmt::print("  V {}, W {}, H and its sums {}, a panel {}, MPI and code {}\n", bytes_text(need.data),
             bytes_text(need.w), bytes_text(need.h_and_sums), bytes_text(need.scratch), bytes_text(need.base));
  fmt::print("memory of this host: {} ({})\n", bytes_text(limit.bytes), limit.source);
  const std::string hint = report::transpose_hint(header, plan, transposed);
  if (!hint.empty()) note(hint);
}

/// What is known without reading any entry.
void print_header(const Comm& comm, const MatrixHeader& header, const InfoArguments& a) {
  fmt::print("{}: {} x {}, {}{}\n", a.input.path, header.rows, header.columns, header.sparse ? "sparse" : "dense",
             header.single_precision ? ", stored as 32-bit floating point" : "");
  report::MemoryPlan plan;
  plan.components = a.components;
  plan.beta = Loss::parse(a.loss).beta;
  plan.single_precision = single_precision(a.input, header);
  plan.ranks = a.ranks > 0 ? a.ranks : comm.size();
  print_memory(header, plan, a.input.transpose);
  std::fflush(stdout);
}

void run(const Comm& comm, const InfoArguments& a) {
  const MatrixHeader header = load_header(comm, a.input.path, load_options(a.input, a.components));
  if (a.header_only) {
    if (comm.is_root()) print_header(comm, header, a);
    return;
  }
  const io::EntryCheck<double> check(a.input.path, a.input.transpose);
  Facts facts(0, 0, check);
  comm.meet([&] {
    io::Source source = io::open_source(a.input.path, a.input.transpose);
    facts = Facts(header.rows, header.columns, check);
    read(comm, source, facts);
  });
  facts.meet(comm);
  if (!comm.is_root()) return;
  print_header(comm, header, a);
  facts.print();
}

}  // namespace

Command add_info(CLI::App& program) {
  auto arguments = std::make_shared<InfoArguments>();
  CLI::App* app = program.add_subcommand(
      "info",
      "shape, nonzeros, density, range, empty rows and columns of V, and the memory a rank needs to fit it");
  add_input(*app, arguments->input);
  app->add_option("-k,--components,--n-components", arguments->components, "k that the memory is predicted for")
      ->check(check_components)
      ->capture_default_str();
  app->add_option("--loss,--beta-loss", arguments->loss, "the loss that the memory is predicted for")
      ->capture_default_str();
  app->add_option("--ranks", arguments->ranks,
                  "number of ranks that the memory is predicted for; default: those it runs on")
      ->check(CLI::PositiveNumber);
  app->add_flag("--header-only", arguments->header_only, "shape and memory alone, without reading the entries");
  return {app, [arguments] { Loss::parse(arguments->loss); },
          [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
