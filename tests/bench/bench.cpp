// mpinmf-bench: seconds and GFLOP/s of a sweep and of a whole iteration, beside what this machine's DGEMM and
// SGEMM reach in the same run. Runs on any number of ranks: mpirun -n 2 mpinmf-bench
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <vector>

#include "kernels/blas.hpp"
#include "kernels/simd.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"
#include "solver/clock.hpp"
#include "solver/shared_h.hpp"
#include "solver/solver.hpp"
#include "solver/sweep.hpp"

using namespace mpinmf;

namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Median over repeats of the slowest rank's seconds; the first run only warms up.
double median_seconds(const Comm& comm, int repeats, const std::function<void()>& work) {
  work();
  std::vector<double> seconds;
  for (int r = 0; r < repeats; ++r) {
    comm.wait_for_all();
    const Clock clock;
    work();
    seconds.push_back(comm.max(clock.seconds()));
  }
  return median(seconds);
}

/// GFLOP/s of a square product on all ranks at once.
template <class T>
double product_peak(const Comm& comm, Index size, int repeats) {
  Matrix<T> a(size, size), b(size, size), c(size, size);
  std::fill_n(a.data(), size * size, T(1));
  std::fill_n(b.data(), size * size, T(1));
  const double seconds =
      median_seconds(comm, repeats, [&] { multiply(std::as_const(a).view(), std::as_const(b).view(), c.view()); });
  return 2e-9 * static_cast<double>(size * size * size) / seconds * comm.size();
}

/// Multiplications and additions of one pass that have to be done: V H' and W'V on what is stored (Frobenius), and
/// W H on it twice more (Kullback-Leibler). The k x k work is left out.
double flops_of_a_pass(const DataSummary& summary, const Loss& loss, Index k) {
  const double products = loss.beta == 2 ? 2 : 4;
  return products * 2 * static_cast<double>(summary.stored) * static_cast<double>(k);
}

struct Case {
  std::string name, matrix, loss;
  Index components;
};

template <class T>
void measure(const Comm& comm, const Case& run, int repeats, double peak) {
  LoadOptions load_options;
  load_options.components = run.components;
  const DataMatrix<T> v = load<T>(comm, run.matrix, load_options);
  Options options;
  options.components = run.components;
  options.loss = Loss::parse(run.loss);
  options.tolerance = 0;
  options.max_iterations = 3;
  Nmf<T> model(options);
  model.fit(v);  // factors as they are in the middle of a run

  const auto loss = make_loss<T>(options.loss);
  SharedH<T> h(v.columns(), run.components);
  for (Index j = 0; j < v.columns(); ++j) std::copy_n(model.ht().row(j), run.components, h.ht().row(j));
  h.refresh();
  Matrix<T> w = Matrix<T>::padded(v.rows_local(), run.components);
  for (Index i = 0; i < w.rows(); ++i) std::copy_n(model.w().row(i), run.components, w.row(i));
  Sums<T> sums(loss->shape(), v.columns(), run.components);
  Sweep<T> sweep(v, *loss, run.components);
  const double sweep_seconds = median_seconds(comm, repeats, [&] {
    sums.clear();
    sweep.move_and_gather(multiplicative<T>, settings_for_w(options), h.fixed(), w.view(), sums, CostOf::nothing);
  });

  options.max_iterations = repeats;
  options.trace_every = repeats;
  const Clock clock;
  factorize<T>(v, options, w.view(), h, {});
  const double iteration_seconds = comm.max(clock.seconds()) / repeats;

  if (!comm.is_root()) return;
  const double rate = 1e-9 * flops_of_a_pass(v.summary(), options.loss, run.components) / sweep_seconds;
  fmt::print("{:<22} {:<6} {:>4} {:>11.5f} {:>13.5f} {:>9.2f} {:>8.1f} %\n", run.name,
             sizeof(T) == 8 ? "double" : "float", run.components, sweep_seconds, iteration_seconds, rate,
             100 * rate / peak);
  std::cout << std::flush;
}

void run_all(const Comm& comm, double scale, int repeats) {
  const Index product_size = std::max<Index>(64, static_cast<Index>(1024 * std::min(1.0, scale)));
  const double double_peak = product_peak<double>(comm, product_size, repeats);
  const double float_peak = product_peak<float>(comm, product_size, repeats);
  const auto rows = [&](double full) { return std::max<Index>(64, static_cast<Index>(full * scale)); };
  const std::vector<Case> cases{
      {"dense", fmt::format("generate:lowrank:rows={},columns=2000,rank=20", rows(20000)), "frobenius", 20},
      {"dense, tall", fmt::format("generate:lowrank:rows={},columns=400,rank=16", rows(100000)), "frobenius", 16},
      {"dense, KL", fmt::format("generate:lowrank:rows={},columns=400,rank=16", rows(20000)), "kullback-leibler",
       16},
      {"sparse", fmt::format("generate:sparse-counts:rows={},columns=20000,density=0.005", rows(100000)),
       "frobenius", 20},
      {"sparse, KL", fmt::format("generate:sparse-counts:rows={},columns=20000,density=0.005", rows(100000)),
       "kullback-leibler", 20},
  };
  if (comm.is_root()) {
    fmt::print("{} rank(s), kernels {}, BLAS {}\n", comm.size(), vector_level(), blas_description());
    fmt::print("matrix product of {0} x {0}: {1:.1f} GFLOP/s double, {2:.1f} GFLOP/s float\n\n", product_size,
               double_peak, float_peak);
    fmt::print("{:<22} {:<6} {:>4} {:>11} {:>13} {:>9} {:>10}\n", "", "", "k", "sweep [s]", "iteration [s]",
               "GFLOP/s", "of product");
  }
  for (const Case& run : cases) {
    measure<double>(comm, run, repeats, double_peak);
    measure<float>(comm, run, repeats, float_peak);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times sweeps and iterations of mpinmf beside the machine's matrix product.");
  double scale = 1;
  int repeats = 11;
  app.add_option("--scale", scale, "Rows of the workloads, as a share of the full size")->capture_default_str();
  app.add_option("--repeats", repeats, "Measured runs of each; medians are shown")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  Session session(argc, argv);
  use_one_blas_thread();
  run_all(session.comm(), scale, repeats);
}
