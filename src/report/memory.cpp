#include "memory.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>

#include "mpinmf/partition.hpp"

namespace mpinmf::report {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;
/// Measured for an empty program under Open MPI, with its shared segments.
constexpr double base_bytes = 64 * mebibyte;
/// Kernels say "no limit" by a number of this order.
constexpr double unlimited_bytes = 1e18;
constexpr Index most_nodes = Index{1} << 24;

Index ceil_div(Index a, Index b) {
  return (a + b - 1) / b;
}

std::optional<double> read_number(const std::string& path) {
  std::ifstream in(path);
  double value = 0;
  if (in >> value && value > 0 && value < unlimited_bytes) return value;
  return std::nullopt;
}

std::optional<double> environment_number(const char* name) {
  const char* text = std::getenv(name);
  const double value = text == nullptr ? 0 : std::strtod(text, nullptr);
  return value > 0 ? std::optional(value) : std::nullopt;
}

void lower(MemoryLimit& limit, std::optional<double> bytes, const std::string& source) {
  if (bytes && *bytes < limit.bytes) limit = {*bytes, source};
}

/// A group's limit binds all groups below it, so every folder up to `root` counts.
void lower_by_groups(MemoryLimit& limit, const std::string& root, std::string group, const char* file) {
  while (true) {
    lower(limit, read_number(root + group + "/" + file), "the control group's limit");
    if (group.empty()) return;
    group.erase(group.rfind('/'));
  }
}

void lower_by_control_groups(MemoryLimit& limit) {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    std::string group = line.substr(second + 1);
    if (group.empty() || group.front() != '/' || group == "/") group.clear();
    if (controllers == ",,") lower_by_groups(limit, "/sys/fs/cgroup", group, "memory.max");
    if (controllers.find(",memory,") != std::string::npos) {
      lower_by_groups(limit, "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    }
  }
}

std::optional<double> free_memory() {
  std::ifstream in("/proc/meminfo");
  for (std::string line; std::getline(in, line);) {
    constexpr const char* key = "MemAvailable:";
    if (line.rfind(key, 0) == 0) return std::strtod(line.c_str() + std::string(key).size(), nullptr) * 1024;
  }
  return std::nullopt;
}

/// The least number of nodes with `ranks_on_node` ranks each on which the plan fits in `limit`.
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
  return "no number of such nodes would do, because every rank holds H and its sums: take nodes with more memory, "
         "fewer components or --precision float";
}

}  // namespace

MemoryNeed memory_need(const MatrixHeader& header, const MemoryPlan& plan) {
  const double element = plan.single_precision ? 4 : 8;
  const auto k = static_cast<double>(plan.components);
  const auto n = static_cast<double>(header.columns);
  const Index lanes = vector_bytes / static_cast<Index>(element);
  const double padded_k = std::ceil(k / static_cast<double>(lanes)) * static_cast<double>(lanes);
  const Index height = Partition::panel_height_for(header.rows, header.columns, static_cast<Index>(element));
  const Index panels = ceil_div(header.rows, height);
  const auto rows = static_cast<double>(std::min(header.rows, ceil_div(panels, plan.ranks) * height));
  const auto stored = std::ceil(static_cast<double>(header.stored) / plan.ranks);
  const bool matrix_denominator = plan.beta != 1 && plan.beta != 2;

  MemoryNeed need;
  // values and 32-bit columns, row offsets; the squared norm of each row
  need.data = (header.sparse ? stored * (element + 4) + 8 * rows : rows * n * element) + 8 * rows;
  need.w = plan.w_copies * rows * padded_k * element;
  // H transposed and its numerator, and the sums in double; a matrix of denominators besides
  need.h_and_sums = (matrix_denominator ? 3 : 2) * n * padded_k * element +
                    8 * n * k * (matrix_denominator ? 2 : 1) + (plan.h_copies - 1) * n * k * element;
  // W H with its powers, and the rows of W's numerator and denominator
  const auto panel_rows = static_cast<double>(std::min(height, header.rows));
  need.scratch = panel_rows * (n * (matrix_denominator ? 3 : 1) + 3 * padded_k) * element + 5 * 8 * k * k +
                 2 * k * padded_k * element;
  need.base = base_bytes;
  return need;
}

MemoryLimit memory_limit() {
  MemoryLimit limit = {std::numeric_limits<double>::infinity(), "nothing"};
  lower_by_control_groups(limit);
  const auto slurm_node = environment_number("SLURM_MEM_PER_NODE");
  if (slurm_node) lower(limit, *slurm_node * mebibyte, "SLURM_MEM_PER_NODE");
  const auto per_cpu = environment_number("SLURM_MEM_PER_CPU");
  auto cpus = environment_number("SLURM_CPUS_ON_NODE");
  if (!cpus) cpus = environment_number("SLURM_JOB_CPUS_PER_NODE");
  if (per_cpu && cpus) lower(limit, *per_cpu * *cpus * mebibyte, "SLURM_MEM_PER_CPU");
  lower(limit, free_memory(), "the free memory");
  return limit;
}

void require_memory(const Comm& comm, const MatrixHeader& header, const MemoryPlan& plan) {
  const int ranks_on_host = comm.ranks_on_this_host();
  comm.meet([&] {
    const MemoryNeed need = memory_need(header, plan);
    const MemoryLimit limit = memory_limit();
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
  const std::string as_it_is = bytes_text(need.total()), turned = bytes_text(memory_need(other, plan).total());
  const bool wide = header.columns > 8 * header.rows;
  const bool heavy = need.h_and_sums > need.data;
  if (as_it_is == turned || (!wide && !heavy)) return "";
  const std::string reason =
      wide
          ? fmt::format("V has {} times as many columns as rows", header.columns / std::max<Index>(header.rows, 1))
          : std::string("H and its sums, which every rank holds, are larger than a rank's slice of V");
  return fmt::format("{}: a rank needs {}, and {} {} --transpose", reason, as_it_is, turned,
                     transposed ? "without" : "with");
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
