// A fit that was saved, lost and read back goes on as if it had never stopped.
#include "io/checkpoint/checkpoint.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "catch.hpp"
#include "contains.hpp"
#include "io/checksum.hpp"
#include "mpi_support.hpp"
#include "rules/rule.hpp"
#include "shared_folder.hpp"
#include "solver/chunks.hpp"
#include "solver/factorize.hpp"

using namespace mpinmf;

namespace {

const io::Facts some_fit = {{"k", "5"}, {"rule", "mu"}};
constexpr Index all_iterations = 23;  // with two looks at the tolerance

template <class T>
struct SavedFit {
  Matrix<T> w;
  SharedH<T> h;
  RunRecord record;

  SavedFit(const DataMatrix<T>& v, const Options& options, const Chunks& chunks, const FitHooks<T>& hooks = {})
      : w(Matrix<T>::padded(v.rows_local(), options.components)), h(v.columns(), options.components) {
    const Index k = options.components;
    const Matrix<T> first_w = random_matrix<T>(v.rows_global(), k, 11, 0),
                    first_h = random_matrix<T>(v.columns(), k, 12, 0);
    for (Index i = 0; i < w.rows(); ++i) std::copy_n(first_w.row(v.first_row() + i), k, w.row(i));
    for (Index j = 0; j < v.columns(); ++j) std::copy_n(first_h.row(j), k, h.ht().row(j));
    h.refresh();
    record = factorize_in_chunks(v, resolved_for(v, options), w.view(), h, chunks, hooks);
  }
  ConstMatrixView<T> ht() const { return h.ht(); }
};

template <class T>
bool has_bits(ConstMatrixView<T> a, ConstMatrixView<T> b) {
  for (Index i = 0; i < a.rows(); ++i) {
    if (std::memcmp(a.row(i), b.row(i), static_cast<std::size_t>(a.columns()) * sizeof(T)) != 0) return false;
  }
  return a.rows() == b.rows() && a.columns() == b.columns();
}

bool is_same(const Cost& a, const Cost& b) {
  const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return same(a.loss, b.loss) && same(a.mean_row_norm, b.mean_row_norm) && same(a.penalty, b.penalty);
}

template <class T>
void check_same(const SavedFit<T>& a, const SavedFit<T>& b) {
  CHECK(world().min(has_bits<T>(a.w.view(), b.w.view()) ? 1.0 : 0.0) == 1);
  CHECK(world().min(has_bits<T>(a.ht(), b.ht()) ? 1.0 : 0.0) == 1);
  CHECK(a.record.iterations == b.record.iterations);
  CHECK(a.record.kkt_w == b.record.kkt_w);
  REQUIRE(a.record.trace.size() == b.record.trace.size());
  for (std::size_t i = 0; i < a.record.trace.size(); ++i) {
    INFO("row " << i);
    CHECK(a.record.trace[i].iteration == b.record.trace[i].iteration);
    CHECK(is_same(a.record.trace[i].cost, b.record.trace[i].cost));
  }
}

/// Saves at the end only; stops after so many iterations because one rank is asked to.
template <class T>
FitHooks<T> hooks_until(io::CheckpointFolder& folder, Index iterations, Index& calls) {
  FitHooks<T> hooks;
  calls = 0;
  hooks.requests = [iterations, &calls] {
    return Requests{++calls == iterations && world().rank() == world().size() - 1, false};
  };
  hooks.is_save_due = [](Index) { return false; };
  hooks.save = [&](FitState<T>& state) { folder.save(state); };
  return hooks;
}

template <class T>
FitHooks<T> hooks_from(io::CheckpointFolder& folder) {
  FitHooks<T> hooks;
  hooks.load = [&](FitState<T>& state) {
    std::vector<std::string> damaged;
    const auto found = folder.find_newest(damaged);
    REQUIRE(found);
    CHECK(damaged.empty());
    folder.load(*found, state);
  };
  return hooks;
}

/// One run; then one that is stopped after `before` iterations and one that goes on from there.
template <class T>
void check_resumed(const DataMatrix<T>& v, const Options& options, const Chunks& chunks, Index before) {
  const SharedFolder shared;
  const SavedFit<T> whole(v, options, chunks);
  io::CheckpointFolder folder(world(), shared / "c", some_fit, 2);
  Index calls = 0;
  // with H first the sums of the first W come before the first iteration
  const Index call = before + (options.order == Order::h_first ? 1 : 0);
  const SavedFit<T> stopped(v, options, chunks, hooks_until<T>(folder, call, calls));
  CHECK(stopped.record.iterations == before);
  CHECK(stopped.record.stop_reason == StopReason::request);
  const SavedFit<T> resumed(v, options, chunks, hooks_from<T>(folder));
  check_same(whole, resumed);
}

Options options_of(const std::string& rule, double beta, Order order, bool extrapolate) {
  Options options = fixed_options(5, beta, order, all_iterations);
  options.rule = rule;
  options.extrapolate = extrapolate;
  options.final_w = false;
  options.tolerance = 1e-14;  // is looked at, never met
  return options;
}

struct SavedWay {
  std::string rule;
  double beta;
  Order order;
  bool extrapolate;
};

std::vector<SavedWay> saved_ways() {
  std::vector<SavedWay> all;
  for (const std::string& name : rule_names()) {
    const Rule<double>& rule = find_rule<double>(name);
    for (const double beta : {2.0, 1.5, 1.0, 0.5}) {
      if (!fits(rule, facts_of({beta}))) continue;
      for (const Order order : {Order::w_first, Order::h_first}) all.push_back({name, beta, order, false});
      if (rule.extrapolates == Extrapolated::h_alone) all.push_back({name, beta, Order::h_first, true});
    }
    if (rule.extrapolates == Extrapolated::both_factors) all.push_back({name, 2, Order::w_first, true});
  }
  return all;
}

}  // namespace

TEST_CASE("a fit that is stopped and resumed has the bits of one that never was", "[checkpoint]") {
  const Matrix<double> x = random_matrix<double>(61, 37, 1, 0.2);
  for (const bool sparse : {false, true}) {
    const DataMatrix<double> v = spread(world(), x, sparse);
    for (const SavedWay& way : saved_ways()) {
      // one message and chunks; after the first iteration, between two looks at the tolerance, and at one
      const std::vector<std::pair<Index, Index>> cuts =
          sparse ? std::vector<std::pair<Index, Index>>{{7, 10}}
                 : std::vector<std::pair<Index, Index>>{{0, 1}, {0, 10}, {7, 6}};
      for (const auto& [height, before] : cuts) {
        INFO(way.rule << (way.extrapolate ? "+e" : "") << ", beta " << way.beta << ", "
                      << (way.order == Order::w_first ? "W" : "H") << " first, chunks of " << height << ", "
                      << (sparse ? "sparse" : "dense") << ", stopped after " << before);
        check_resumed(v, options_of(way.rule, way.beta, way.order, way.extrapolate), {37, height}, before);
      }
    }
  }
}

TEST_CASE("resumed fits in single precision and with every stopping rule", "[checkpoint]") {
  const DataMatrix<float> v = spread(world(), random_matrix<float>(40, 30, 2, 0.2), false);
  for (const Stop stop : {Stop::loss, Stop::scikit_learn_mu, Stop::scikit_learn_cd, Stop::projected_gradient}) {
    for (const bool extrapolate : {false, true}) {
      Options options = options_of("hals", 2, Order::w_first, extrapolate);
      options.stop = stop;
      options.tolerance = 1e-3;
      options.max_iterations = 200;
      options.alpha_w = 1e-3;
      INFO(name_of(stop) << (extrapolate ? ", extrapolated" : ""));
      check_resumed(v, options, {30, 0}, 4);
    }
  }
}

TEST_CASE("a fit that is lost, or stopped, when it had met the tolerance is over", "[checkpoint]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(40, 30, 2, 0.2), false);
  for (const Stop stop : {Stop::loss, Stop::scikit_learn_cd, Stop::projected_gradient}) {
    for (const SavedWay& way :
         {SavedWay{"hals", 2, Order::w_first, false}, SavedWay{"hals", 2, Order::w_first, true},
          SavedWay{"hals", 2, Order::h_first, false}}) {
      Options options = options_of(way.rule, way.beta, way.order, way.extrapolate);
      options.stop = stop;
      options.tolerance = 1e-2;
      options.max_iterations = 200;
      INFO(name_of(stop) << (way.extrapolate ? ", extrapolated" : "") << ", "
                         << (way.order == Order::w_first ? "W" : "H") << " first");
      const SavedFit<double> whole(v, options, {30, 0});
      REQUIRE(whole.record.stop_reason == StopReason::tolerance);
      for (const bool is_asked : {false, true}) {
        const SharedFolder shared;
        io::CheckpointFolder folder(world(), shared / "c", some_fit, 2);
        Index calls = 0;
        FitHooks<double> hooks = hooks_until<double>(folder, 0, calls);
        // the sum of this iteration, whichever it is there
        hooks.on_iteration = [&](const Progress& now) { calls = now.iteration; };
        hooks.requests = [&] { return Requests{is_asked && calls == whole.record.iterations - 1, false}; };
        const SavedFit<double> lost(v, options, {30, 0}, hooks);
        // where it takes a walk to know, the end comes after the request
        const bool is_over = lost.record.stop_reason == StopReason::tolerance;
        CHECK((is_over || (is_asked && lost.record.stop_reason == StopReason::request)));
        CHECK(lost.record.iterations == whole.record.iterations);
        const SavedFit<double> resumed(v, options, {30, 0}, hooks_from<double>(folder));
        check_same(whole, resumed);
        CHECK(resumed.record.stop_reason == StopReason::tolerance);
        Options strict = options;
        strict.tolerance = 1e-3;
        check_same(SavedFit<double>(v, strict, {30, 0}),
                   SavedFit<double>(v, strict, {30, 0}, hooks_from<double>(folder)));
      }
    }
  }
}

TEST_CASE("a stop after the last iteration leaves the results without the KKT residual", "[checkpoint]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(200, 150, 4, 0.2), false);
  for (const double beta : {2.0, 1.0}) {
    Options options = options_of("mu", beta, Order::w_first, false);
    options.threads = 2;
    const SavedFit<double> whole(v, options, {150, 0});
    bool is_over = false;
    FitHooks<double> hooks;
    hooks.on_iteration = [&](const Progress& now) { is_over = now.iteration == all_iterations; };
    hooks.requests = [&] { return Requests{is_over && world().rank() == world().size() - 1, false}; };
    const SavedFit<double> asked(v, options, {150, 0}, hooks);
    CHECK(asked.record.stop_reason == StopReason::max_iterations);
    CHECK(asked.record.iterations == all_iterations);
    CHECK(world().min(has_bits<double>(whole.w.view(), asked.w.view()) ? 1.0 : 0.0) == 1);
    CHECK(is_same(whole.record.trace.back().cost, asked.record.trace.back().cost));
    CHECK(whole.record.kkt_w > 0);
    CHECK(whole.record.kkt_h > 0);
    CHECK(std::isnan(asked.record.kkt_w));
    CHECK(std::isnan(asked.record.kkt_h));
  }
}

TEST_CASE("periodic checkpoints change nothing, and the newest are kept", "[checkpoint]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(50, 20, 3, 0.2), false);
  for (const Order order : {Order::w_first, Order::h_first}) {
    const SharedFolder shared;
    const Options options = options_of("anls-bpp", 2, order, order == Order::w_first);
    const SavedFit<double> plain(v, options, {20, 0});
    io::CheckpointFolder folder(world(), shared / "c", some_fit, 3);
    std::vector<Index> saved;
    FitHooks<double> hooks;
    hooks.is_save_due = [](Index i) { return i % 4 == 0; };
    hooks.save = [&](FitState<double>& state) {
      folder.save(state);
      saved.push_back(state.iteration);
    };
    check_same(plain, SavedFit<double>(v, options, {20, 0}, hooks));
    CHECK(saved == std::vector<Index>{4, 8, 12, 16, 20, 23});
    std::vector<std::string> damaged;
    CHECK(folder.find_newest(damaged)->iteration == 23);
    world().wait_for_all();
    if (world().is_root()) CHECK(io::checkpoints_in(shared / "c").size() == 3);
    world().wait_for_all();
  }
}

TEST_CASE("a checkpoint of all ranks serves one rank, and the other way round", "[checkpoint]") {
  const Matrix<double> x = random_matrix<double>(57, 33, 4, 0.3);
  for (const bool extrapolate : {false, true}) {
    const Options options = options_of("ahals", 2, Order::w_first, extrapolate);
    const DataMatrix<double> everyones = spread(world(), x, true);
    const SharedFolder shared;
    io::CheckpointFolder folder(world(), shared / "c", some_fit, 1);
    Index calls = 0;
    const SavedFit<double> stopped(everyones, options, {33, 8}, hooks_until<double>(folder, 9, calls));
    const SavedFit<double> whole(everyones, options, {33, 8});
    world().wait_for_all();
    if (world().is_root()) {
      const DataMatrix<double> own = spread(Comm::self(), x, true);
      io::CheckpointFolder alone(Comm::self(), shared / "c", some_fit, 1);
      const SavedFit<double> resumed(own, options, {33, 0}, hooks_from<double>(alone));
      CHECK(resumed.record.iterations == whole.record.iterations);
      CHECK(resumed.record.trace.back().cost.loss == Approx(whole.record.trace.back().cost.loss).epsilon(1e-6));
      CHECK(relative_difference<double>(Comm::self(), whole.ht(), resumed.ht()) < 1e-8);
      Index of_root = 0;
      const SavedFit<double> again(own, options, {33, 0}, hooks_until<double>(alone, 9, of_root));
    }
    world().wait_for_all();
    const SavedFit<double> resumed(everyones, options, {33, 8}, hooks_from<double>(folder));
    CHECK(relative_difference<double>(Comm::self(), whole.ht(), resumed.ht()) < 1e-8);
  }
}

TEST_CASE("damaged checkpoints are found out, and the one before is taken", "[checkpoint]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(50, 20, 3, 0.2), false);
  const Options options = options_of("hals", 2, Order::w_first, true);
  const auto flip = [](const std::string& path, std::size_t from_end) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-static_cast<std::streamoff>(from_end), std::ios::end);
    const int byte = file.get();
    file.seekp(-static_cast<std::streamoff>(from_end), std::ios::end);
    file.put(static_cast<char>(byte ^ 4));
  };
  const std::vector<std::string> files = {"w.npy", "ht.npy", "numbers.npy", "h_sums.npy", "manifest.json"};
  for (const std::string& file : files) {
    for (const std::string how : {"flipped", "cut", "gone"}) {
      INFO(file << ", " << how);
      const SharedFolder shared;
      io::CheckpointFolder folder(world(), shared / "c", some_fit, 2);
      FitHooks<double> hooks;
      hooks.is_save_due = [](Index i) { return i == 4; };
      hooks.save = [&](FitState<double>& state) { folder.save(state); };
      const SavedFit<double> saved(v, options, {20, 0}, hooks);
      const auto damage = [&](const std::string& checkpoint) {
        if (!world().is_root()) return;
        const std::string path = shared / "c/" + checkpoint + "/" + file;
        if (how == "flipped") flip(path, 30);
        if (how == "cut") std::filesystem::resize_file(path, std::filesystem::file_size(path) - 9);
        if (how == "gone") std::filesystem::remove(path);
      };
      damage("checkpoint-2");
      world().wait_for_all();
      std::vector<std::string> damaged;
      const auto found = folder.find_newest(damaged);
      REQUIRE(found);
      CHECK(found->iteration == 4);
      REQUIRE(damaged.size() == 1);
      CHECK_THAT(damaged[0], Catch::Contains(file));
      damage("checkpoint-1");
      world().wait_for_all();
      damaged.clear();
      CHECK_THROWS_AS(folder.find_newest(damaged), BadData);
    }
  }
}

TEST_CASE("a damaged checkpoint does not take the place of a whole one", "[checkpoint]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(20, 10, 3, 0.2), false);
  const SharedFolder shared;
  io::CheckpointFolder folder(world(), shared / "c", some_fit, 2);
  FitHooks<double> hooks;
  hooks.is_save_due = [](Index i) { return i == 4; };
  hooks.save = [&](FitState<double>& state) { folder.save(state); };
  const Options options = options_of("mu", 2, Order::w_first, false);
  const SavedFit<double> saved(v, options, {10, 0}, hooks);
  if (world().is_root()) std::filesystem::resize_file(shared / "c/checkpoint-2/w.npy", 100);
  world().wait_for_all();
  FitHooks<double> again = hooks;
  again.load = [&](FitState<double>& state) {
    std::vector<std::string> damaged;
    const auto found = folder.find_newest(damaged);
    REQUIRE(found);
    folder.load(*found, state);
  };
  const SavedFit<double> resumed(v, options, {10, 0}, again);
  CHECK(std::filesystem::exists(shared / "c/checkpoint-1"));
  CHECK_FALSE(std::filesystem::exists(shared / "c/checkpoint-2"));
  CHECK(std::filesystem::exists(shared / "c/checkpoint-3"));
  world().wait_for_all();
}

TEST_CASE("a checkpoint of another fit is refused, what killed runs left is removed", "[checkpoint]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(20, 10, 3, 0.2), false);
  const SharedFolder shared;
  io::CheckpointFolder folder(world(), shared / "c", some_fit, 2);
  std::vector<std::string> damaged;
  CHECK_FALSE(folder.find_newest(damaged));
  FitHooks<double> hooks;
  hooks.is_save_due = [](Index) { return false; };
  hooks.save = [&](FitState<double>& state) { folder.save(state); };
  const SavedFit<double> saved(v, options_of("mu", 2, Order::w_first, false), {10, 0}, hooks);
  io::CheckpointFolder other(world(), shared / "c", {{"k", "6"}, {"rule", "mu"}}, 2);
  CHECK_THROWS_WITH(other.find_newest(damaged), Catch::Contains("k is 5 there but 6 here"));
  if (world().is_root()) {
    std::filesystem::create_directories(shared / "c/checkpoint-7.partial-elsewhere-1/deep");
    std::filesystem::create_directories(shared / "c/other");
  }
  world().wait_for_all();
  folder.remove_leftovers();
  CHECK_FALSE(std::filesystem::exists(shared / "c/checkpoint-7.partial-elsewhere-1"));
  CHECK(std::filesystem::exists(shared / "c/other"));
  CHECK(std::filesystem::exists(shared / "c/checkpoint-1"));
  world().wait_for_all();
}

TEST_CASE("a checkpoint that cannot be written leaves the older ones as they are", "[checkpoint]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(20, 10, 3, 0.2), false);
  const SharedFolder shared;
  io::CheckpointFolder folder(world(), shared / "c", some_fit, 1);
  FitHooks<double> hooks;
  Index failures = 0;
  hooks.is_save_due = [](Index i) { return i % 5 == 0; };
  hooks.save = [&](FitState<double>& state) {
    if (state.iteration > 5) state.factors[0].name = "no/such/folder";
    try {
      folder.save(state);
    } catch (const SystemError&) {
      ++failures;
    }
  };
  const SavedFit<double> saved(v, options_of("mu", 2, Order::w_first, false), {10, 0}, hooks);
  CHECK(failures == 4);
  CHECK(saved.record.iterations == all_iterations);
  std::vector<std::string> damaged;
  const auto found = folder.find_newest(damaged);
  REQUIRE(found);
  CHECK(found->iteration == 5);
  if (world().is_root()) {
    const std::filesystem::directory_iterator first(shared / "c");
    CHECK(std::distance(first, std::filesystem::directory_iterator()) == 1);
  }
  world().wait_for_all();
}

TEST_CASE("V's checksum tells any change and does not depend on ranks", "[checkpoint]") {
  Matrix<double> x = random_matrix<double>(31, 17, 5, 0.4);
  for (const bool sparse : {false, true}) {
    const std::uint64_t everyones = io::checksum(spread(world(), x, sparse)),
                        alone = io::checksum(spread(Comm::self(), x, sparse));
    CHECK(everyones == alone);
    Matrix<double> changed = x.copy();
    changed(30, 16) += 1e-12;
    CHECK(io::checksum(spread(Comm::self(), changed, sparse)) != alone);
    changed = x.copy();
    for (Index j = 0; j < 17; ++j) std::swap(changed(0, j), changed(1, j));
    CHECK(io::checksum(spread(Comm::self(), changed, sparse)) != alone);
  }
}
