#include "pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "factors.hpp"
#include "mpinmf/load.hpp"
#include "solver/chunks.hpp"
#include "solver/factorize.hpp"

namespace mpinmf::bench {
namespace {

/// Of V: enough samples for many ranks, few entries for each feature.
constexpr Index samples = 1000, entries_per_feature = 10;
/// Runs of each number of chunks, in turn, so that what disturbs the machine disturbs all alike.
constexpr int turns_of_each = 3;
/// Of a run; the first one warms up.
constexpr int iterations = 4;

Options options_of(Index components, int threads) {
  Options options;
  options.components = components;
  options.threads = threads;
  options.rule = "hals";
  options.extrapolate = false;
  options.start = Start::random;
  options.max_iterations = iterations;
  options.tolerance = 0;
  return options;
}

/// Not cut; as many chunks as there are ranks, and two and four times as many; and what a fit takes.
std::vector<Chunks> candidates(Index features, Index components, int ranks) {
  const Chunks chosen = chunks_for(features, components, sizeof(double), ranks);
  std::vector<Chunks> all = {Chunks{features, 0}};
  for (const Index turns : {1, 2, 4}) {
    const Index count = turns * ranks;
    if (count > 1) all.push_back({features, (features + count - 1) / count});
  }
  const bool has_chosen =
      std::any_of(all.begin(), all.end(), [&](const Chunks& c) { return c.count() == chosen.count(); });
  if (!has_chosen) all.push_back(chosen);
  return all;
}

class PipelineTimer {
 public:
  PipelineTimer(const DataMatrix<double>& v, const Options& options)
      : v_(v), options_(resolved_for(v, options)), factors_(start(v, options)) {}

  /// Adds the seconds of every iteration but the first.
  Index run(const Chunks& chunks, std::vector<double>& seconds) {
    const RunRecord record = factorize_in_chunks<double>(v_, options_, factors_.w.view(), factors_.h, chunks);
    std::vector<double> own;
    for (std::size_t i = 2; i < record.trace.size(); ++i)
      own.push_back(record.trace[i].seconds - record.trace[i - 1].seconds);
    v_.comm().max(own);
    seconds.insert(seconds.end(), own.begin(), own.end());
    return record.communication.bytes_per_iteration;
  }

 private:
  static Factors<double> start(const DataMatrix<double>& v, Options options) {
    options.max_iterations = 1;
    Nmf<double> model(options);
    model.fit(v);
    return {v, model, options.threads};
  }

  const DataMatrix<double>& v_;
  ResolvedOptions options_;
  Factors<double> factors_;
};

std::vector<PipelineCase> measure_shape(const Comm& comm, Index n, Index k, int threads) {
  const auto v = load<double>(comm, fmt::format("generate:sparse-counts:rows={},columns={},density={}", samples, n,
                                                static_cast<double>(entries_per_feature) / samples));
  PipelineTimer timer(v, options_of(k, threads));
  const std::vector<Chunks> all = candidates(n, k, comm.size());
  const Index chosen = chunks_for(n, k, sizeof(double), comm.size()).count();
  std::vector<PipelineCase> cases(all.size());
  std::vector<std::vector<double>> seconds(all.size());
  for (int round = 0; round < turns_of_each; ++round) {
    for (std::size_t c = 0; c < all.size(); ++c) cases[c].bytes = timer.run(all[c], seconds[c]);
  }
  for (std::size_t c = 0; c < all.size(); ++c) {
    const Index count = all[c].count();
    cases[c] = {n, k, count, count == chosen, cases[c].bytes, spread_of(seconds[c])};
  }
  return cases;
}

}  // namespace

void measure_pipeline(const Comm& comm, const Arguments& arguments, int threads,
                      const std::function<void(const std::vector<PipelineCase>&)>& take) {
  for (const Index k : arguments.components) {
    for (const Index n : arguments.features) take(measure_shape(comm, n, k, threads));
  }
}

std::string pipeline_head() {
  return fmt::format("{:>8} {:>5} {:>8} {:>7} {:>10} {:>20}  {}\n", "n", "k", "MB sent", "chunks", "median [s]",
                     "quartiles [s]", "beside one message");
}

std::string pipeline_lines(const std::vector<PipelineCase>& cases) {
  constexpr double mega = 1e6;
  std::string text;
  for (const PipelineCase& c : cases) {
    const Spread& s = c.seconds;
    text += fmt::format("{:>8} {:>5} {:>8.1f} {:>7} {:>10.4f} {:>20}  {:.2f}{}\n", c.features, c.components,
                        static_cast<double>(c.bytes) / mega, c.chunks, s.median,
                        fmt::format("{:.4f} - {:.4f}", s.lower_quartile, s.upper_quartile),
                        s.median / cases.front().seconds.median, c.chosen ? "  what a fit takes" : "");
  }
  return text;
}

std::string pipeline_csv(const std::vector<PipelineCase>& cases, int ranks) {
  std::string text = "ranks,features,components,bytes,chunks,chosen,seconds,lower_quartile,upper_quartile\n";
  for (const PipelineCase& c : cases) {
    text +=
        fmt::format("{},{},{},{},{},{},{:.6g},{:.6g},{:.6g}\n", ranks, c.features, c.components, c.bytes, c.chunks,
                    c.chosen ? 1 : 0, c.seconds.median, c.seconds.lower_quartile, c.seconds.upper_quartile);
  }
  return text;
}

}  // namespace mpinmf::bench
