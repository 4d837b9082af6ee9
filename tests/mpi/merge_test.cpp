// Fits that begin with one of more components, which are merged: with every rule and loss, on any number of ranks,
// stopped in either of the two fits.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "init/merge.hpp"
#include "io/checkpoint/checkpoint.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"
#include "rules/rule.hpp"
#include "shared_folder.hpp"

using namespace mpinmf;

namespace {

constexpr Index merged_m = 61, merged_n = 7 * 8 + 5, merged_k = 4, extra = 3;

struct MergedWay {
  std::string rule;
  double beta;
  Order order;
  bool extrapolated;
};

std::vector<MergedWay> merged_ways() {
  std::vector<MergedWay> ways;
  for (const double beta : {2.0, 1.0, 1.5, 0.0}) {
    for (const std::string& name : rule_names()) {
      const Rule<double>& rule = find_rule<double>(name);
      if (!fits(rule, facts_of({beta}))) continue;
      for (const Order order : {Order::w_first, Order::h_first}) ways.push_back({name, beta, order, false});
      if (rule.extrapolates == Extrapolated::both_factors) ways.push_back({name, beta, Order::w_first, true});
      if (rule.extrapolates == Extrapolated::h_alone) ways.push_back({name, beta, Order::h_first, true});
    }
  }
  return ways;
}

Options merged_options(const MergedWay& way, Index iterations) {
  Options options = fixed_options(merged_k, way.beta, way.order, iterations);
  options.rule = way.rule;
  options.extrapolate = way.extrapolated;
  options.start = Start::random;
  options.merge = extra;
  options.seed = Seed(3);
  return options;
}

/// Whose components are far apart, so that rounding does not choose what is merged.
Matrix<double> planted_to_merge(Index rows, Index columns) {
  const Matrix<double> w = random_matrix<double>(rows, 6, 21, 0.6), h = random_matrix<double>(6, columns, 22, 0.6),
                       noise = random_matrix<double>(rows, columns, 23, 0);
  Matrix<double> v(rows, columns);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      v(i, j) = 0.05 * noise(i, j);
      for (Index c = 0; c < 6; ++c) v(i, j) += static_cast<double>(1 + c) * w(i, c) * h(c, j);
    }
  }
  return v;
}

template <class T>
Nmf<T> merged_fit(const DataMatrix<T>& v, const Options& options, FitHooks<T> hooks = {}) {
  Nmf<T> model(options);
  model.set_hooks(std::move(hooks));
  model.fit(v);
  model.set_hooks({});
  return model;
}

template <class T>
bool has_bits_of(ConstMatrixView<T> a, ConstMatrixView<T> b) {
  bool same = a.rows() == b.rows() && a.columns() == b.columns();
  for (Index i = 0; same && i < a.rows(); ++i) {
    same = std::memcmp(a.row(i), b.row(i), static_cast<std::size_t>(a.columns()) * sizeof(T)) == 0;
  }
  return world().min(same ? 1.0 : 0.0) == 1;
}

template <class T>
void check_same_merged(const Nmf<T>& a, const Nmf<T>& b) {
  CHECK(has_bits_of<T>(a.w(), b.w()));
  CHECK(has_bits_of<T>(a.ht(), b.ht()));
  CHECK(a.iterations() == b.iterations());
  REQUIRE(a.wider_fit());
  REQUIRE(b.wider_fit());
  CHECK(a.wider_fit()->components == b.wider_fit()->components);
  CHECK(a.wider_fit()->iterations == b.wider_fit()->iterations);
  CHECK(a.wider_fit()->loss == b.wider_fit()->loss);
  CHECK(a.wider_fit()->stop_reason == b.wider_fit()->stop_reason);
  CHECK(a.trace().size() == b.trace().size());
}

/// The root's H on every rank.
template <class T>
bool is_same_on_all_ranks(ConstMatrixView<T> x) {
  auto roots = Matrix<T>::padded(x.rows(), x.columns());
  for (Index i = 0; i < x.rows(); ++i) std::copy_n(x.row(i), x.columns(), roots.row(i));
  world().broadcast(std::span<T>(roots.data(), static_cast<std::size_t>(roots.rows() * roots.stride())));
  return has_bits_of<T>(std::as_const(roots).view(), x);
}

}  // namespace

TEST_CASE("Any number of ranks merge the same, with every rule, loss and order", "[merge]") {
  const Matrix<double> all = planted_to_merge(merged_m, merged_n);
  for (const bool sparse : {false, true}) {
    const DataMatrix<double> v = spread(world(), all, sparse), own = spread(Comm::self(), all, sparse);
    for (const MergedWay& way : merged_ways()) {
      if (sparse && way.beta == 0) continue;  // dense work all the same
      INFO(way.rule << ", beta " << way.beta << (way.extrapolated ? ", extrapolated" : "")
                    << (way.order == Order::h_first ? ", H first" : "") << (sparse ? ", sparse" : ""));
      const bool jumps = way.rule == "projected-gradient";
      const Options options = merged_options(way, jumps ? 3 : 12);
      const Nmf<double> some = merged_fit(v, options), one = merged_fit(own, options);
      CHECK(is_same_on_all_ranks<double>(some.ht()));
      CHECK(relative_difference<double>(Comm::self(), one.ht(), some.ht()) < 1e-8);
      Matrix<double> all_of_w(merged_m, merged_k);
      for (Index i = 0; i < merged_m; ++i) std::copy_n(one.w().row(i), merged_k, all_of_w.row(i));
      const Matrix<double> rows = rows_of(all_of_w, v.first_row(), v.rows_local());
      CHECK(relative_difference<double>(world(), rows.view(), some.w()) < 1e-8);
      CHECK(some.cost().loss == Approx(one.cost().loss).epsilon(1e-9));
      CHECK(some.wider_fit()->loss == Approx(one.wider_fit()->loss).epsilon(1e-9));
      CHECK(some.wider_fit()->components == merged_k + extra);
      CHECK(some.wider_fit()->iterations == options.max_iterations);
      CHECK(some.trace().front().seconds == some.wider_fit()->seconds);
    }
  }
}

TEST_CASE("It is the fit of more components, merged, and the fit that goes on from there", "[merge]") {
  const Matrix<double> all = planted_to_merge(merged_m, merged_n);
  const DataMatrix<double> v = spread(world(), all, false);
  for (const MergedWay& way :
       {MergedWay{"anls-bpp", 2, Order::w_first, true}, MergedWay{"mu", 2, Order::h_first, false},
        MergedWay{"scd", 1, Order::h_first, true}}) {
    INFO(way.rule);
    Options options = merged_options(way, 300);
    options.tolerance = 1e-6;
    options.stop = Stop::loss;
    const Nmf<double> model = merged_fit(v, options);
    Options wider = options, then = options;
    wider.components = merged_k + extra;
    wider.tolerance = 1e-3;
    wider.final_w = false;
    wider.merge = then.merge = 0;
    Nmf<double> first(wider), second(then);
    first.fit(v);
    CHECK(model.wider_fit()->iterations == first.iterations());
    CHECK(model.wider_fit()->loss == first.cost().loss);
    Matrix<double> gram_w(merged_k + extra, merged_k + extra), gram_h(merged_k + extra, merged_k + extra);
    for (Index a = 0; a < merged_k + extra; ++a) {
      for (Index b = 0; b < merged_k + extra; ++b) {
        for (Index i = 0; i < v.rows_local(); ++i) gram_w(a, b) += first.w()(i, a) * first.w()(i, b);
        for (Index j = 0; j < merged_n; ++j) gram_h(a, b) += first.ht()(j, a) * first.ht()(j, b);
        gram_w(a, b) = world().sum(gram_w(a, b));
      }
    }
    const Merging merging = merge_components(gram_w.view(), gram_h.view(), merged_k);
    Matrix<double> w0(v.rows_local(), merged_k), ht0(merged_n, merged_k), h0(merged_k, merged_n);
    merge_columns<double>(first.w(), merging, merging.of_w, w0.view());
    merge_columns<double>(first.ht(), merging, merging.of_h, ht0.view());
    for (Index j = 0; j < merged_n; ++j) {
      for (Index c = 0; c < merged_k; ++c) h0(c, j) = ht0(j, c);
    }
    second.fit(v, w0.view(), h0.view());
    CHECK(model.iterations() == second.iterations());
    CHECK(relative_difference<double>(Comm::self(), second.ht(), model.ht()) < 1e-7);
    CHECK(relative_difference<double>(world(), second.w(), model.w()) < 1e-7);
    CHECK(model.trace().front().cost.loss == Approx(second.trace().front().cost.loss).epsilon(1e-10));
  }
}

TEST_CASE("Fits in single precision merge, too", "[merge]") {
  const Matrix<double> all = planted_to_merge(merged_m, merged_n);
  Matrix<float> single(merged_m, merged_n);
  for (Index i = 0; i < merged_m; ++i) {
    for (Index j = 0; j < merged_n; ++j) single(i, j) = static_cast<float>(all(i, j));
  }
  for (const bool sparse : {false, true}) {
    const DataMatrix<float> v = spread(world(), single, sparse), own = spread(Comm::self(), single, sparse);
    for (const MergedWay& way :
         {MergedWay{"anls-bpp", 2, Order::w_first, true}, MergedWay{"scd", 1, Order::h_first, true}}) {
      const Options options = merged_options(way, 30);
      const Nmf<float> some = merged_fit(v, options), one = merged_fit(own, options);
      CHECK(is_same_on_all_ranks<float>(some.ht()));
      CHECK(some.cost().loss == Approx(one.cost().loss).epsilon(1e-3));
      CHECK(some.cost().loss ==
            Approx(merged_fit(spread(world(), all, sparse), options).cost().loss).epsilon(1e-2));
    }
  }
}

TEST_CASE("A fit that is stopped in either part and resumed has the bits of one that never was", "[merge]") {
  const DataMatrix<double> v = spread(world(), planted_to_merge(merged_m, merged_n), false);
  for (const MergedWay& way :
       {MergedWay{"hals", 2, Order::w_first, false}, MergedWay{"anls-bpp", 2, Order::w_first, true},
        MergedWay{"scd", 1, Order::h_first, true}, MergedWay{"ao-admm", 2, Order::h_first, false}}) {
    const Options options = merged_options(way, 12);
    const Nmf<double> whole = merged_fit(v, options);
    bool in_wider = false, after = false;
    for (const Index asked : {1, 3, 11, 12, 13, 14, 15, 18, 22}) {  // of some 12 + 12 and what they ask for beside
      INFO(way.rule << ", stopped at request " << asked);
      const SharedFolder shared;
      io::CheckpointFolder folder(world(), shared / "c", {{"k", "4"}}, 2);
      Index calls = 0;
      FitHooks<double> hooks;
      hooks.requests = [&] { return Requests{++calls == asked && world().rank() == world().size() - 1, false}; };
      hooks.is_save_due = [](Index) { return false; };
      hooks.save = [&](FitState<double>& state) { folder.save(state); };
      const Nmf<double> stopped = merged_fit(v, options, hooks);
      CHECK(stopped.stop_reason() == StopReason::request);
      std::vector<std::string> damaged;
      const auto found = folder.find_newest(damaged);
      REQUIRE(found);
      hooks.requests = {};
      hooks.load = [&](FitState<double>& state) { folder.load(*found, state); };
      hooks.components_of_state = io::components_of(*found);
      const bool is_wider = io::components_of(*found) == merged_k + extra;
      CHECK(is_wider == (stopped.iterations() == 0));
      (is_wider ? in_wider : after) = true;
      if (is_wider) {
        CHECK(stopped.wider_fit()->stop_reason == StopReason::request);
        CHECK(stopped.wider_fit()->iterations == found->iteration);
      }
      const Nmf<double> resumed = merged_fit(v, options, hooks);
      check_same_merged(whole, resumed);
      if (is_wider) CHECK(resumed.wider_fit()->seconds >= found->seconds);
      if (!is_wider) CHECK(resumed.wider_fit()->seconds == stopped.wider_fit()->seconds);
    }
    CHECK(in_wider);
    CHECK(after);
  }
}

TEST_CASE("A request to stop, or the end of time, in the wider fit leaves its components merged", "[merge]") {
  const DataMatrix<double> v = spread(world(), planted_to_merge(merged_m, merged_n), true);
  Options options = merged_options({"hals", 2, Order::w_first, false}, 1000000);
  FitHooks<double> hooks;
  Index calls = 0;
  hooks.requests = [&] { return Requests{++calls == 7, false}; };
  const Nmf<double> stopped = merged_fit(v, options, hooks);
  CHECK(stopped.stop_reason() == StopReason::request);
  CHECK(stopped.iterations() == 0);
  CHECK(stopped.wider_fit()->iterations == 7);
  CHECK(stopped.trace().size() == 1);
  // what is merged is about as good as what was there
  CHECK(stopped.reconstruction_error() >= std::sqrt(2 * stopped.wider_fit()->loss));
  CHECK(stopped.cost().relative_error < 0.5);
  options.max_seconds = 0.05;
  const Nmf<double> late = merged_fit(v, options);
  CHECK(late.stop_reason() == StopReason::max_seconds);
  CHECK(late.iterations() == 0);
  CHECK(late.wider_fit()->stop_reason == StopReason::max_seconds);
  CHECK(late.resolved_options().max_iterations == 1000000);
}

TEST_CASE("What cannot be merged is refused, and without merging there is no wider fit", "[merge]") {
  const DataMatrix<double> v = spread(world(), planted_to_merge(merged_m, merged_n), false);
  Options options = merged_options({"hals", 2, Order::w_first, false}, 2);
  const Matrix<double> w0 = random_matrix<double>(v.rows_local(), merged_k, 31, 0),
                       h0 = random_matrix<double>(merged_k, merged_n, 32, 0);
  CHECK_THROWS_AS(Nmf<double>(options).fit(v, w0.view(), h0.view()), UsageError);
  Nmf<double> known(options);
  known.fix_h({1}, random_matrix<double>(1, merged_n, 33, 0).view());
  CHECK_THROWS_AS(known.fit(v), UsageError);
  options.start = Start::given;
  CHECK_THROWS_AS(Nmf<double>(options), UsageError);
  options.start = Start::nndsvd;
  options.merge = merged_n;  // more than V has singular values
  CHECK_THROWS_AS(Nmf<double>(options).fit(v), UsageError);
  options.merge = -1;
  CHECK_THROWS_AS(Nmf<double>(options), UsageError);
  options.merge = std::numeric_limits<std::int32_t>::max();
  CHECK_THROWS_AS(Nmf<double>(options), UsageError);
  options.merge = 0;
  CHECK_FALSE(merged_fit(v, options).wider_fit());
}
