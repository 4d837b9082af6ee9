#include "memory_limit.hpp"

#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>

namespace mpinmf::machine {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;
/// Kernels say "no limit" by a number of this order.
constexpr double unlimited_bytes = 1e18;

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

}  // namespace

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

}  // namespace mpinmf::machine
