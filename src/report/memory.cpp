#include "memory.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "init/start_table.hpp"
#include "init/truncated_svd.hpp"
#include "io/source.hpp"
#include "losses/loss_table.hpp"
#include "machine/memory_limit.hpp"
#include "mpinmf/partition.hpp"
#include "rules/rule.hpp"
#include "solver/chunks.hpp"

namespace mpinmf::report {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;
/// Measured (getrusage) for a fit of 10 x 10 numbers: 18.8 MiB without mpirun, 18.9 MiB with Open MPI 4.1 on one
/// rank, 19.0 on 2, 19.3 on 4, 19.6 on 16 of a host (shared segments are touched as messages need them), of which
/// some 11 MiB are code of MPI and BLAS that the ranks of a host share. Then the packing buffers of BLAS.
constexpr double base_bytes = 20 * mebibyte;
/// What transposing V must save in a rank to be worth a sentence: less than this nobody runs short of (program and
/// MPI take 20 MiB), and below that share a smaller -k or another rank does as well.
constexpr double least_saved = 64 * mebibyte, least_saved_share = 0.1;
constexpr Index most_nodes = Index{1} << 24;

Index ceil_div(Index a, Index b) {
  return (a + b - 1) / b;
}

/// What the formulas are made of.
struct Sizes {
  double element, k, padded_k, n, rows, stored;  // of the rank with the most rows
  StatisticsSet statistics;                      // that the loss offers

  Sizes(const MatrixHeader& header, const MemoryPlan& plan)
      : element(plan.single_precision ? 4 : 8),
        k(static_cast<double>(plan.components)),
        n(static_cast<double>(header.columns)),
        statistics(facts_of(plan.loss).offers) {
    const double lanes = static_cast<double>(vector_bytes) / element;
    padded_k = std::ceil(k / lanes) * lanes;
    const Index panel = Partition::panel_height_for(header.rows, header.columns, static_cast<Index>(element));
    const Index panels = ceil_div(header.rows, panel);
    rows = static_cast<double>(std::min(header.rows, ceil_div(panels, plan.ranks) * panel));
    stored = header.sparse ? std::ceil(static_cast<double>(header.stored) / plan.ranks) : rows * n;
  }
};

/// H H' and sums of H in double, of H and of its segments (see SharedH).
double factor_sums_bytes(const Sizes& s) {
  constexpr double segment_features = 256, most_segments = 64;
  const double segments =
      std::clamp(std::floor(s.n / (2 * s.k)), 1.0, std::min(most_segments, std::ceil(s.n / segment_features)));
  // with the tail of the message that carries H; then both in working precision
  return 8 * (segments + 2) * (s.k * s.k + s.k + 1) + 2 * s.k * s.padded_k * s.element;
}

/// The k x k matrices of a rule: HH' and W'W, each rounded and exact; of extrapolation: the W'W before, that of
/// the extrapolated W, and in each thread the product that the loss is weighed with.
double squares_bytes(const Sizes& s, const MemoryPlan& plan) {
  const double rounded_and_exact = 2 * s.k * s.padded_k * (s.element + 8);
  return rounded_and_exact + (plan.extrapolated ? (2 + plan.threads) * 8 * s.k * s.k : 0);
}

/// What MPI allocates to add the sums up. Measured with Open MPI 4.1: the sum over all ranks works in half as much
/// as the message (Rabenseifner's algorithm); a sum in chunks copies those under way.
double message_bytes(const Sizes& s, const MemoryPlan& plan, double packed) {
  const Chunks chunks = chunks_for(static_cast<Index>(s.n), plan.components, static_cast<Index>(s.element),
                                   plan.ranks, plan.outweighs_messages);
  if (!chunks.pipelined()) return packed / 2;
  constexpr double under_way = 4;
  return packed * std::min(1.0, under_way / static_cast<double>(chunks.count()));
}

/// The sums that the H update is computed from: those of the threads in working precision, those of all in double.
/// `entries`: bytes of the stored entries of a rank's rows.
double sums_bytes(const Sizes& s, const MemoryPlan& plan, double entries) {
  const double kinds = (s.statistics & large_statistics).count();
  const double packed = kinds * 8 * s.n * s.k;
  // where copies for all threads would outweigh V, threads share one (summing_ranges in data/walk.cpp)
  const bool are_shared = plan.threads * kinds * s.n * s.k * s.element > entries;
  const double partial = (are_shared ? 1 : plan.threads) * kinds * s.n * s.padded_k * s.element;
  const double grams = plan.extrapolated ? 2 : 1;  // W' W, and W' times the W before
  const double gram = s.statistics.has(Statistic::gram) ? grams * 8 * (plan.threads + 1) * s.k * s.k : 0;
  return partial + packed + gram + (plan.ranks > 1 ? message_bytes(s, plan, packed) : 0);
}

Index padded_columns(const MemoryPlan& plan) {
  return plan.single_precision ? padded_to_vector<float>(plan.state_columns)
                               : padded_to_vector<double>(plan.state_columns);
}

/// Work space of the threads: tiles of a sweep, blocks of H.
double scratch_bytes(const Sizes& s, const MemoryPlan& plan) {
  constexpr double tile_rows = 64, block_rows = 256, model_columns = 128, row_copies = 10;
  const double gram = 8 * s.padded_k * (s.k + tile_rows);  // add_gram's
  const double tile =
      3 * tile_rows * s.padded_k * s.element + (s.statistics.has(Statistic::gram) ? gram + 8 * s.n : 0);
  const double model = s.statistics.has(Statistic::gram) ? 0 : model_columns * (s.k + 3 * tile_rows) * s.element;
  // rules hold some blocks of rows besides, ccd also the entries of a row with their rows of H
  double entries = plan.moves_by_entries ? 8 * (s.k + 3) * s.n : 0;
  if (plan.solves_rows) entries = 8 * (s.padded_k + row_copies) * s.n;  // solver/row_newton.hpp
  const double block = 3 * std::min(block_rows, s.n) * s.padded_k * s.element + gram;
  return plan.threads * (tile + model + block + entries);
}

/// The truncated SVD (init/truncated_svd.cpp). For a rank's rows: the basis, its padded copy for ScaLAPACK with
/// work space, and u. For n: the iterated vectors in working precision with the sums of V' Y of each thread, these
/// sums in double, two generations of vectors and what tells them apart, and v.
double svd_bytes(const Sizes& s, const MemoryPlan& plan, const MatrixHeader& header, double entries) {
  if (plan.singular_values == 0) return 0;
  constexpr double qr_block = 16;
  const double k = static_cast<double>(plan.singular_values);
  const double l = static_cast<double>(svd_columns(header.rows, header.columns, plan.singular_values));
  const double lanes = static_cast<double>(vector_bytes) / s.element, padded_l = std::ceil(l / lanes) * lanes;
  const double sums =
      std::clamp(std::floor(entries / (s.n * l * s.element)), 1.0, static_cast<double>(plan.threads));
  const double rows = (padded_l + k) * s.rows + (l + qr_block) * std::max(s.rows, l);
  return rows * s.element + s.n * ((1 + sums) * padded_l * s.element + 8 * (3 * l + k)) + 64 * l * l;
}

/// What load holds beside the rows of V.
double reading_bytes(const Sizes& s, const MatrixHeader& header) {
  const auto rows = static_cast<Index>(s.rows);
  const double entries =
      header.sparse ? 8 * s.rows : 8 * s.n * static_cast<double>(io::dense_rows_at_once(rows, header.columns));
  return header.reader_bytes + entries;
}

std::string cure(const MatrixHeader& header, const MemoryPlan& plan, int ranks_on_host, double limit) {
  if (limit < base_bytes) {
    return fmt::format("that is below the {} that the program itself needs: allow it more",
                       bytes_text(base_bytes));
  }
  if (const auto nodes = nodes_needed(header, plan, ranks_on_host, limit)) {
    return fmt::format("{} such nodes with {} rank{} each would do", *nodes, ranks_on_host,
                       ranks_on_host == 1 ? "" : "s");
  }
  if (const auto nodes = nodes_needed(header, plan, 1, limit)) {
    return fmt::format("{} such node{} with 1 rank each would do", *nodes, *nodes == 1 ? "" : "s");
  }
  return "no number of such nodes would do, because every rank holds H and its sums: take nodes with more "
         "memory, " +
         what_needs_less(header, plan);
}

}  // namespace

std::string what_needs_less(const MatrixHeader& header, const MemoryPlan& plan) {
  MatrixHeader turned = header;
  std::swap(turned.rows, turned.columns);
  const bool helps = memory_need(turned, plan).total() < memory_need(header, plan).total();
  return fmt::format("a smaller -k{}{}", plan.single_precision ? "" : ", --precision float",
                     helps ? ", V the other way round (with or without --transpose)" : "");
}

MemoryPlan plan_of_fit(const ResolvedOptions& options, bool single_precision) {
  const Rule<double>& rule = options.rule<double>();
  const StartFacts start = facts_of(options.start);
  MemoryPlan plan;
  plan.components = options.components;
  plan.loss = options.loss;
  plan.single_precision = single_precision;
  plan.threads = options.threads.most;
  plan.singular_values = start.needs_svd ? options.components : 0;
  plan.w_copies = plan.h_copies = start.copies;
  plan.extrapolated = options.extrapolate;
  plan.outweighs_messages = rule.outweighs_messages;
  plan.state_columns = rule.state_columns == nullptr ? 0 : rule.state_columns(options.components);
  plan.moves_by_entries = rule.needs_entry_newton;
  return plan;
}

MemoryNeed memory_need(const MatrixHeader& header, const MemoryPlan& plan) {
  const Sizes s(header, plan);
  MemoryNeed need;
  // values, with 32-bit columns where V is sparse; row offsets; the squared norm of each row
  const double entries = s.stored * (s.element + (header.sparse ? sizeof(ColumnIndex) : 0));
  need.data = entries + (header.sparse ? 8 : 0) * s.rows + 8 * s.rows;
  need.svd = svd_bytes(s, plan, header, entries);
  need.base = base_bytes;
  need.reading = reading_bytes(s, header);
  if (!plan.factorizes) return need;
  const double w_copies = std::max(plan.w_copies, plan.extrapolated ? 2 : 1);
  const double state = s.element * static_cast<double>(padded_columns(plan));
  need.w = s.rows * (w_copies * s.padded_k * s.element + state);
  need.h_and_sums = s.n * state + (plan.extrapolated ? s.n * (2 * s.padded_k * s.element + 8 * s.k) : 0) +
                    s.n * s.padded_k * s.element + (plan.h_copies - 1) * s.n * s.k * s.element +
                    factor_sums_bytes(s) + squares_bytes(s, plan) + sums_bytes(s, plan, entries);
  need.scratch = scratch_bytes(s, plan);
  return need;
}

std::string MemoryNeed::parts() const {
  const double work = w + h_and_sums + scratch;
  std::string text = fmt::format("V {}, W {}, H and its sums {}, a panel {}, MPI and code {}", bytes_text(data),
                                 bytes_text(w), bytes_text(h_and_sums), bytes_text(scratch), bytes_text(base));
  if (reading > work) text += fmt::format("; reading V {}, before W and H are there", bytes_text(reading));
  if (svd > work) text += fmt::format("; the SVD {}, before W and H are there", bytes_text(svd));
  return text;
}

std::optional<Index> nodes_needed(const MatrixHeader& header, MemoryPlan plan, int ranks_on_node, double limit) {
  const auto fits = [&](Index nodes) {
    plan.ranks = static_cast<int>(std::min<Index>(nodes * ranks_on_node, std::numeric_limits<int>::max()));
    return memory_need(header, plan).total() * ranks_on_node <= limit;
  };
  if (!fits(most_nodes)) return std::nullopt;
  Index too_few = 0, enough = most_nodes;
  while (enough - too_few > 1) {
    const Index middle = (too_few + enough) / 2;
    (fits(middle) ? enough : too_few) = middle;
  }
  return enough;
}

void require_memory(const Comm& comm, const MatrixHeader& header, const MemoryPlan& plan) {
  const int ranks_on_host = comm.ranks_on_this_host();
  comm.meet([&] {
    const MemoryNeed need = memory_need(header, plan);
    const machine::MemoryLimit limit = machine::memory_limit();
    const double host_need = need.total() * ranks_on_host;
    if (host_need <= limit.bytes) return;
    throw SystemError(fmt::format(
        "too large for the memory of {}: {} rank{} need {} ({} each, {} of it for V), but {} is {}; {}",
        host_name(), ranks_on_host, ranks_on_host == 1 ? "" : "s", bytes_text(host_need), bytes_text(need.total()),
        bytes_text(need.data), limit.source, bytes_text(limit.bytes),
        cure(header, plan, ranks_on_host, limit.bytes)));
  });
}

std::string transpose_hint(const MatrixHeader& header, const MemoryPlan& plan, bool transposed) {
  const MemoryNeed need = memory_need(header, plan);
  MatrixHeader other = header;
  std::swap(other.rows, other.columns);
  const double turned_total = memory_need(other, plan).total();
  const bool wide = header.columns > 8 * header.rows;
  const bool heavy = need.h_and_sums > need.data && turned_total < need.total();
  const double saved = need.total() - turned_total;
  if (saved < std::max(least_saved, least_saved_share * need.total()) || (!wide && !heavy)) return "";
  const std::string reason =
      wide
          ? fmt::format("V has {} times as many columns as rows", header.columns / std::max<Index>(header.rows, 1))
          : std::string("H and its sums, which every rank holds, are larger than a rank's slice of V");
  return fmt::format("{}: a rank needs {}, and {} {} --transpose", reason, bytes_text(need.total()),
                     bytes_text(turned_total), transposed ? "without" : "with");
}

std::string bytes_text(double bytes) {
  static constexpr const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(units)) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} bytes", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

}  // namespace mpinmf::report
