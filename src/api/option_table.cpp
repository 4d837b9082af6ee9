#include "option_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "mpinmf/error.hpp"
#include "option_names.hpp"
#include "option_text.hpp"
#include "rules/rule.hpp"
#include "scikit_learn_names.hpp"

namespace mpinmf {
namespace {

/// More inner rounds than this are a mistake in typing.
constexpr int most_inner_rounds = 100000;

/// Why a fit may go on with another value.
constexpr const char *is_a_limit = "a limit", *acts_after = "it acts after the last iteration",
                     *acts_beside = "the factors do not depend on it";

void require_range(bool good, const std::string& message) {
  if (!good) throw UsageError(message);
}

/// For an option whose value in a command may also be something else than a number.
OptionAccess as_text(OptionAccess access) {
  access.kind = OptionKind::text;
  return access;
}

void check_components(const Options& o) {
  require_range(o.components >= 1,
                fmt::format("the number of components k must be at least 1, not {}", o.components));
  require_range(o.components <= std::numeric_limits<std::int32_t>::max(),
                fmt::format("the number of components k must be below 2^31, not {}", o.components));
}

void check_merge(const Options& o) {
  const Index most = std::numeric_limits<std::int32_t>::max() - o.components;
  require_range(o.merge >= 0 && o.merge <= most,
                fmt::format("the components to merge must be from 0 to {}, not {}", most, o.merge));
}

void check_alpha(double alpha) {
  require_range(alpha >= 0 && std::isfinite(alpha),
                fmt::format("a penalty alpha must be at least 0, not {}", alpha));
}

std::vector<OptionRow> model_rows() {
  return {
      {.name = "components",
       .alias = "n-components",
       .letter = 'k',
       .help = "k, the number of components; or several, to compare: 5,10,20 or first:last:step, as 5:20:5. Each "
               "fit then has its folder k5/seed0 and so on in the output folder, only the best seed of each k "
               "has a W there, and summary.csv and its picture compare them",
       .access = as_text(access_to<&PlainOptions::components>()),
       .fact = "k",
       .hides_default = true,
       .check = check_components},
      {.name = "loss",
       .alias = "beta-loss",
       .help =
           "frobenius (also fro, or beta 2), kullback-leibler (KL, 1), itakura-saito (IS, 0), or any real beta",
       .access = access_to<&PlainOptions::loss>({"frobenius", "kullback-leibler", "itakura-saito"}),
       .fact = "loss",
       .check =
           [](const Options& o) { require_range(std::isfinite(o.loss.beta), "beta must be a finite number"); }},
      {.name = "rule",
       .alias = "solver",
       .help = fmt::format("how the factors move: {} (also: cd, which is hals); default: the fastest for the loss",
                           fmt::join(rule_names(), ", ")),
       .access = rule_access(),
       .fact = "rule"},
      {.name = "extrapolate",
       .help = "yes (also when nothing follows) or no: extrapolation (Ang and Gillis) on top of hals, ahals, "
               "anls-bpp, scd or mu-newton; without the option: with scd, mu-newton and the default rule",
       .access = access_to<&Options::extrapolate, &ResolvedOptions::extrapolate>({"yes", "no"}),
       .fact = "--extrapolate"},
      {.name = "inner-rounds",
       .help = "inner rounds of amu, ahals, projected-gradient, ao-admm, scd and mu-newton, at most; 0: chosen by "
               "V's shape",
       .access = access_to<&PlainOptions::inner_rounds>(),
       .fact = "--inner-rounds",
       .check =
           [](const Options& o) {
             require_range(o.inner_rounds >= 0 && o.inner_rounds <= most_inner_rounds,
                           fmt::format("the inner rounds must be from 0 (chosen for you) to {}, not {}",
                                       most_inner_rounds, o.inner_rounds));
           }},
      {.name = "final-w",
       .help = "yes (also when nothing follows) or no: solve for W exactly at the end (frobenius); without the "
               "option: with anls-bpp only",
       .access = access_to<&Options::final_w, &ResolvedOptions::final_w>({"yes", "no"}),
       .why_fine = acts_after},
      {.name = "alpha-w",
       .alias = "alpha-W",
       .help = "penalty on W, scikit-learn's alpha_W: n alpha (r sum W + (1 - r) / 2 ||W||^2) for V of m x n",
       .access = access_to<&PlainOptions::alpha_w>(),
       .fact = "--alpha-w",
       .check = [](const Options& o) { check_alpha(o.alpha_w); }},
      {.name = "alpha-h",
       .alias = "alpha-H",
       .help = "penalty on H, times m; default: that of W",
       .access = access_to<&Options::alpha_h, &ResolvedOptions::alpha_h>(),
       .fact = "--alpha-h",
       .check = [](const Options& o) { check_alpha(o.alpha_h.value_or(0)); }},
      {.name = "l1-ratio",
       .help = "r: 0 penalises squares, 1 sums",
       .access = access_to<&PlainOptions::l1_ratio>(),
       .fact = "--l1-ratio",
       .check =
           [](const Options& o) {
             require_range(o.l1_ratio >= 0 && o.l1_ratio <= 1,
                           fmt::format("the l1 ratio must be from 0 to 1, not {}", o.l1_ratio));
           }},
      {.name = "init",
       .help = "the start: auto (nndsvdm for hals, ahals, projected-gradient and ao-admm where k <= min(m, n), "
               "else random), random (scikit-learn's law), uniform on [0, 1), numpy "
               "(numpy.random.default_rng), nndsvd, nndsvda, nndsvdar (from the SVD of V; for k <= min(m, "
               "n); scikit-learn's), nndsvdm (the same, zeros filled with what scales with V), scikit-learn "
               "(its default: nndsvda where k <= min(m, n), else random), or files (also: "
               "custom)",
       .access = start_access(),
       .fact = "start"},
      {.name = "merge",
       .help =
           "E: the start is a fit of k + E components until the square root of the tolerance, of which those "
           "pairs are merged that change W H least, until k are left (Guo and Holy); E of k / 5 finds more than "
           "--restarts in the same time for sparse counts by frobenius and k >= 20, elsewhere mostly not; 0: no "
           "such fit",
       .access = access_to<&PlainOptions::merge>(),
       .fact = "--merge",
       .check = check_merge},
      {.name = "order",
       .help = "which factor moves first in an iteration: w-first (scikit-learn; default) or h-first (default of "
               "scd and mu-newton, which are extrapolated then)",
       .access = access_to<&Options::order, &ResolvedOptions::order>({"w-first", "h-first"}),
       .fact = "--order"},
      {.name = "zero-below",
       .help = "for losses of beta up to 1: set entries of H (below 1, also of W) that are below this to 0 after "
               "each update, as scikit-learn does with 2.2e-16",
       .access = access_to<&PlainOptions::zero_below>(),
       .fact = "--zero-below",
       .check =
           [](const Options& o) {
             require_range(o.zero_below >= 0 && std::isfinite(o.zero_below),
                           fmt::format("the threshold below which entries are set to 0 must be at least 0, not {}",
                                       o.zero_below));
           }},
      {.name = "revive",
       .help =
           "yes or no: components that have died (an all-zero column of W or row of H) begin anew from another "
           "random row; default: yes where the rule allows it (not mu and amu), no with --like scikit-learn",
       .access = access_to<&PlainOptions::revive>({"yes", "no"}),
       .fact = "--revive",
       .hides_default = true},
  };
}

std::vector<OptionRow> run_rows() {
  return {
      {.name = "tolerance",
       .alias = "tol",
       .help = "stop when what --stop names is below this share; 0: never; default: 1e-4, of gain 1e-7",
       .access = access_to<&Options::tolerance, &ResolvedOptions::tolerance>(),
       .why_fine = is_a_limit,
       .check =
           [](const Options& o) {
             const double tolerance = o.tolerance.value_or(0);
             require_range(tolerance >= 0 && std::isfinite(tolerance),
                           fmt::format("the tolerance must be at least 0, not {}", tolerance));
           }},
      {.name = "stop",
       .help = "what --tolerance is held against: loss (the drop of what is minimised in 10 iterations, relative "
               "to itself; default), scikit-learn-mu, scikit-learn-cd, projected-gradient (relative to the "
               "start), or gain (the fall that scd and mu-newton predict of their steps, relative to what is "
               "minimised, three times in a row; their default)",
       .access = access_to<&Options::stop, &ResolvedOptions::stop>(stop_names()),
       .fact = "--stop",
       .hides_default = true},
      {.name = "max-iterations",
       .alias = "max-iter",
       .help = "stop after so many iterations",
       .access = access_to<&PlainOptions::max_iterations>(),
       .why_fine = is_a_limit,
       .check =
           [](const Options& o) {
             require_range(
                 o.max_iterations >= 0,
                 fmt::format("the maximum number of iterations must be at least 0, not {}", o.max_iterations));
           }},
      {.name = "max-seconds",
       .help =
           "stop after so many seconds since the start of the program; job: shortly before the Slurm job ends, "
           "as on a signal (exit code 75); default: no limit",
       .access = as_text(access_to<&PlainOptions::max_seconds>()),
       .why_fine = is_a_limit,
       .check =
           [](const Options& o) {
             require_range(o.max_seconds > 0,
                           fmt::format("the maximum number of seconds must be above 0, not {}", o.max_seconds));
           }},
      {.name = "seed",
       .alias = "random-state",
       .help = "of the start: decimal (also 1e6), hexadecimal (0x...) or 2**N",
       .access = access_to<&PlainOptions::seed>(),
       .fact = "seed"},
      {.name = "sum-to-one",
       .help = "w or h: each row of W, or column of H, sums up to 1, exactly (frobenius, anls-bpp); none: neither",
       .access = access_to<&PlainOptions::sum_to_one>({"none", "w", "h"}),
       .fact = "--sum-to-one"},
      {.name = "trace-every",
       .help = "compute and record the costs every so many iterations",
       .access = access_to<&PlainOptions::trace_every>(),
       .why_fine = acts_beside,
       .check =
           [](const Options& o) {
             require_range(
                 o.trace_every >= 1,
                 fmt::format("the trace can be written every 1 or more iterations, not {}", o.trace_every));
           }},
      {.name = "normalize",
       .help = "scale the components so that each has norm 1 in one factor: none, l1, l2 or max; the other factor "
               "takes the scale, so that W H stays",
       .access = access_to<&PlainOptions::normalize>(norm_names()),
       .why_fine = acts_after},
      {.name = "normalize-factor",
       .help = "which factor has norm 1: w (its columns) or h (its rows)",
       .access = access_to<&PlainOptions::normalize_factor>({"w", "h"}),
       .why_fine = acts_after,
       .needs = "normalize"},
      {.name = "diagonal",
       .help = "with --normalize: keep the scale apart, in D.npy; the model is then W D H",
       .access = flag_at<&PlainOptions::diagonal>(),
       .why_fine = acts_after},
      {.name = "threads",
       .help = "threads in each rank; default: OMP_NUM_THREADS, or else the cores that the rank may run on, "
               "divided by the ranks that share them",
       .access = access_to<&Options::threads, &ResolvedOptions::threads>(),
       .why_fine = "the factors agree to rounding",
       .recorded_as = "threads_per_rank",
       .hides_default = true,
       .check =
           [](const Options& o) {
             require_range(o.threads >= 0 && o.threads <= most_threads,
                           fmt::format("the number of threads must be from 0 (chosen for you) to {}, not {}",
                                       most_threads, o.threads));
           }},
  };
}

}  // namespace

std::span<const OptionRow> option_table() {
  static const std::vector<OptionRow> table = [] {
    std::vector<OptionRow> rows = model_rows(), more = run_rows();
    std::move(more.begin(), more.end(), std::back_inserter(rows));
    return rows;
  }();
  return table;
}

const OptionRow& option_row(std::string_view name) {
  const auto table = option_table();
  const auto row = std::find_if(table.begin(), table.end(), [&](const OptionRow& r) { return r.name == name; });
  if (row == table.end()) throw UsageError(fmt::format("there is no option --{}", name));
  return *row;
}

std::string OptionRow::key() const {
  std::string text = name;
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::string text_of(const OptionValue& value) {
  if (const bool* yes = std::get_if<bool>(&value)) return *yes ? "yes" : "no";
  if (const Index* whole = std::get_if<Index>(&value)) return fmt::format("{}", *whole);
  if (const double* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return std::get<std::string>(value);
}

}  // namespace mpinmf
