#include "memory.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "data/panel_memory.hpp"
#include "data/placed_rows.hpp"
#include "data/tile.hpp"
#include "init/start_table.hpp"
#include "init/truncated_svd.hpp"
#include "io/source.hpp"
#include "machine/memory_limit.hpp"
#include "solver/fit_bytes.hpp"
#include "solver/transform.hpp"
#include "stability/comparison_bytes.hpp"

namespace mpinmf::report {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;
/// Measured (getrusage) for a fit of 10 x 10 numbers: 18.8 MiB without mpirun, 18.9 MiB with Open MPI 4.1 on one
/// rank, 19.0 on 2, 19.3 on 4, 19.6 on 16 of a host (shared segments are touched as messages need them), of which
/// some 11 MiB are code of MPI and BLAS that the ranks of a host share. HDF5 and what it links take 9 MiB more
/// (measured likewise), most of it code that is shared, too. Then the packing buffers of BLAS.
constexpr double base_bytes = 29 * mebibyte;
/// What transposing V must save in a rank to be worth a sentence: less than this nobody runs short of (program and
/// MPI take 29 MiB), and below that share a smaller -k or another rank does as well.
constexpr double least_saved = 64 * mebibyte, least_saved_share = 0.1;
constexpr Index most_nodes = Index{1} << 24;

/// V on the rank with the most rows.
template <class T>
struct Slice {
  Index rows, columns;
  double stored;
  bool is_sparse;

  Slice(const MatrixHeader& header, int ranks) : columns(header.columns), is_sparse(header.sparse) {
    const Index panel = Partition::panel_height_for(header.rows, columns, sizeof(T));
    const Index panels = ceil_div(header.rows, panel);
    rows = std::min(header.rows, ceil_div(panels, ranks) * panel);
    stored = is_sparse ? std::ceil(static_cast<double>(header.stored) / ranks)
                       : static_cast<double>(rows) * static_cast<double>(columns);
  }
  double entry_bytes() const { return DataMatrix<T>::entry_bytes(stored, is_sparse); }
  /// Of a tile. A header does not tell how long the longest row is.
  PanelSizes tile(Index components, Layout layout = Layout::rows) const {
    const TileShape shape{columns, components, is_sparse, is_sparse ? layout : Layout::rows};
    return {tile_rows<T>(shape), columns, columns, is_sparse};
  }
  /// Of tiles whose values are widened, one a thread, and of the pieces in which they are seen first.
  double widened_bytes(Index components, int threads) const {
    const double entries_of_row = stored / static_cast<double>(std::max<Index>(rows, 1));
    const double tile_entries = static_cast<double>(std::min(tile(components).rows, rows)) * entries_of_row;
    return threads * std::max(tile_entries, std::min<double>(made_at_once, stored)) * sizeof(T);
  }
  /// What a layout adds. A header does not tell whether entries are counts, either.
  double layout_bytes(Layout layout) const {
    return is_sparse && layout == Layout::blocks ? DataMatrix<T>::layout_bytes(rows, columns, stored) : 0;
  }

 private:
  static Index ceil_div(Index a, Index b) { return (a + b - 1) / b; }
};

template <class T>
double svd_bytes(const Slice<T>& v, const MemoryPlan& plan, Index rows) {
  if (plan.singular_values == 0) return 0;
  return truncated_svd_bytes<T>({rows, v.columns, v.rows, v.entry_bytes(), plan.threads}, plan.singular_values);
}

/// Of those groups that have the fewest.
int ranks_of_group(const MemoryPlan& plan) {
  return std::max(1, plan.ranks / plan.groups);
}

/// W, H and what moves them.
template <class T>
void add_work(const Slice<T>& v, const MemoryPlan& plan, MemoryNeed& need) {
  const Index k = plan.components;
  const Layout layout = layout_of_fit<T>(plan.loss, plan.rule);
  const FitBytes fit = fit_bytes<T>({v.rows, v.columns, k, v.entry_bytes(), v.tile(k, layout),
                                     ranks_of_group(plan), plan.threads, plan.extrapolated},
                                    plan.loss, plan.rule);
  need.data += v.layout_bytes(layout);
  // a copy of W is gone before an extrapolated run keeps the W before
  need.w = fit.w + (plan.extrapolated ? 0 : plan.w_copies - 1) * padded_bytes<T>(v.rows, k);
  need.h_and_sums = fit.h_and_sums + (plan.h_copies - 1) * plain_bytes<T>(v.columns, k);
  need.scratch = fit.scratch;
  if (!plan.solves_rows) return;
  need.scratch += bytes_of_solving_by_rows<T>(plan.loss, v.is_sparse, v.tile(k), k, plan.threads);
}

template <class T>
MemoryNeed need_of(const MatrixHeader& header, const MemoryPlan& plan) {
  const Slice<T> v(header, ranks_of_group(plan)), read(header, plan.ranks);
  MemoryNeed need;
  const Index bytes_of_value = value_bytes(header.held_as, sizeof(T)) * (header.has_weights ? 2 : 1);
  need.data = DataMatrix<T>::bytes(v.rows, v.stored, v.is_sparse || header.has_weights, bytes_of_value);
  if (plan.storage == Storage::disk) {
    need.disk = DataMatrix<T>::entry_bytes(v.stored, v.is_sparse, bytes_of_value);
    need.data += std::min(need.disk, PlacedRows<T>::window_bytes(plan.threads, v.is_sparse)) - need.disk;
  }
  if (is_narrow<T>(header.held_as)) need.data += v.widened_bytes(plan.components, plan.threads);
  need.svd = svd_bytes(v, plan, header.rows);
  need.base = base_bytes;
  need.beside = plan.beside;
  need.groups = plan.groups;
  if (plan.compared_fits > 1) {
    need.comparing = stability::comparison_bytes(plan.compared_fits, plan.components, header.rows, header.columns);
  }
  need.reading = io::loading_bytes(header, read.rows);
  (plan.storage == Storage::disk ? need.disk : need.reading) +=
      header.held_bytes_of_row * static_cast<double>(read.rows);
  if (plan.groups > 1) {  // rows as they were read are still there when those of the group have come
    const double again = DataMatrix<T>::bytes(read.rows, read.stored, read.is_sparse, bytes_of_value);
    (plan.storage == Storage::disk ? need.disk : need.reading) += again;
  }
  if (plan.factorizes) add_work(v, plan, need);
  return need;
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
  const StartFacts start = facts_of(options.start);
  MemoryPlan plan;
  plan.components = options.components + options.merge;
  plan.loss = options.loss;
  plan.single_precision = single_precision;
  plan.threads = options.threads.most;
  plan.singular_values = start.needs_svd ? plan.components : 0;
  // the factors of the wider fit stand beside those that are merged from them
  plan.w_copies = plan.h_copies = options.merge > 0 ? std::max(start.copies, 2) : start.copies;
  plan.extrapolated = options.extrapolate;
  plan.rule = options.rule_name();
  return plan;
}

double bytes_of_rows(const MatrixHeader& header, int ranks, bool single_precision) {
  const auto bytes = [&](auto element) {
    using T = decltype(element);
    const Slice<T> slice(header, ranks);
    return DataMatrix<T>::bytes(slice.rows, slice.stored, slice.is_sparse, sizeof(T));
  };
  return single_precision ? bytes(float{}) : bytes(double{});
}

MemoryNeed memory_need(const MatrixHeader& header, const MemoryPlan& plan) {
  return plan.single_precision ? need_of<float>(header, plan) : need_of<double>(header, plan);
}

std::string MemoryNeed::parts() const {
  const double work = w + h_and_sums + scratch;
  std::string text = fmt::format("V {}, W {}, H and its sums {}, a panel {}, MPI and code {}", bytes_text(data),
                                 bytes_text(w), bytes_text(h_and_sums), bytes_text(scratch), bytes_text(base));
  if (reading > work) text += fmt::format("; reading V {}, before W and H are there", bytes_text(reading));
  if (svd > work) text += fmt::format("; the SVD {}, before W and H are there", bytes_text(svd));
  if (comparing > work)
    text += fmt::format("; comparing fits {} on the root{}, when W and H are gone", bytes_text(comparing),
                        groups > 1 ? " of each group" : "");
  if (beside > 0) text += fmt::format("; what is read beside V {}", bytes_text(beside));
  return text;
}

std::optional<Index> nodes_needed(const MatrixHeader& header, MemoryPlan plan, int ranks_on_node, double limit) {
  const auto fits = [&](Index nodes) {
    plan.ranks = static_cast<int>(std::min<Index>(nodes * ranks_on_node, std::numeric_limits<int>::max()));
    return memory_need(header, plan).of_ranks(ranks_on_node) <= limit;
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
    const double host_need = need.of_ranks(ranks_on_host);
    if (host_need <= limit.bytes) return;
    MemoryPlan on_disk = plan;
    on_disk.storage = Storage::disk;
    const bool disk_helps =
        plan.storage == Storage::memory && memory_need(header, on_disk).of_ranks(ranks_on_host) <= limit.bytes;
    throw SystemError(fmt::format(
        "too large for the memory of {}: {} rank{} need {} ({} each, {} of it for V), but {} is {}; {}{}",
        host_name(), ranks_on_host, ranks_on_host == 1 ? "" : "s", bytes_text(host_need), bytes_text(need.total()),
        bytes_text(need.data), limit.source, bytes_text(limit.bytes),
        disk_helps ? "--storage disk with a --scratch folder on a disk would do, or " : "",
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
