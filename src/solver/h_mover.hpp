// The half-step of H on a rank that moves some of its features.
#pragma once

#include <vector>

#include "kernels/rows.hpp"
#include "rules/rule.hpp"
#include "shared_h.hpp"
#include "sums.hpp"

namespace mpinmf {

/// How H moves, besides the rule and its settings.
struct HUpdate {
  // of an extrapolated run (extrapolation.hpp)
  double momentum = 0, momentum_h = 0;  ///< of Wy and of Hy
  ConstMatrixView<double> gram = {};    ///< Wy'Wy; empty: W'W
  bool redo = false;                    ///< H moves once more, from the one before
};

/// Some features that move together.
template <class T>
struct HRows {
  FeatureRange range;
  ConstMatrixView<double> sums;   ///< their numerators S, in double
  ConstMatrixView<double> gram;   ///< W'W, k x k; where it is asked for
  std::span<const double> least;  ///< of each component (HalfStep::least)
  std::size_t thread;
};

/// What the rows of H start from and leave behind: one row a feature, of the pair that stands (pair.hpp). Called
/// by several threads at the same time, for different rows.
template <class T>
class HStart {
 public:
  virtual ~HStart() = default;
  /// Writes the numerators of the half-step, and returns the rows that move.
  virtual MatrixView<T> begin_rows(const HUpdate& update, const HRows<T>& rows, MatrixView<T> numerator) = 0;
  /// The rows have moved. Adds what else is summed to `total`.
  virtual void end_rows(const HUpdate& update, const HRows<T>& rows, const FactorSums& total) = 0;
};

/// H itself, with the numerators as they were summed.
template <class T>
class PlainHStart : public HStart<T> {
 public:
  /// `h` must outlive this.
  explicit PlainHStart(SharedH<T>& h) : h_(h) {}
  MatrixView<T> begin_rows(const HUpdate&, const HRows<T>& rows, MatrixView<T> numerator) override {
    round_to(rows.sums, numerator);
    return h_.ht().middle_rows(rows.range.first, rows.range.count);
  }
  void end_rows(const HUpdate&, const HRows<T>&, const FactorSums&) override {}

 private:
  SharedH<T>& h_;
};

template <class T>
class HMover {
 public:
  /// `h` and `start` must outlive this.
  /// H will move by sums of these statistics.
  HMover(SharedH<T>& h, const Rule<T>& rule, const RuleSettings& settings, HStart<T>& start,
         StatisticsSet statistics);
  /// Bytes that this allocates, once H has moved by such statistics.
  static double bytes(const Rule<T>& rule, StatisticsSet statistics, Index features, Index components,
                      int threads);

  SharedH<T>& h() { return h_; }
  const RuleSettings& settings() const { return settings_; }
  /// Whether the next half-step follows a revival (RuleSettings::opens).
  void set_opens(bool opens) { settings_.opens = opens; }

  /// Moves all of H by the sums of a sweep and refreshes its statistics.
  void move(const HUpdate& update, const Sums<T>& sums);
  /// Moves only these features. `total` becomes their Gram matrix, sums and <S, H>.
  void move(const HUpdate& update, const Sums<T>& sums, FeatureRange features, const FactorSums& total);

  /// These components of H have begun anew: forgets the rule's state for them.
  void begin_anew(const std::vector<Index>& components);
  /// The rule's state of the features that this rank moves.
  void add_views(FitState<T>& state, std::span<const FeatureRange> moved_here);

 private:
  /// Work space of a thread, for a block of rows.
  struct Scratch {
    ByStatistic<Matrix<T>> large;
    RuleScratch<T> rule;
    std::vector<double> products;
  };
  Statistics<T> read_statistics(const HUpdate& update, const Sums<T>& sums, const HRows<T>& rows,
                                MatrixView<T>& x);
  void move_rows_of(const HUpdate& update, const Sums<T>& sums, const HRows<T>& rows, const FactorSums& total);

  SharedH<T>& h_;
  const Rule<T>& rule_;
  RuleSettings settings_;
  HStart<T>& start_;
  HalfStep<T> half_step_;
  Matrix<T> column_sums_of_w_;    // 1 x k, padded
  std::vector<double> least_;     // of each component
  Matrix<T> state_;               // of the rule, one row a feature
  std::vector<Scratch> scratch_;  // one a thread
};

}  // namespace mpinmf
