#include "placement.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace mpinmf::machine {
namespace {

/// Hosts in the order of their first rank, with their ranks.
std::vector<std::vector<int>> ranks_by_host(const std::vector<RankPlace>& places) {
  std::vector<std::vector<int>> hosts;
  std::map<std::string, std::size_t> known;
  for (std::size_t r = 0; r < places.size(); ++r) {
    const auto [entry, is_new] = known.emplace(places[r].host, hosts.size());
    if (is_new) hosts.emplace_back();
    hosts[entry->second].push_back(static_cast<int>(r));
  }
  return hosts;
}

struct Group {
  std::vector<int> ranks;
  std::vector<int> cores;
  int cores_each = 0;
};

/// Whether `next` goes on where a run of equal shares ends.
bool follows(const Group& group, const Group& next) {
  const int each = static_cast<int>(next.cores.size());
  return next.ranks.size() == 1 && group.cores_each == each &&
         group.ranks.size() * next.cores.size() == group.cores.size() && group.cores.back() < next.cores.front();
}

/// Ranks with the same cores, then runs of ranks with as many cores each, in the order of cores.
std::vector<Group> groups_on_host(const std::vector<RankPlace>& places, const std::vector<int>& ranks) {
  std::map<std::vector<int>, std::vector<int>> by_cores;
  for (const int r : ranks) by_cores[places[static_cast<std::size_t>(r)].cores.cores()].push_back(r);
  std::vector<Group> groups;
  for (const auto& [cores, sharing] : by_cores) {
    const Group next{sharing, cores, static_cast<int>(cores.size())};
    if (groups.empty() || !follows(groups.back(), next)) {
      groups.push_back(next);
      continue;
    }
    groups.back().ranks.push_back(sharing.front());
    groups.back().cores.insert(groups.back().cores.end(), cores.begin(), cores.end());
  }
  return groups;
}

void add(Crowd& crowd, const Crowd& other) {
  crowd.ranks.insert(crowd.ranks.end(), other.ranks.begin(), other.ranks.end());
  crowd.threads += other.threads;
  crowd.cores.insert(other.cores);
}

Crowd crowd_of(const std::vector<RankPlace>& places, int rank) {
  const RankPlace& place = places[static_cast<std::size_t>(rank)];
  return {place.host, {rank}, place.threads, place.cores, 0};
}

/// The ranks of a host, cut into sets that have no core in common.
std::vector<Crowd> apart(const std::vector<RankPlace>& places, const std::vector<int>& ranks) {
  std::vector<Crowd> sets;
  for (const int r : ranks) {
    Crowd merged = crowd_of(places, r);
    const CoreSet own = merged.cores;
    std::erase_if(sets, [&](const Crowd& set) {
      const bool meets = set.cores.overlaps(own);
      if (meets) add(merged, set);
      return meets;
    });
    sets.push_back(std::move(merged));
  }
  for (Crowd& set : sets) std::sort(set.ranks.begin(), set.ranks.end());
  return sets;
}

double threads_a_core(const Crowd& crowd) {
  return static_cast<double>(crowd.threads) / crowd.cores.size();
}

}  // namespace

std::vector<RankPlace> gather_places(const Comm& comm, int threads) {
  CoreSet own, all;
  comm.meet([&] {
    own = own_cores();
    all = cores_without_binding();
  });
  const std::vector<std::string> hosts = comm.gather(host_name()), cores = comm.gather(own.bytes()),
                                 without_binding = comm.gather(all.bytes());
  const std::vector<Index> all_threads = comm.gather(Index{threads});
  std::vector<RankPlace> places;
  for (std::size_t r = 0; r < hosts.size(); ++r) {
    places.push_back({hosts[r], CoreSet(cores[r]), CoreSet(without_binding[r]), all_threads[r]});
  }
  return places;
}

std::string ranges(const std::vector<int>& numbers) {
  std::string text;
  std::size_t first = 0;
  while (first < numbers.size()) {
    std::size_t last = first;
    const int step = first + 1 < numbers.size() ? numbers[first + 1] - numbers[first] : 1;
    while (step > 0 && last + 1 < numbers.size() && numbers[last + 1] - numbers[last] == step) ++last;
    if (step > 1 && last == first + 1) last = first;  // two numbers are no series
    text += fmt::format("{}{}", first == 0 ? "" : ",", numbers[first]);
    if (last > first) text += fmt::format("-{}", numbers[last]);
    if (last > first && step > 1) text += fmt::format(":{}", step);
    first = last + 1;
  }
  return text;
}

std::vector<PlacementLine> placement_lines(const std::vector<RankPlace>& places) {
  std::vector<PlacementLine> lines;
  for (const std::vector<int>& ranks : ranks_by_host(places)) {
    const std::string& host = places[static_cast<std::size_t>(ranks.front())].host;
    for (const Group& group : groups_on_host(places, ranks)) {
      lines.push_back({host, ranges(group.ranks), ranges(group.cores), group.cores_each});
    }
  }
  return lines;
}

std::vector<Crowd> crowds(const std::vector<RankPlace>& places) {
  std::vector<Crowd> of_hosts, by_binding;
  for (const std::vector<int>& ranks : ranks_by_host(places)) {
    const std::vector<Crowd> sets = apart(places, ranks);
    Crowd host{places[static_cast<std::size_t>(ranks.front())].host, {}, 0, {}, 0};
    Index busy = 0;
    for (const Crowd& set : sets) {
      add(host, set);
      busy += std::min(set.threads, Index{set.cores.size()});
    }
    for (const int r : ranks) host.cores.insert(places[static_cast<std::size_t>(r)].without_binding);
    const Crowd& worst = *std::max_element(sets.begin(), sets.end(), [](const Crowd& a, const Crowd& b) {
      return threads_a_core(a) < threads_a_core(b);
    });
    if (host.threads > host.cores.size()) {
      std::sort(host.ranks.begin(), host.ranks.end());
      of_hosts.push_back(std::move(host));
    } else if (worst.threads > worst.cores.size()) {
      by_binding.push_back(worst);
      by_binding.back().idle_cores = host.cores.size() - busy;
    }
  }
  of_hosts.insert(of_hosts.end(), by_binding.begin(), by_binding.end());
  return of_hosts;
}

}  // namespace mpinmf::machine
