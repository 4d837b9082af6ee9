#include "convergence.hpp"

#include <fmt/format.h>

#include <cmath>
#include <ctime>
#include <filesystem>
#include <limits>

#include "factors.hpp"
#include "mpinmf/load.hpp"
#include "solver/factorize.hpp"
#include "workloads.hpp"

namespace mpinmf::bench {
namespace {

/// A run is over when the loss falls by less than this share in ten iterations: 1e-7 in fifty.
constexpr double stalled = 2e-8;

struct HeldSet {
  const char* name;
  const char* file;
  Index components;
};
constexpr std::array<HeldSet, 4> held_sets{{{"newsgroups20", "newsgroups20/X_train.mtx.gz", 20},
                                            {"cbcl_faces", "cbcl_faces/X.mtx.gz", 49},
                                            {"jasper_ridge", "jasper_ridge/X.mtx.gz", 10},
                                            {"golub", "golub/X.mtx.gz", 10}}};

/// Seconds of the processor since a run began; a machine that others use too disturbs them less than wall time.
class ProcessorClock {
 public:
  double seconds() const { return static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC; }

 private:
  std::clock_t start_ = std::clock();
};

struct Track {
  const DataMatrix<double>& v;
  const Arguments& arguments;
  Index components;
  int threads;
};

/// From the model's factors, without what only the trace needs.
Run run_once(const Track& track, const RuleVariant& variant, const Nmf<double>& start) {
  Options options = variant.options(track.components, track.threads);
  options.max_iterations = track.arguments.iterations;
  options.max_seconds = track.arguments.seconds_per_run;
  options.tolerance = stalled;
  options.trace_every = std::numeric_limits<Index>::max();
  Factors<double> factors(track.v, start, track.threads);
  Run run;
  double last = 0;
  track.v.comm().wait_for_all();
  const ProcessorClock processor;
  FitHooks<double> hooks;
  hooks.on_iteration = [&](const Progress& p) {
    last = track.arguments.processor_time ? processor.seconds() : p.seconds;
    if (p.loss_iteration != p.iteration) return;
    run.points.push_back({static_cast<double>(p.iteration), last, std::sqrt(2 * p.loss)});
  };
  const RunRecord record =
      factorize<double>(track.v, resolved_for(track.v, options), factors.w.view(), factors.h, hooks);
  const auto end = static_cast<double>(record.iterations);
  if (run.points.empty() || run.points.back().iteration < end) {
    run.points.push_back({end, last, record.trace.back().cost.reconstruction_error});
  }
  return run;
}

void race_from(const Track& track, int seed, Race& race) {
  Options options = race.variants.front().options(track.components, track.threads);
  options.seed = Seed(static_cast<std::uint64_t>(seed));
  options.start = Start::random;  // whatever the first rule would take
  options.max_iterations = 0;
  Nmf<double> start(options);
  start.fit(track.v);
  const std::string& target = track.arguments.target;
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t r = 0; r < race.variants.size(); ++r) {
    race.runs[r].push_back(run_once(track, race.variants[r], start));
    if (!target.empty() && race.variants[r].name() != target) continue;
    for (const Run::Point& point : race.runs[r].back().points) best = std::min(best, point.error);
  }
  race.best.push_back(best);
}

Race run_race(const Track& track, const std::string& name) {
  Race race;
  race.name = name;
  race.rows = track.v.rows_global();
  race.columns = track.v.columns();
  race.components = track.components;
  race.variants = find_variants(track.arguments.rules);
  race.runs.resize(race.variants.size());
  for (int seed = 0; seed < track.arguments.starts; ++seed) race_from(track, seed, race);
  return race;
}

/// The path of the file in the first folder that has it, on every rank; empty: none has.
std::string find_held(const Comm& comm, const HeldSet& set, const std::vector<std::string>& folders) {
  std::string found;
  comm.meet_on_root([&] {
    for (const std::string& folder : folders) {
      const std::string path = folder + "/" + set.file;
      if (found.empty() && std::filesystem::exists(path)) found = path;
    }
  });
  comm.broadcast(found);
  return found;
}

}  // namespace

Run::Point Race::arrival(std::size_t variant, std::size_t start, double level) const {
  for (const Run::Point& point : runs[variant][start].points) {
    if (point.error <= (1 + level) * best[start]) return point;
  }
  constexpr double never = std::numeric_limits<double>::infinity();
  return {never, never, never};
}

std::vector<std::string> race_names() {
  std::vector<std::string> names;
  for (const HeldSet& set : held_sets) names.emplace_back(set.name);
  names.insert(names.end(), {"D1", "S1"});
  return names;
}

void run_races(const Comm& comm, const Arguments& arguments, int threads,
               const std::function<void(const Race&)>& take, const std::function<void(const std::string&)>& skip) {
  const auto race_on = [&](const std::string& name, const DataMatrix<double>& v, Index components) {
    take(run_race({v, arguments, components, threads}, name));
  };
  for (const std::string& name : arguments.workloads) {
    const auto* set =
        std::find_if(held_sets.begin(), held_sets.end(), [&](const HeldSet& s) { return s.name == name; });
    if (set == held_sets.end()) {
      const Workload workload = find_workload(name);
      const DataOrigin origin = find_data(comm, workload, arguments.data, arguments.scale);
      race_on(name, make_data<double>(comm, workload, origin), workload.components);
      continue;
    }
    const std::string path = find_held(comm, *set, arguments.data);
    if (path.empty()) {
      skip(fmt::format("{}: skipped, no folder of --data has {}\n\n", name, set->file));
      continue;
    }
    LoadOptions options;
    options.components = set->components;
    race_on(name, load<double>(comm, path, options), set->components);
  }
}

}  // namespace mpinmf::bench
