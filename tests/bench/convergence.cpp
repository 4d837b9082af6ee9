#include "convergence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>

#include "factors.hpp"
#include "losses/loss_table.hpp"
#include "race_sets.hpp"
#include "reference_run.hpp"
#include "solver/clock.hpp"
#include "solver/factorize.hpp"

namespace mpinmf::bench {
namespace {

/// Seconds since it was made: wall time, or those of the processor, which a machine that others use too disturbs
/// less.
class RunClock {
 public:
  explicit RunClock(bool of_processor) : of_processor_(of_processor) {}
  double seconds() const {
    return of_processor_ ? static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC : wall_.seconds();
  }

 private:
  bool of_processor_;
  std::clock_t start_ = std::clock();
  Clock wall_;
};

struct Track {
  const DataMatrix<double>& v;
  const Arguments& arguments;
  Loss loss;
  Index components;
  int threads;

  Options options(const RuleVariant& variant) const { return variant.options(loss, components, threads); }
};

/// Takes down the points of a run.
class RunNotes {
 public:
  /// `stalled`: see Arguments
  explicit RunNotes(double stalled) : stalled_(stalled) {}

  /// An iteration has ended.
  void end(double seconds) { ends_.push_back(seconds); }
  /// The loss of an iteration that has ended; those that are known already are left out.
  void note(Index iteration, double loss) {
    const auto number = static_cast<double>(iteration);
    if (iteration < 1 || (!run_.points.empty() && run_.points.back().iteration >= number)) return;
    run_.points.push_back({number, ends_[static_cast<std::size_t>(iteration) - 1], loss});
  }
  /// Whether the loss has fallen by less than that share in ten points.
  bool is_stalled() const {
    constexpr std::size_t window = 10;
    if (stalled_ == 0 || run_.points.size() <= window) return false;
    const double before = run_.points[run_.points.size() - 1 - window].loss;
    return before - run_.points.back().loss <= stalled_ * before;
  }
  const Run& run() const { return run_; }

 private:
  double stalled_;
  std::vector<double> ends_;
  Run run_;
};

/// From the model's factors. Losses that an identity gives are known in each iteration, others are computed on the
/// way, as fit does for its trace.
Run run_rule(const Track& track, const RuleVariant& variant, const Nmf<double>& start) {
  Options options = track.options(variant);
  options.max_iterations = track.arguments.iterations;
  options.max_seconds = track.arguments.seconds_per_run;
  options.trace_every = facts_of(track.loss).has_least_squares() ? std::numeric_limits<Index>::max() : 1;
  Factors<double> factors(track.v, start, track.threads);
  RunNotes notes(track.arguments.stalled);
  track.v.comm().wait_for_all();
  const RunClock clock(track.arguments.processor_time);
  FitHooks<double> hooks;
  hooks.on_iteration = [&](const Progress& p) {
    notes.end(clock.seconds());
    notes.note(p.loss_iteration, p.loss);
  };
  hooks.requests = [&] { return Requests{.stop = notes.is_stalled()}; };
  const RunRecord record =
      factorize<double>(track.v, resolved_for(track.v, options), factors.w.view(), factors.h, hooks);
  notes.note(record.iterations, record.trace.back().cost.loss);
  return notes.run();
}

/// Likewise, by the reference. The clock begins when V and the factors are in place.
Run run_both_orders(const Track& track, const Nmf<double>& start) {
  RunNotes notes(track.arguments.stalled);
  std::optional<RunClock> clock;
  Index pass = 0;
  run_reference(track.v, start, [&](double loss) {
    if (!clock) {
      clock.emplace(track.arguments.processor_time);
      return true;
    }
    const double seconds = clock->seconds();
    notes.end(seconds);
    notes.note(++pass, loss);
    return pass < track.arguments.iterations && seconds < track.arguments.seconds_per_run && !notes.is_stalled();
  });
  Run run = notes.run();
  auto count = static_cast<Index>(run.points.size());
  track.v.comm().broadcast_value(count);
  run.points.resize(static_cast<std::size_t>(count));
  track.v.comm().broadcast(std::span<Run::Point>(run.points));
  return run;
}

Nmf<double> start_of(const Track& track, int seed) {
  Options options = track.options({"mu", false});
  options.seed = Seed(static_cast<std::uint64_t>(seed));
  options.start = Start::random;
  options.max_iterations = track.arguments.start_mu;
  options.trace_every = std::numeric_limits<Index>::max();
  Nmf<double> start(options);
  start.fit(track.v);
  return start;
}

void race_from(const Track& track, int seed, Race& race) {
  const Nmf<double> start = start_of(track, seed);
  const std::string& target = track.arguments.target;
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t r = 0; r < race.variants.size(); ++r) {
    const RuleVariant& variant = race.variants[r];
    race.runs[r].push_back(variant.is_reference() ? run_both_orders(track, start)
                                                  : run_rule(track, variant, start));
    if (!target.empty() && variant.name() != target) continue;
    for (const Run::Point& point : race.runs[r].back().points) best = std::min(best, point.loss);
  }
  race.best.push_back(best);
}

/// How near the best: by at most these shares of it.
std::vector<double> levels_for(const Loss& loss) {
  return loss == Loss() ? std::vector{0.05, 0.01, 0.001} : std::vector{0.01, 0.001};
}

void set_marks(const std::string& reach, Race& race) {
  const auto reached = std::find_if(race.variants.begin(), race.variants.end(),
                                    [&](const RuleVariant& variant) { return variant.name() == reach; });
  if (reached != race.variants.end()) {
    Mark mark{"end of " + reach, reach, {}};
    for (const Run& run : race.runs[static_cast<std::size_t>(reached - race.variants.begin())]) {
      mark.measures.push_back(race.measure(run.points.back().loss));
    }
    race.marks.push_back(std::move(mark));
  }
  for (const double level : levels_for(race.loss)) {
    Mark mark{fmt::format("best + {:.4g} %", 100 * level), fmt::format("{:g}", level), {}};
    for (const double best : race.best) mark.measures.push_back((1 + level) * race.measure(best));
    race.marks.push_back(std::move(mark));
  }
}

Race run_race(const Track& track, const std::string& name) {
  Race race;
  race.name = name;
  race.loss = track.loss;
  race.rows = track.v.rows_global();
  race.columns = track.v.columns();
  race.components = track.components;
  race.passes_before = track.arguments.start_mu;
  race.variants = find_variants(all_runners(track.loss), track.arguments.rules);
  race.runs.resize(race.variants.size());
  for (int seed = 0; seed < track.arguments.starts; ++seed) race_from(track, seed, race);
  set_marks(track.arguments.reach, race);
  return race;
}

}  // namespace

double Race::measure(double of) const {
  return loss == Loss() ? std::sqrt(2 * of) : of;
}

std::string Race::measure_name() const {
  return loss == Loss() ? "error" : "loss";
}

Run::Point Race::arrival(std::size_t variant, std::size_t start, const Mark& mark) const {
  for (const Run::Point& point : runs[variant][start].points) {
    if (measure(point.loss) <= mark.measures[start]) return point;
  }
  constexpr double never = std::numeric_limits<double>::infinity();
  return {never, never, never};
}

void run_races(const Comm& comm, const Arguments& arguments, int threads,
               const std::function<void(const Race&)>& take, const std::function<void(const std::string&)>& skip) {
  const Loss loss = Loss::parse(arguments.losses.front());
  for (const std::string& name : arguments.workloads) {
    std::string missing;
    const std::optional<RaceData> data = find_race_data(comm, name, arguments, missing);
    if (data) {
      take(run_race({data->v, arguments, loss, data->components, threads}, name));
    } else {
      skip(fmt::format("{}: skipped, no folder of --data has {}\n\n", name, missing));
    }
  }
}

}  // namespace mpinmf::bench
