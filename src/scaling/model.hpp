// How long an iteration takes on how many ranks: a model with four constants, fitted to measured runs.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace mpinmf::scaling {

/// What one iteration asks of the busiest of so many ranks.
struct RankLoad {
  int ranks = 1;
  double sweep_share = 1;          ///< of the sweep over all of V that a single rank would do
  double rule_share = 1;           ///< of the update of H: 1 where one rank does it
  double messages = 0, bytes = 0;  ///< handed to MPI, as run.json counts them
};

/// Measured seconds of an iteration.
struct ScalingSample {
  RankLoad load;
  double sweep = 0;          ///< of the slowest rank: with the waiting of the others. 0: not measured
  double rule = 0;           ///< 0: not measured
  double communication = 0;  ///< sum and broadcast, without waiting; of no use on one rank
};

/// Seconds of an iteration. A run should lie between low and high in 95 of 100 cases, as far as the model is
/// right; where there are no more runs than constants, high is infinite.
struct Prediction {
  double seconds = 0, low = 0, high = 0;
  double communication = 0;  ///< the part of `seconds` that is none on one rank
};

/// A sum of terms c_t x_t with c >= 0, fitted to the relative errors of what was measured: small times count as
/// much as large ones. Non-negative least squares, with the covariance of ordinary least squares.
class FittedPhase {
 public:
  static constexpr std::size_t most_terms = 2;
  using Terms = std::array<double, most_terms>;
  struct Equation {
    Terms terms;
    double seconds;  ///< at or below 0: left out
  };

  /// @pre terms from 1 to most_terms
  FittedPhase(std::span<const Equation> equations, std::size_t terms);

  bool is_known() const { return used_ > 0; }
  double constant(std::size_t term) const { return constants_[term]; }
  double seconds(const Terms& x) const;
  /// Of the difference between a new run and seconds(x), in square seconds.
  double variance(const Terms& x) const;
  /// Equations less constants: what the variance rests on.
  int freedom() const { return used_ - static_cast<int>(terms_); }

 private:
  void fit(std::span<const Equation> equations, std::span<const double> scales);
  void invert_gram();
  void fit_alone(std::size_t term);

  std::size_t terms_;
  int used_ = 0;
  Terms constants_ = {};
  Terms right_ = {};                            // A'b of the relative equations A c = b
  std::array<Terms, most_terms> gram_ = {};     // A'A
  std::array<Terms, most_terms> inverse_ = {};  // of A'A; where that is singular, of its diagonal
  std::vector<Terms> alternatives_;             // singular: other constants that fit as well
  double noise_ = 0;                            // variance of a relative error
};

/// T(p) = C share(p) + R rule_share(p) + L messages(p) ceil(log2 p) + B bytes(p) 2 (p - 1) / p
///
/// C, R: seconds of a whole sweep, and of a whole update of H, on one rank. L: seconds of a step of a collective,
/// of which a tree of p ranks has ceil(log2 p). B: seconds a byte, of which an Allreduce by recursive halving and
/// doubling (Rabenseifner), and a long broadcast, move 2 (p - 1) / p times the payload through each rank: Thakur,
/// Rabenseifner, Gropp, Optimization of collective communication operations in MPICH, IJHPCA 19 (2005).
/// Each constant is fitted to the phases that it explains.
class ScalingModel {
 public:
  explicit ScalingModel(std::span<const ScalingSample> samples);

  /// Some sample with more than one rank had something to say.
  bool knows_communication() const { return communication_.is_known(); }
  double sweep_seconds() const { return sweep_.constant(0); }         ///< C
  double rule_seconds() const { return rule_.constant(0); }           ///< R
  double step_seconds() const { return communication_.constant(0); }  ///< L
  double byte_seconds() const { return communication_.constant(1); }  ///< B

  Prediction predict(const RankLoad& load) const;

 private:
  FittedPhase sweep_, rule_, communication_;
};

/// The number of ranks up to `most` from which on communication takes half of the time or more; nothing when it
/// does so for no power of two, nor for `most`. It may take less again for many more, where the ranks share less
/// of the update.
std::optional<int> ranks_of_half_communication(const ScalingModel& model,
                                               const std::function<RankLoad(int ranks)>& load_of, int most);

}  // namespace mpinmf::scaling
