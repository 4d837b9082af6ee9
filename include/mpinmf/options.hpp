// What a factorization is asked to do.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpinmf/matrix.hpp"
#include "mpinmf/missing.hpp"

namespace mpinmf {

/// The beta-divergence d_beta(v | x) summed over all entries (Fevotte and Idier 2011): 2 is half the squared
/// Frobenius norm, 1 Kullback-Leibler (I-divergence), 0 Itakura-Saito.
struct Loss {
  double beta = 2;
  /// The name of a loss that is no beta-divergence, as `parse` gives it; else empty.
  std::string_view other = {};
  /// Summed over what is known of V alone. `zeros`: the entries that a sparse V stores; of a dense V all is known.
  /// `nan`: those that are numbers.
  Missing missing = Missing::none;

  /// "frobenius" (also "fro"), "kullback-leibler" ("KL"), "itakura-saito" ("IS") or a real number; case does not
  /// matter. Throws UsageError, listing these.
  static Loss parse(const std::string& text);
  /// The name, or the number where it has none.
  std::string name() const;
  friend bool operator==(const Loss&, const Loss&) = default;
};

/// Which factor moves first in an iteration: W as in scikit-learn, or H as in the tutorial.
enum class Order { w_first, h_first };
/// "w-first" or "h-first", and back. Throws UsageError, listing these.
Order parse_order(const std::string& text);
std::string name_of(Order order);

/// The law of the first W and H. Both `random` and `uniform` are functions of (seed, factor, row or column,
/// component), so they are the same for any number of ranks; those from the SVD are the same up to rounding.
/// transform has no start.
class Start {
 public:
  static const Start automatic;  ///< nndsvdm for hals, ahals, projected-gradient and ao-admm where k <= min(m,
                                 ///< n), else random
  static const Start random;     ///< |N(0,1)| sqrt(mean(V) / k), scikit-learn's law
  static const Start uniform;    ///< uniform on [0, 1)
  static const Start numpy;      ///< numpy.random.default_rng(seed): W = uniform(0, 1) first, then H
  static const Start given;      ///< by the caller
  static const Start nndsvd;     ///< from the truncated SVD of V (Boutsidis and Gallopoulos 2008); needs k <=
                                 ///< min(m, n)
  static const Start nndsvda;    ///< the same, zeros filled with mean(V)
  static const Start nndsvdar;   ///< the same, zeros filled with mean(V) |N(0,1)| / 100
  static const Start nndsvdm;  ///< the same, entries raised to a tenth of the mean of their factor: scales with V
  static const Start scikit_learn;  ///< its default: nndsvda where k <= min(m, n), else random

  /// `name` is that of a row in the table of starts (init/start_table.hpp), which parse_start knows.
  constexpr explicit Start(std::string_view name) : name_(name) {}
  constexpr std::string_view name() const { return name_; }
  friend constexpr bool operator==(const Start&, const Start&) = default;

 private:
  std::string_view name_;
};
inline constexpr Start Start::automatic{"auto"};
inline constexpr Start Start::random{"random"};
inline constexpr Start Start::uniform{"uniform"};
inline constexpr Start Start::numpy{"numpy"};
inline constexpr Start Start::given{"files"};
inline constexpr Start Start::nndsvd{"nndsvd"};
inline constexpr Start Start::nndsvda{"nndsvda"};
inline constexpr Start Start::nndsvdar{"nndsvdar"};
inline constexpr Start Start::nndsvdm{"nndsvdm"};
inline constexpr Start Start::scikit_learn{"scikit-learn"};

/// What the tolerance is held against.
enum class Stop {
  loss,                ///< every 10 iterations: what is minimised fell since by less than this share of it
  scikit_learn_mu,     ///< every 10 iterations: sqrt(2 D) fell since by less than this share of that at the start
  scikit_learn_cd,     ///< the violations that hals met in an iteration, against those of the first
  projected_gradient,  ///< every 10 iterations: ||projected gradient|| against that at the start (Lin 2007, eq. 9)
  gain,  ///< the fall that the rule predicts of its steps, against what is minimised, in three iterations in a row
};
/// "loss", "scikit-learn-mu", "scikit-learn-cd", "projected-gradient" or "gain", and back. Throws UsageError,
/// listing these.
Stop parse_stop(const std::string& text);
std::string name_of(Stop stop);

/// By name: one of start_names(), and back. Throws UsageError, listing these.
Start parse_start(const std::string& text);
std::string name_of(const Start& start);
std::vector<std::string> start_names();

/// What the columns of W (or the rows of H) measure 1 in after a fit, and which factor that is.
enum class Norm { none, l1, l2, max };
enum class Factor { w, h };
/// Which factor's rows sum up to 1 over the components: W's (a row of V is a mixture of the rows of H), or those
/// of H' (a column of V is one of the columns of W).
enum class SumToOne { none, w, h };
/// "none", "w" or "h", and back. Throws UsageError, listing these.
SumToOne parse_sum_to_one(const std::string& text);
std::string name_of(SumToOne factor);
/// "none", "l1", "l2" or "max", and back. Throws UsageError, listing these.
Norm parse_norm(const std::string& text);
std::string name_of(Norm norm);
/// "w" or "h", and back. Throws UsageError, listing these.
Factor parse_factor(const std::string& text);
std::string name_of(Factor factor);

/// A non-negative integer of any size, least significant 32 bits first, without leading zero words.
class Seed {
 public:
  Seed() = default;
  explicit Seed(std::uint64_t value);
  /// Decimal (also 12e6), hexadecimal (0x...) or 2**N. Throws UsageError.
  static Seed parse(const std::string& text);

  const std::vector<std::uint32_t>& words() const { return words_; }
  /// The seed itself below 2^64; larger ones are hashed by NumPy's SeedSequence.
  std::uint64_t key() const;
  /// Decimal below 2^64, else hexadecimal; parse reads both.
  std::string text() const;
  /// The seed `steps` further on.
  Seed plus(std::uint32_t steps) const;

 private:
  std::vector<std::uint32_t> words_ = {0};
};

/// Where a fit stands, for a progress display.
struct Progress {
  Index iteration = 0, max_iterations = 0;
  double seconds = 0;        ///< of the iterations so far
  double loss = 0;           ///< the newest that is known
  Index loss_iteration = 0;  ///< the iteration it belongs to
  bool is_wider = false;     ///< of the fit of more components that comes first (PlainOptions::merge)
};

/// Options that are used as they are given. An option is a member here, or in Options where it may be left to the
/// program, and a row in api/option_table.cpp.
struct PlainOptions {
  Index components = 0;  ///< k; must be given
  Loss loss;
  /// Inner rounds of amu, ahals, projected-gradient, ao-admm, scd and mu-newton, at most. 0: chosen by
  /// the shape of V.
  int inner_rounds = 0;
  /// Penalties, scikit-learn's: D + n alpha_w (r sum W + (1 - r) / 2 ||W||^2) + m alpha_h (likewise H), with
  /// r = l1_ratio, for V of m x n.
  double alpha_w = 0;
  double l1_ratio = 0;
  Index max_iterations = 200;
  double max_seconds = std::numeric_limits<double>::infinity();
  Seed seed;
  /// After each update entries below this are set to 0 where scikit-learn does so with 2.2e-16: in H for
  /// beta <= 1, in W for beta < 1. Must be 0 for other losses.
  double zero_below = 0;
  /// Components whose column of W or row of H has become 0 throughout begin anew, with another random row
  /// (solver/revival.hpp). Frobenius; not for rules that keep the zeros of their start (mu, amu).
  bool revive = true;
  /// A fit of so many components more comes first, until the square root of the tolerance; its components are
  /// merged in pairs until k are left (init/merge.hpp: the pairs that change W H least, by the Frobenius norm
  /// whatever the loss), and that is the start. 0: no such fit. Not with a given start or known components.
  Index merge = 0;
  /// Exact, by anls-bpp; Frobenius only.
  SumToOne sum_to_one = SumToOne::none;
  /// The costs are computed and recorded at every so many iterations, and at the first and last.
  Index trace_every = 1;
  /// What fit does with the pair it ends with; see Nmf::normalize. What is recorded of the pair (penalty and KKT
  /// residuals, say) is that before it.
  Norm normalize = Norm::none;
  Factor normalize_factor = Factor::w;
  bool diagonal = false;
};

/// What a factorization is asked to do. What is left open here is chosen for each V (resolved_options.hpp).
struct Options : PlainOptions {
  /// One of rule_names(); empty: for Frobenius the accelerated default, for Kullback-Leibler scd, for beta in
  /// (1, 2) mu-newton, for other losses mu.
  std::string rule;
  /// Extrapolation (Ang and Gillis 2019) on top of hals, ahals or anls-bpp, W first, or of scd and mu-newton, H
  /// first. Unset: with these two and the default rule, where `order` allows it.
  std::optional<bool> extrapolate;
  /// Unset: W first, but for extrapolated scd and mu-newton.
  std::optional<Order> order;
  /// Unset: the predicted gain for rules that predict it (scd, mu-newton), else the loss.
  std::optional<Stop> stop;
  /// Stop when what `stop` names is below this share. 0 never stops. Unset: 1e-4; of the gain 1e-7.
  std::optional<double> tolerance;
  /// W is solved for exactly once more, for the last H; Frobenius only. Unset: with anls-bpp.
  std::optional<bool> final_w;
  /// Unset: alpha_w.
  std::optional<double> alpha_h;
  Start start = Start::automatic;
  /// Threads in a rank, at most `most_threads`. 0: OMP_NUM_THREADS, or else the cores that the rank may run on,
  /// shared fairly with the ranks that may run there too.
  int threads = 0;

  /// Throws UsageError when a number is out of range, a name is unknown, or two options exclude each other.
  void check() const;
};

}  // namespace mpinmf
