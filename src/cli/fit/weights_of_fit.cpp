#include "weights_of_fit.hpp"

#include <fmt/core.h>

#include "api/scaled_pair.hpp"
#include "asked_options.hpp"
#include "cli/weights.hpp"

namespace mpinmf::cli {
namespace {

/// `bar`: why weights of rows or columns are taken as those of entries; empty: they are these.
void fit_entries(FitArguments& a, ScaledBy lines, const std::string& bar) {
  try {
    weigh_entries(a.input);
    a.solver.missing = Missing::zeros;  // what weighs nothing
    set_options(a);
  } catch (const UsageError& error) {
    if (bar.empty()) throw;
    throw UsageError(
        fmt::format("{}; {} makes weights of {} those of entries: without it they go with any rule and on disk",
                    error.what(), bar, words_for(lines)));
  }
}

}  // namespace

void choose_weights(const Comm& comm, FitArguments& a, MatrixHeader& header) {
  if (a.input.weights.empty()) return;
  const ScaledBy lines = lines_of_weights(comm, a.input, header);
  comm.meet([&] {
    if (lines == ScaledBy::nothing) return fit_entries(a, lines, "");
    const std::string bar =
        what_bars_scales(resolve(a.options, header.rows, header.columns), lines == ScaledBy::rows);
    bar.empty() ? scale_by_weights(a.input, lines, header) : fit_entries(a, lines, bar);
  });
}

}  // namespace mpinmf::cli
