// What owners say that they allocate, beside what they do allocate: an array that their `bytes` leave out is
// noticed.
#include <atomic>
#include <cstdlib>
#include <new>

#include "catch.hpp"
#include "data/tile.hpp"
#include "init/products.hpp"
#include "init/scalapack.hpp"
#include "init/small_svd.hpp"
#include "mpinmf/nmf.hpp"
#include "solver/extrapolated_pair.hpp"
#include "solver/fit_bytes.hpp"
#include "solver/row_newton.hpp"
#include "solver/sweep.hpp"

namespace {
std::atomic<std::size_t> allocated_so_far = 0;
}

// Both count what is asked for. Never inlined: compilers warn of malloc and delete that they see together.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  allocated_so_far += bytes;
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  allocated_so_far += bytes;
  void* memory = nullptr;
  if (posix_memalign(&memory, static_cast<std::size_t>(alignment), bytes) != 0) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

using namespace mpinmf;

namespace {

/// k numbers take up more than is overlooked: every array that grows with k is seen.
constexpr Index rows = 70, features = 1300, components = 600;
constexpr double overlooked = 2000;
constexpr int threads = 2;

template <class Make>
double allocated_by(Make&& make) {
  const std::size_t before = allocated_so_far;
  [[maybe_unused]] const auto made = make();
  return static_cast<double>(allocated_so_far - before);
}

void check(double said, double allocated) {
  INFO("said " << said << ", allocated " << allocated);
  CHECK(std::abs(said - allocated) <= overlooked);
}

template <class T>
DataMatrix<T> some_data() {
  Matrix<T> v(rows, features);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < features; ++j) v(i, j) = static_cast<T>(1 + i * j % 7);
  }
  return DataMatrix<T>::from_rows(Comm::self(), std::move(v));
}

template <class T>
void check_sums() {
  for (const StatisticsSet statistics :
       {StatisticsSet{Statistic::numerator, Statistic::gram},
        StatisticsSet{Statistic::numerator, Statistic::column_sums},
        StatisticsSet{Statistic::numerator, Statistic::denominator},
        StatisticsSet{Statistic::numerator, Statistic::curvature, Statistic::column_sums},
        StatisticsSet{Statistic::numerator, Statistic::gram, Statistic::cross_gram}}) {
    for (const bool is_shared : {false, true}) {
      const SumsOptions options{threads, is_shared};
      check(Sums<T>::bytes(statistics, features, components, options),
            allocated_by([&] { return std::make_unique<Sums<T>>(statistics, features, components, options); }));
    }
  }
}

template <class T>
void check_movers_of_h(const DataMatrix<T>& v) {
  check(SharedH<T>::bytes(features, components, threads),
        allocated_by([] { return std::make_unique<SharedH<T>>(features, components, threads); }));
  SharedH<T> h(features, components, threads);
  PlainHStart<T> start(h);
  for (const std::string& name : rule_names()) {
    INFO(name);
    const Rule<T>& rule = find_rule<T>(name);
    const StatisticsSet statistics{Statistic::numerator};
    check(HMover<T>::bytes(rule, statistics, features, components, threads),
          allocated_by([&] { return std::make_unique<HMover<T>>(h, rule, RuleSettings(), start, statistics); }));
    Matrix<double> gram(components, components);
    for (Index c = 0; c < components; ++c) gram(c, c) = 1;
    HalfStep<T> half_step;
    const double allocated = allocated_by([&] {
      begin_half_step<T>(rule, {}, std::as_const(gram).view(), half_step);
      return 0;
    });
    check(half_step_bytes(rule, components), allocated);
  }
  Matrix<T> w = Matrix<T>::padded(rows, components);
  check(
      ExtrapolatedPair<T>::w_bytes(rows, components) + ExtrapolatedPair<T>::h_bytes(features, components, threads),
      allocated_by([&] {
        return std::make_unique<ExtrapolatedPair<T>>(PairParts<T>{w.view(), h, v}, true, true);
      }));
}

template <class T>
void check_sweep(const DataMatrix<T>& v) {
  const PanelSizes tile{tile_rows<T>({v.columns(), components, v.is_sparse()}), v.columns(), v.longest_row(),
                        v.is_sparse()};
  for (const double beta : {0.0, 1.0, 1.5, 2.0}) {
    const auto loss = make_loss<T>(Loss{beta});
    for (const std::string& name : rule_names()) {
      const Rule<T>& rule = find_rule<T>(name);
      if (!fits(rule, facts_of(Loss{beta}))) continue;
      INFO("beta " << beta << ", " << name);
      const auto ranges = [&] { return thread_ranges(v, loss->statistics(), components, threads); };
      const double walk = allocated_by([&] { return std::make_unique<Walk<T>>(v, ranges()); });
      const double all = allocated_by([&] {
        auto sweep = std::make_unique<Sweep<T>>(v, *loss, components, threads);
        sweep->use(rule);
        return sweep;
      });
      check(Sweep<T>::scratch_bytes(*loss, rule, tile, components, {threads, ranges().share_sums}), all - walk);
    }
  }
}

/// Gram matrices of rows, of fewer components, are gathered in high tiles.
template <class T>
void check_known_entries(const DataMatrix<T>& v) {
  constexpr Index k = 60;
  const Rule<T>& rule = find_rule<T>("hals");
  const Loss known{.missing = Missing::zeros};
  const auto loss = make_loss<T>(known, asked_by(rule, facts_of(known).offers));
  const Layout layout = loss->layout();
  CHECK(layout_of_fit<T>(known, "hals") == layout);
  CHECK(layout_of_fit<T>(known, "mu") == Layout::rows);
  const PanelSizes tile{tile_rows<T>({v.columns(), k, v.is_sparse(), layout}), v.columns(), v.longest_row(),
                        v.is_sparse()};
  const auto ranges = [&] { return thread_ranges(v, loss->statistics(), k, threads, layout); };
  const double walk = allocated_by([&] { return std::make_unique<Walk<T>>(v, ranges()); });
  const double all = allocated_by([&] {
    auto sweep = std::make_unique<Sweep<T>>(v, *loss, k, threads, layout);
    sweep->use(rule);
    return sweep;
  });
  const SumsOptions options{threads, ranges().share_sums};
  check(Sweep<T>::scratch_bytes(*loss, rule, tile, k, options), all - walk);
  const StatisticsSet statistics = loss->statistics();
  check(Sums<T>::bytes(statistics, features, k, options),
        allocated_by([&] { return std::make_unique<Sums<T>>(statistics, features, k, options); }));
  SharedH<T> h(features, k, threads);
  PlainHStart<T> start(h);
  check(HMover<T>::bytes(rule, statistics, features, k, threads),
        allocated_by([&] { return std::make_unique<HMover<T>>(h, rule, RuleSettings(), start, statistics); }));
}

template <class T>
void check_svd(const DataMatrix<T>& v) {
  check(Products<T>::bytes(features, components, threads, v.entry_bytes()),
        allocated_by([&] { return std::make_unique<Products<T>>(v, components, threads); }));
  check(TallQr<T>::bytes(features, components),
        allocated_by([] { return std::make_unique<TallQr<T>>(Comm::self(), features, components); }));
  check(SmallSvd::bytes(features, components), allocated_by([] { return SmallSvd(features, components); }));
}

template <class T>
void check_all() {
  const DataMatrix<T> v = some_data<T>();
  check_sums<T>();
  check_movers_of_h(v);
  check_sweep(v);
  check_known_entries(v);
  check_svd(v);
}

}  // namespace

TEST_CASE("Owners allocate as many bytes as they say, in double precision", "[bytes]") {
  check_all<double>();
}
TEST_CASE("Owners allocate as many bytes as they say, in single precision", "[bytes]") {
  check_all<float>();
}

TEST_CASE("The solver of single rows allocates as many bytes as it says", "[bytes]") {
  const Matrix<double> ht = Matrix<double>::padded(features, components);
  const Rule<double>& pivoting = default_rule<double>(DefaultFor::exact_half_steps);
  for (const double beta : {0.0, 1.0}) {
    for (const bool has_gaps : {false, true}) {
      const RowProblem problem{beta, {}, ht.view(), 1e-4};
      const double made =
          allocated_by([&] { return std::make_unique<RowNewton>(problem, has_gaps, features / 2); });
      // the first row begins a half-step
      check(RowNewton::bytes(RowNewton::gathers(beta, false, has_gaps), {1, features, features / 2, has_gaps},
                             components) -
                half_step_bytes(pivoting, components),
            made);
    }
  }
}
