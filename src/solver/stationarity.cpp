#include "stationarity.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include "gradient.hpp"

namespace mpinmf {
namespace {

/// Of what was seen in each block of rows, in the order of blocks and then of ranks, whatever the number of
/// threads. Collective.
Stationarity sum_of(const std::vector<Stationarity>& blocks, const Comm& comm) {
  Stationarity total;
  for (const Stationarity& block : blocks) total += block;
  total.projected.sum_over(comm);
  total.numerator.sum_over(comm);
  return total;
}

/// Blocks of features in turn for each rank, where all ranks have the same H and sums.
std::vector<FeatureRange> in_turns(const Comm& comm, Index features) {
  std::vector<FeatureRange> own;
  for (Index first = comm.rank() * rows_at_once; first < features; first += comm.size() * rows_at_once) {
    own.push_back({first, std::min(rows_at_once, features - first)});
  }
  return own;
}
/// The same features in blocks.
std::vector<FeatureRange> in_blocks(const std::vector<FeatureRange>& ranges) {
  std::vector<FeatureRange> blocks;
  for (const auto& [first, count] : ranges) {
    for (Index done = 0; done < count; done += rows_at_once) {
      blocks.push_back({first + done, std::min(rows_at_once, count - done)});
    }
  }
  return blocks;
}

/// Of blocks of features, whose sums this rank has.
template <class T>
Stationarity of_h(const StationarityWalk<T>& walk, const std::vector<FeatureRange>& blocks, const SharedH<T>& h,
                  Patience& patience) {
  const Comm& comm = walk.sweep.walk().v().comm();
  const ConstMatrixView<T> ht = h.ht();
  std::vector<Stationarity> seen(blocks.size());
  patience.is_over(0);  // a rank without features is asked, too
  comm.meet([&] {
    std::vector<double> zeros(static_cast<std::size_t>(ht.columns()));
    find_zeros<T>(ht, zeros);
    Team team(walk.sums.threads());
    std::vector<GramProduct> products;
    for (int thread = 0; thread < team.parts(); ++thread) products.emplace_back(ht.columns());
    team.each([&](int thread) {
      const auto parts = static_cast<std::size_t>(team.parts());
      for (auto b = static_cast<std::size_t>(thread); b < blocks.size() && !patience.is_over(thread); b += parts) {
        const auto [first, count] = blocks[b];
        const ConstMatrixView<T> x = ht.middle_rows(first, count);
        Gradient<double> gradient{walk.of_h, {}};
        walk.sweep.loss().statistics().for_each([&, from = first, rows = count](Statistic s) {
          const ConstMatrixView<double> all = walk.sums.of(s);
          gradient.statistics[s] = is_large(s) ? all.middle_rows(from, rows) : all;
        });
        ConstMatrixView<double> product;
        if (gradient.statistics[Statistic::gram].rows() > 0) {
          product =
              products[static_cast<std::size_t>(thread)].template of<T>(x, gradient.statistics[Statistic::gram]);
        }
        seen[b] = of_rows<T, double>(gradient, x, zeros, product);
      }
    });
  });
  Stationarity total = sum_of(seen, comm);
  if (comm.max(patience.was_over() ? 1.0 : 0.0) > 0) total.projected.see(Cost::unknown);
  return total;
}

/// By gather(), a walk that lets `gradient` look on.
template <class T, class F>
PairStationarity review_by(const StationarityWalk<T>& walk, const SharedH<T>& h, GradientOfW<T>& gradient,
                           Patience& patience, F&& gather) {
  const Comm& comm = walk.sweep.walk().v().comm();
  patience.is_over(0);  // a rank without rows is asked, too
  walk.sums.clear();
  gather();
  PairStationarity result;
  result.w = sum_of(gradient.blocks(), comm);
  const bool has_failed = walk.sums.has_failed();
  constexpr double given_up = 1, failed = 2;
  const double end = comm.max(has_failed ? failed : patience.was_over() ? given_up : 0.0);
  if (end == given_up) result.w.projected.see(Cost::unknown);
  result.h = result.w;
  if (end != failed && std::isnan(result.w.projected.value())) return result;
  std::vector<FeatureRange> blocks;
  if (walk.sum_features) {
    blocks = in_blocks(walk.sum_features(walk.sums));
  } else {
    walk.sums.sum_over(comm);
    blocks = in_turns(comm, h.ht().rows());
  }
  result.h = of_h(walk, blocks, h, patience);
  return result;
}

}  // namespace

double Stationarity::residual() const {
  const double whole = numerator.value();
  return whole > 0 ? projected.value() / whole : projected.value();
}

template <class T>
PairReview review(const StationarityWalk<T>& walk, const SharedH<T>& h, MatrixView<T> w, bool asks_cost) {
  const Comm& comm = walk.sweep.walk().v().comm();
  Patience patience(walk.gives_up);
  std::optional<GradientOfW<T>> gradient;
  comm.meet([&] { gradient.emplace(walk.sweep, walk.of_w, h, w, patience); });
  find_zeros<T>(w, gradient->zeros());
  comm.max(gradient->zeros());
  const CostOf cost = asks_cost ? CostOf::pair_before : CostOf::nothing;
  PairReview result;
  result.stationarity = review_by(walk, h, *gradient, patience,
                                  [&] { walk.sweep.gather(h.fixed(), w, walk.sums, cost, &*gradient); });
  if (asks_cost) result.cost = sum_over(comm, walk.sums.own_cost());
  return result;
}

template <class T>
PairReview solve_and_review(const StationarityWalk<T>& walk, const HalfStep<T>& half_step, const SharedH<T>& h,
                            MatrixView<T> w) {
  const Comm& comm = walk.sweep.walk().v().comm();
  Patience patience(walk.gives_up);
  std::optional<GradientOfW<T>> gradient;
  comm.meet([&] { gradient.emplace(walk.sweep, walk.of_w, h, w, patience); });
  PairReview result;
  result.stationarity = review_by(walk, h, *gradient, patience, [&] {
    walk.sweep.solve_and_gather(half_step, h.fixed(), w, walk.sums, *gradient);
  });
  result.cost = sum_over(comm, walk.sums.own_cost());
  // What counts as zero is a question to all of W, which is known only now: the walk took 0 itself. Hardly any
  // entry of a W that was solved for lies between the two.
  find_zeros<T>(w, gradient->zeros());
  comm.max(gradient->zeros());
  const bool has_others = comm.max(has_near_zeros<T>(w, gradient->zeros()) ? 1.0 : 0.0) > 0;
  if (has_others) result.stationarity = review<T>(walk, h, w, false).stationarity;
  return result;
}

template PairReview review(const StationarityWalk<float>&, const SharedH<float>&, MatrixView<float>, bool);
template PairReview review(const StationarityWalk<double>&, const SharedH<double>&, MatrixView<double>, bool);
template PairReview solve_and_review(const StationarityWalk<float>&, const HalfStep<float>&, const SharedH<float>&,
                                     MatrixView<float>);
template PairReview solve_and_review(const StationarityWalk<double>&, const HalfStep<double>&,
                                     const SharedH<double>&, MatrixView<double>);

}  // namespace mpinmf
