#include "solver_arguments.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <limits>

#include "command.hpp"
#include "losses/loss_table.hpp"
#include "rules/rule.hpp"
#include "whole_number.hpp"

namespace mpinmf::cli {

void add_input(CLI::App& app, InputArguments& input) {
  app.add_option("V", input.path, matrix_help)->required();
  app.add_flag("--transpose", input.transpose, "use the transposed matrix");
  app.add_option("--precision", input.precision,
                 "float or double; default: float when V is stored as 32-bit floating point, else double")
      ->check(CLI::IsMember({"float", "double"}));
  add_clip_negative(app, input.clip_negative);
}

void add_clip_negative(CLI::App& app, double& clip_negative) {
  app.add_option("--clip-negative", clip_negative,
                 "take negative entries of V down to minus this, which round-off made, as 0: 1e-9, say")
      ->capture_default_str();
}

std::string check_components(std::string& text) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  const auto k = whole_number_in(text);
  if (!k) return fmt::format("k is one whole number, not '{}'", text);
  if (*k < 1 || *k > most) return fmt::format("k must be at least 1 and at most {}, not {}", most, text);
  return spell_out(text, 1, most);
}

void add_seed(CLI::App& app, std::string& seed) {
  app.add_option("--seed,--random-state", seed, "of the start: decimal (also 1e6), hexadecimal (0x...) or 2**N")
      ->capture_default_str();
}

CLI::Option* add_init(CLI::App& app, std::string& init) {
  std::vector<std::string> names = start_names();
  names.emplace_back("custom");
  return app
      .add_option("--init", init,
                  "the start: auto (nndsvdm for hals, ahals, projected-gradient and ao-admm where k <= min(m, n), "
                  "else random), random (scikit-learn's law), uniform on [0, 1), numpy "
                  "(numpy.random.default_rng), nndsvd, nndsvda, nndsvdar (from the SVD of V; for k <= min(m, "
                  "n); scikit-learn's), nndsvdm (the same, zeros filled with what scales with V), scikit-learn "
                  "(its default: nndsvda where k <= min(m, n), else random), or files (also: "
                  "custom)")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
}

void add_threads(CLI::App& app, int& threads) {
  add_whole_number(app, "--threads", threads,
                   "threads in each rank; default: OMP_NUM_THREADS, or else the cores that the rank may run on, "
                   "divided by the ranks that share them");
}

void add_iterations(CLI::App& app, SolverArguments& a) {
  add_whole_number(app, "--max-iterations,--max-iter", a.max_iterations, "stop after so many iterations")
      ->capture_default_str();
  add_seed(app, a.seed);
  add_threads(app, a.threads);
  app.add_option("--w0", a.w0, "the first W, a .npy file; implies --init files");
}

void add_model(CLI::App& app, SolverArguments& a) {
  app.add_option(
         "--loss,--beta-loss", a.loss,
         "frobenius (also fro, or beta 2), kullback-leibler (KL, 1), itakura-saito (IS, 0), or any real beta")
      ->capture_default_str();
  app.add_option(
      "--rule,--solver", a.rule,
      fmt::format("how the factors move: {} (also: cd, which is hals); default: the fastest for the loss",
                  fmt::join(rule_names(), ", ")));
  app.add_option("--extrapolate", a.extrapolate,
                 "yes (also when nothing follows) or no: extrapolation (Ang and Gillis) on top of hals, ahals or "
                 "anls-bpp; without the option: with the default rule only")
      ->expected(0, 1)
      ->default_str("yes")
      ->check(CLI::IsMember({"yes", "no"}));
  add_whole_number(
      app, "--inner-rounds", a.inner_rounds,
      "inner rounds of amu, ahals, projected-gradient, ao-admm and ccd, at most; 0: chosen by V's shape")
      ->capture_default_str();
  app.add_option("--final-w", a.final_w,
                 "yes (also when nothing follows) or no: solve for W exactly at the end (frobenius); without the "
                 "option: with anls-bpp only")
      ->expected(0, 1)
      ->default_str("yes")
      ->check(CLI::IsMember({"yes", "no"}));
  app.add_option("--alpha-w,--alpha-W", a.alpha_w,
                 "penalty on W, scikit-learn's alpha_W: n alpha (r sum W + (1 - r) / 2 ||W||^2) for V of m x n")
      ->capture_default_str();
  app.add_option("--alpha-h,--alpha-H", a.alpha_h, "penalty on H, times m; default: that of W");
  app.add_option("--l1-ratio", a.l1_ratio, "r: 0 penalises squares, 1 sums")->capture_default_str();
  add_init(app, a.init);
  app.add_option("--tolerance,--tol", a.tolerance, "stop when what --stop names is below this share; 0: never")
      ->capture_default_str();
  app.add_option(
      "--stop", a.stop,
      "what --tolerance is held against: loss (the drop of what is minimised in 10 iterations, relative "
      "to itself; default), scikit-learn-mu, scikit-learn-cd, or projected-gradient (relative to the "
      "start)");
  app.add_option(
         "--like", a.like,
         "scikit-learn: its solver cd (or, with --rule mu or another loss, mu), start nndsvda, and stopping "
         "rule")
      ->check(CLI::IsMember({"scikit-learn"}));
  app.add_option(
         "--normalize", a.normalize,
         "scale the components so that each has norm 1 in one factor: none, l1, l2 or max; the other factor "
         "takes the scale, so that W H stays")
      ->capture_default_str();
  app.add_option("--normalize-factor", a.normalize_factor,
                 "which factor has norm 1: w (its columns) or h (its rows)")
      ->needs("--normalize")
      ->check(CLI::IsMember({"w", "h"}))
      ->capture_default_str();
  app.add_flag("--diagonal", a.diagonal,
               "with --normalize: keep the scale apart, in D.npy; the model is then W D H");
  app.add_option("--order", a.order, "which factor moves first in an iteration: w-first (scikit-learn) or h-first")
      ->check(CLI::IsMember({"w-first", "h-first"}))
      ->capture_default_str();
  app.add_option("--h0", a.h0, "the first H, a .npy file; together with --w0");
  app.add_option(
         "--zero-below", a.zero_below,
         "for losses of beta up to 1: set entries of H (below 1, also of W) that are below this to 0 after "
         "each update, as scikit-learn does with 2.2e-16")
      ->capture_default_str();
  app.add_option(
         "--revive", a.revive,
         "yes or no: components that have died (an all-zero column of W or row of H) begin anew from another "
         "random row; default: yes where the rule allows it (not mu and amu), but with --like scikit-learn")
      ->check(CLI::IsMember({"yes", "no"}));
  add_whole_number(app, "--trace-every", a.trace_every, "compute and record the costs every so many iterations")
      ->capture_default_str();
}

namespace {

/// What scikit-learn does where the user has not said otherwise.
void be_like_scikit_learn(Options& options) {
  if (options.rule.empty()) {
    const bool has_least_squares = facts_of(options.loss).has_least_squares();
    options.rule = default_rule<double>(has_least_squares ? DefaultFor::scikit_learn : DefaultFor::any_loss).name;
  }
  options.revive = false;
  const bool counts_violation = find_rule<double>(options.rule).counts_violation;
  options.stop = counts_violation ? Stop::scikit_learn_cd : Stop::scikit_learn_mu;
}

}  // namespace

std::string rule_called(const std::string& name) {
  return name == "cd" ? std::string(default_rule<double>(DefaultFor::scikit_learn).name) : name;
}

Options to_options(SolverArguments& a, bool needs_h0) {
  const bool has_files = !a.w0.empty() || !a.h0.empty();
  if (has_files && a.init != "auto" && a.init != "files" && a.init != "custom") {
    throw UsageError(fmt::format("--init {} and a start from files (--w0, --h0) exclude each other", a.init));
  }
  if (a.init == "custom" || has_files) a.init = "files";
  if (a.like == "scikit-learn" && a.init == "auto") a.init = "scikit-learn";
  if (a.init == "files" && (a.w0.empty() || (needs_h0 && a.h0.empty()))) {
    throw UsageError(needs_h0 ? "a start from files needs both --w0 FILE and --h0 FILE"
                              : "a start from files needs --w0 FILE");
  }
  if (a.components < 1) throw UsageError(fmt::format("-k must be at least 1, not {}", a.components));
  Options options;
  options.components = a.components;
  options.loss = Loss::parse(a.loss);
  options.rule = rule_called(a.rule);
  if (!a.extrapolate.empty()) options.extrapolate = a.extrapolate == "yes";
  if (!a.final_w.empty()) options.final_w = a.final_w == "yes";
  options.inner_rounds = a.inner_rounds;
  options.alpha_w = a.alpha_w;
  options.alpha_h = a.alpha_h;
  options.l1_ratio = a.l1_ratio;
  options.order = a.order == "w-first" ? Order::w_first : Order::h_first;
  options.max_iterations = a.max_iterations;
  options.tolerance = a.tolerance;
  options.max_seconds = a.max_seconds;
  options.seed = Seed::parse(a.seed);
  options.zero_below = a.zero_below;
  options.trace_every = a.trace_every;
  options.normalize = parse_norm(a.normalize);
  options.normalize_factor = a.normalize_factor == "w" ? Factor::w : Factor::h;
  options.diagonal = a.diagonal;
  options.threads = a.threads;
  options.start = parse_start(a.init);
  if (a.like == "scikit-learn") be_like_scikit_learn(options);
  if (!a.stop.empty()) options.stop = parse_stop(a.stop);
  if (!a.revive.empty()) options.revive = a.revive == "yes";
  options.check();
  return options;
}

bool single_precision(const InputArguments& input, const MatrixHeader& header) {
  return input.precision.empty() ? header.single_precision : input.precision == "float";
}

LoadOptions load_options(const InputArguments& input, Index components) {
  LoadOptions options;
  options.transpose = input.transpose;
  options.add = input.add;
  options.clip_negative = input.clip_negative;
  options.components = components;
  return options;
}

std::string name_of_matrix(const std::string& path) {
  constexpr const char* prefix = "generate:";
  if (path.rfind(prefix, 0) == 0) {
    const std::string rest = path.substr(std::string(prefix).size());
    return rest.substr(0, rest.find(':'));
  }
  std::filesystem::path whole(io::locate(path).file);
  if (!whole.has_filename()) whole = whole.parent_path();
  return whole.filename().string();
}

}  // namespace mpinmf::cli
