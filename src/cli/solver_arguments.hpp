// The options that fit and transform share, and how they become mpinmf::Options.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "mpinmf/load.hpp"
#include "mpinmf/options.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace mpinmf::cli {

/// As the user spells them.
struct SolverArguments {
  Index components = 0;
  std::string loss = "frobenius", rule, order = "w-first", like, stop, extrapolate, final_w, normalize = "none",
              normalize_factor = "w", revive;
  Index max_iterations = 200, trace_every = 1;
  int threads = 0, inner_rounds = 0;
  double tolerance = 1e-4, zero_below = 0, alpha_w = 0, l1_ratio = 0;
  std::optional<double> alpha_h;
  double max_seconds = std::numeric_limits<double>::infinity();
  std::string seed = "0", init = "auto", w0, h0;
  bool diagonal = false;
};

/// How V is read and what becomes of it.
struct InputArguments {
  std::string path, precision;
  bool transpose = false;
  double add = 0, clip_negative = 0;
};

void add_input(CLI::App& app, InputArguments& input);
void add_clip_negative(CLI::App& app, double& clip_negative);
/// Of one k: spells 1e3 out as digits, and says what is wrong with it, or nothing. Refuses a k that is out of
/// range before it is cut to 64 bits.
std::string check_components(std::string& text);
void add_seed(CLI::App& app, std::string& seed);
CLI::Option* add_init(CLI::App& app, std::string& init);
void add_threads(CLI::App& app, int& threads);
/// Iterations, seed, threads and a W from a file.
void add_iterations(CLI::App& app, SolverArguments& arguments);
/// Loss, rule, order, penalties, start, stopping rule and trace.
void add_model(CLI::App& app, SolverArguments& arguments);

/// The rule that scikit-learn calls cd is hals; other names are their own.
std::string rule_called(const std::string& name);

/// Throws UsageError. `needs_h0`: files must give both factors (fit), or W alone (transform).
Options to_options(SolverArguments& arguments, bool needs_h0);

/// float when V is stored so, unless the user decides.
bool single_precision(const InputArguments& input, const MatrixHeader& header);

/// Calls f with a float or a double.
template <class F>
void with_precision(bool single, F&& f) {
  if (single) {
    f(float{});
  } else {
    f(double{});
  }
}

LoadOptions load_options(const InputArguments& input, Index components);

/// "V.npy" for "a/V.npy", "V.csr" for "a/V.csr/", "V.h5" for a place in "a/V.h5", "swimmer" for
/// "generate:swimmer:...".
std::string name_of_matrix(const std::string& path);

}  // namespace mpinmf::cli
