#include "job_advice.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "mpinmf/partition.hpp"
#include "report/counted.hpp"

namespace mpinmf::cli {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;
/// The prediction is good to 15 %.
constexpr double memory_margin = 1.2;
/// Asked for at least: the launcher and gnuplot live there too.
constexpr double least_node_memory = 1024 * mebibyte;
constexpr double heavy_share = 0.25;  // of H and its sums beside a rank's rows of V

Index panels_of(const MatrixHeader& header, const report::MemoryPlan& plan) {
  const Index height = Partition::panel_height_for(header.rows, header.columns, plan.single_precision ? 4 : 8);
  return (header.rows + height - 1) / height;
}

/// The job with so many ranks on each of so many nodes.
Job job_of(const MatrixHeader& header, report::MemoryPlan plan, Index nodes, Index ranks_on_node, Index cores) {
  plan.ranks = static_cast<int>(std::min<Index>(nodes * ranks_on_node, std::numeric_limits<int>::max()));
  plan.threads = static_cast<int>(cores / ranks_on_node);
  Job job{nodes, static_cast<int>(ranks_on_node), plan.threads, plan, report::memory_need(header, plan), 0};
  job.node_memory = memory_margin * job.need.of_ranks(job.ranks_on_node);
  return job;
}

}  // namespace

Job advise(const MatrixHeader& header, report::MemoryPlan plan, const Node& node) {
  const Index panels = panels_of(header, plan);
  plan.threads = static_cast<int>(std::min(node.cores, panels));
  const auto nodes = report::nodes_needed(header, plan, 1, node.memory / memory_margin);
  if (!nodes) {
    plan.ranks = std::numeric_limits<int>::max();  // one row panel each
    throw UsageError(fmt::format(
        "no number of nodes with {} would do: H, its sums and the program need {} on each, and a margin of a "
        "fifth; take nodes with more memory, {}",
        report::bytes_text(node.memory), report::bytes_text(report::memory_need(header, plan).total()),
        report::what_needs_less(header, plan)));
  }
  const Index cores = std::clamp(panels / *nodes, Index{1}, node.cores);
  for (Index ranks = cores; ranks > 1; --ranks) {
    if (cores % ranks != 0) continue;
    const Job job = job_of(header, plan, *nodes, ranks, cores);
    if (job.node_memory <= node.memory && job.need.h_and_sums <= heavy_share * job.need.data) return job;
  }
  return job_of(header, plan, *nodes, 1, cores);
}

void print_job(const Job& job, const Node& node, const std::string& arguments) {
  const double asked = std::ceil(std::max(job.node_memory, least_node_memory) / mebibyte);
  const double available = std::max(1.0, std::floor(node.memory / mebibyte));
  fmt::print("job on nodes of {} and {}: {} with {} of {} each\n", report::counted(node.cores, "core"),
             report::bytes_text(node.memory), report::counted(job.nodes, "node"),
             report::counted(job.ranks_on_node, "rank"), report::counted(job.threads, "thread"));
  fmt::print("memory a node needs: {} ({} of {}), and a fifth as margin\n",
             report::bytes_text(job.need.of_ranks(job.ranks_on_node)), report::counted(job.ranks_on_node, "rank"),
             report::bytes_text(job.need.total()));
  fmt::print("  a rank: {}\n", job.need.parts());
  fmt::print("#!/bin/bash\n#SBATCH --nodes={}\n#SBATCH --ntasks-per-node={}\n#SBATCH --cpus-per-task={}\n",
             job.nodes, job.ranks_on_node, job.threads);
  fmt::print("#SBATCH --mem={:.0f}M\n", std::min(asked, available));
  fmt::print("srun --cpus-per-task={} --cpu-bind=cores mpinmf fit {}\n", job.threads, arguments);
}

}  // namespace mpinmf::cli
