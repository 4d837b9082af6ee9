// H, the same bits on every rank, with what travels beside it.
#pragma once

#include <optional>
#include <vector>

#include "losses/panel_loss.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/fit_state.hpp"
#include "rules/rule.hpp"
#include "state_tape.hpp"
#include "sums.hpp"

namespace mpinmf {

/// What the root has decided about the iteration; rides in H's broadcast.
struct Decision {
  double stop = 0;                          ///< 0: go on; else 1 + StopReason
  double walk = 0;                          ///< 1: the loss of the standing pair must be computed before deciding
  double loss = 0;                          ///< D of the standing pair, if known
  double known = 0;                         ///< 1: it is
  double finite = 1;                        ///< 0: H holds an infinity or NaN
  double penalty = 0;                       ///< of the standing pair
  double momentum = 0, start_momentum = 0;  ///< of the next iteration of an extrapolated run, and of its first W
  double go_back = 0;                       ///< 1: what is minimised rose, so the pair before stands
  double revive = 0;                        ///< 1: dead components begin anew before anything moves again
  double save = 0;                          ///< 1: the state is saved before anything moves again
};

/// Extrapolated: what the root says of the H that has been made, before any rank goes on.
struct Verdict {
  double accepted = 1;            ///< 0: what is minimised rose, so H moves once more
  double momentum_of_redone = 0;  ///< of its Hy then
};

/// How H moves.
template <class T>
struct HUpdate {
  const Rule<T>& rule;
  RuleSettings settings;
  // of an extrapolated run (solver/extrapolation.hpp)
  double momentum = 0, momentum_h = 0;  ///< of Wy and of Hy
  ConstMatrixView<double> gram = {};    ///< Wy'Wy; empty: W'W
  bool redo = false;                    ///< H moves once more, from the one before
};

/// A view of what sweeps and the loss need to know of some features of H beside H itself, in double. Adds up over
/// features.
class FactorSums {
 public:
  /// What has moved, besides H: numbers at the end.
  struct Move {
    double linear;     ///< <S, H>, with the numerators S by which H moved
    double quadratic;  ///< <W'W, H H'>; extrapolated runs only
    double penalty;    ///< of H
    double violation;  ///< what the rule returned (rules/rule.hpp)
  };
  static constexpr Index move_numbers = sizeof(Move) / sizeof(double);
  /// Numbers it views, for k components: k k + k + those of Move.
  static Index numbers(Index components) { return components * components + components + move_numbers; }
  /// @pre numbers.size() >= FactorSums::numbers(components)
  FactorSums(std::span<double> numbers, Index components)
      : numbers_(numbers.first(static_cast<std::size_t>(FactorSums::numbers(components)))),
        components_(components) {}

  MatrixView<double> gram() const { return {numbers_.data(), components_, components_, components_}; }  ///< k x k
  std::span<double> column_sums() const {
    return numbers_.subspan(static_cast<std::size_t>(components_ * components_),
                            static_cast<std::size_t>(components_));
  }
  /// Gram matrix, then column sums.
  std::span<double> statistics() const {
    return numbers_.first(numbers_.size() - static_cast<std::size_t>(move_numbers));
  }
  Move moved() const {
    const double* at = moved_data();
    return {at[0], at[1], at[2], at[3]};
  }
  void add_moved(const Move& move) const {
    double* at = moved_data();
    at[0] += move.linear;
    at[1] += move.quadratic;
    at[2] += move.penalty;
    at[3] += move.violation;
  }
  void clear() const;
  void add(const FactorSums& other) const;

 private:
  double* moved_data() const { return numbers_.data() + statistics().size(); }

  std::span<double> numbers_;
  Index components_;
};

/// H transposed (n x k, padded), its Gram matrix and sums. One message carries all of it from the root, or several
/// carry it in chunks. Work on it is cut into segments, which are fixed ranges of rows, and these among threads:
/// the bits do not depend on the number of threads.
template <class T>
class SharedH {
 public:
  SharedH(Index features, Index components, int threads = 1);

  MatrixView<T> ht();
  ConstMatrixView<T> ht() const;
  /// H as sweeps see it. Valid after publish, refresh or take_statistics.
  FixedH<T> fixed() const;
  /// H H', k x k, in double. Valid like fixed().
  ConstMatrixView<double> gram() const { return {total_numbers_.data(), components_, components_, components_}; }
  /// Of the last move; after publish on the root only, after take_statistics everywhere.
  FactorSums::Move moved() const { return const_cast<SharedH*>(this)->total().moved(); }

  /// Makes room for a rule and forgets its state. To be called before the first move. In an extrapolated run ht()
  /// is Hy, what sweeps see, and the pair's H stands beside it, on the ranks that move it.
  void use(const Rule<T>& rule, bool extrapolated = false);
  /// Extrapolated: the pair's H is the one before again, and so is Hy. For these features, which this rank moves.
  void go_back(FeatureRange features);
  /// Extrapolated: Hy becomes the pair's H, likewise. Not the statistics.
  void show_pair(FeatureRange features);

  /// These components of ht() are others than they were: a rule's state of them is forgotten, the pair's H of an
  /// extrapolated run is ht(), which begins anew, too, and Gram matrix and sums are made again.
  void begin_anew(const std::vector<Index>& components);

  /// On the root: moves H by the rule with the sums of a sweep, and refreshes.
  void move(const HUpdate<T>& update, const Sums<T>& sums);
  /// Moves only these features. `total` becomes their Gram matrix, sums and <S, H>.
  void move(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange features, const FactorSums& total);
  /// Recomputes Gram matrix and sums from H.
  void refresh();
  bool is_finite() const;
  /// H, Gram matrix, sums and decision of the root replace those of all ranks.
  void publish(const Comm& comm, Decision& decision);

  /// In chunks: rows of the owner replace those of all ranks.
  Pending start_broadcast(const Comm& comm, FeatureRange features, int owner);
  /// In chunks: forget the statistics, add those of each chunk, make them valid.
  void clear_statistics() { total().clear(); }
  void add_statistics(const FactorSums& chunk) { total().add(chunk); }
  void take_statistics();

  /// Statistics and what was moved, of the root.
  void pass(StateTape& tape) { tape.pass(std::span<double>(total_numbers_)); }
  /// H of the root (everyone's after publish), and what is kept beside it of the features that this rank moves.
  void add_views(FitState<T>& state, bool is_root, std::span<const FeatureRange> moved_here);

 private:
  /// Work space of a thread, for a block of rows.
  struct Scratch {
    ByStatistic<Matrix<T>> large;
    RuleScratch<T> rule;
    std::vector<double> gram, products, pair_gram;
  };
  template <class F>
  void for_each_block(FeatureRange features, const FactorSums& total, F&& work);
  void move_block(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange rows, Scratch& scratch,
                  const FactorSums& total);
  Statistics<T> read_statistics(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange rows,
                                Scratch& scratch);
  void read_numerator(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange rows, MatrixView<T> numerator);
  void extrapolate_block(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange rows, Scratch& scratch,
                         const FactorSums& total);
  void add_block(FeatureRange rows, Scratch& scratch, const FactorSums& total) const;
  FactorSums segment(Index s);
  FactorSums total() { return {total_numbers_, components_}; }
  void pack(const Decision& decision);
  void unpack(Decision& decision);

  Index features_, components_;
  int threads_;
  Matrix<T> storage_;                      // ht, then rows that hold the tail of the message
  std::vector<double> total_numbers_;      // FactorSums of all of H
  Matrix<T> working_gram_, working_sums_;  // the same in working precision, padded
  Matrix<T> column_sums_of_w_;             // 1 x k, padded
  HalfStep<T> half_step_;
  Matrix<T> state_;  // of the rule, one row a feature
  /// H_i and H_{i-1}, n x k and padded, and S_{i-1}, n x k.
  struct Extrapolated {
    Matrix<T> pair, previous;
    Matrix<double> sums;
  };
  std::optional<Extrapolated> extrapolated_;
  Index most_segments_;
  std::vector<double> segment_numbers_;  // FactorSums of each segment
  std::vector<Scratch> scratch_;         // one a thread
};

}  // namespace mpinmf
