#include "cases.hpp"

#include "products.hpp"
#include "sweep_timer.hpp"

namespace mpinmf::bench {
namespace {

struct Bench {
  const Comm& comm;
  const Arguments& arguments;
  const Machine& machine;
  int threads;
};

template <class T>
Shape shape_of(const DataMatrix<T>& v, Index components) {
  return {v.rows_global(),    v.columns(),   components,
          v.summary().stored, v.is_sparse(), static_cast<Index>(sizeof(T))};
}

/// Decays the factors, times the first sweep over them, and goes on as a run would: what is slow after these
/// iterations stays slow.
template <class T>
double decay(const Comm& comm, SweepTimer<T>& timer) {
  timer.decay();
  comm.wait_for_all();
  const Clock clock;
  timer.sweep();
  const double seconds = comm.max(clock.seconds());
  timer.iterations(1);
  return seconds;
}

template <class T>
Spread measure_products(const Bench& bench, const DataMatrix<T>& v, const SweepTimer<T>& timer) {
  std::unique_ptr<TwoProducts<T>> products;
  bench.comm.meet([&] { products = make_two_products<T>(v, timer.w(), timer.ht(), bench.threads); });
  const Spread seconds = measure(bench.comm, bench.arguments.effort, [&] { products->run(); });
  bench.comm.meet([&] {
    constexpr double rounding = sizeof(T) == 8 ? 1e-9 : 1e-2;  // of sums over all entries
    if (products->disagreement() < rounding) return;
    throw SystemError(v.name() +
                      ": the two products that sweeps are compared with disagree; this is a fault of "
                      "mpinmf-bench or of BLAS");
  });
  return seconds;
}

template <class T>
CaseResult measure_case(const Bench& bench, const Workload& workload, const DataMatrix<T>& v,
                        const std::string& loss) {
  Options options;
  options.components = workload.components;
  options.rule = "mu";  // the least work beside the sweep
  options.start = Start::random;
  options.loss = Loss::parse(loss);
  options.threads = bench.threads;
  const bool frobenius = options.loss.beta == 2;
  const Effort& effort = bench.arguments.effort;

  CaseResult result;
  result.name = workload.name;
  result.loss = options.loss.name();
  result.precision = sizeof(T) == 8 ? "double" : "float";
  result.shape = shape_of(v, workload.components);
  result.flops =
      flops_of_a_sweep({v.rows_global(), v.columns(), v.summary().stored}, workload.components, options.loss);
  result.padded_flops = flops_with_padding(result.shape, options.loss);
  result.bytes = bytes_of_a_sweep(result.shape, bench.comm.size());
  result.limit = limit_of(result.flops, result.bytes, bench.machine.rates(sizeof(T)));

  std::optional<SweepTimer<T>> timer;
  timer.emplace(v, options);
  if (workload.decayed) result.first_sweep = decay(bench.comm, *timer);
  if (frobenius && !workload.decayed) result.products = measure_products(bench, v, *timer);
  result.sweep = measure(bench.comm, effort, [&] { timer->sweep(); });
  result.iteration = spread_of(timer->iterations(effort.repeats_of(result.sweep.median)).seconds);
  return result;
}

/// The cases of one matrix in one precision, which is made once.
template <class T>
void run_matrix(const Bench& bench, const std::vector<Workload>& workloads,
                const std::function<void(const CaseResult&)>& take) {
  const DataOrigin origin = find_data(bench.comm, workloads.front(), bench.arguments.data, bench.arguments.scale);
  const DataMatrix<T> v = make_data<T>(bench.comm, workloads.front(), origin);
  for (const std::string& loss : bench.arguments.losses) {
    for (const Workload& workload : workloads) {
      CaseResult result = measure_case<T>(bench, workload, v, loss);
      result.origin = origin.path.empty() ? "generated" : origin.path;
      take(result);
    }
  }
}

/// Neighbours that share a matrix.
std::vector<std::vector<Workload>> by_matrix(const std::vector<std::string>& names) {
  std::vector<std::vector<Workload>> groups;
  for (const std::string& name : names) {
    const Workload workload = find_workload(name);
    if (groups.empty() || !groups.back().front().is_same_data(workload)) groups.emplace_back();
    groups.back().push_back(workload);
  }
  return groups;
}

}  // namespace

void run_cases(const Comm& comm, const Arguments& arguments, const Machine& machine, int threads,
               const std::function<void(const CaseResult&)>& take) {
  const Bench bench{comm, arguments, machine, threads};
  for (const std::vector<Workload>& workloads : by_matrix(arguments.workloads)) {
    for (const std::string& precision : arguments.precisions) {
      precision == "double" ? run_matrix<double>(bench, workloads, take)
                            : run_matrix<float>(bench, workloads, take);
    }
  }
}

}  // namespace mpinmf::bench
