// What the commands of the program have in common.
#pragma once

#include <functional>
#include <string>

#include "io/format.hpp"
#include "mpinmf/comm.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace mpinmf::cli {

/// One command. Its options live in `app`; what they are bound to, in the two functions.
struct Command {
  CLI::App* app = nullptr;
  /// Checks what was asked; no MPI yet. Throws UsageError.
  std::function<void()> prepare;
  /// The command itself; collective. Without MPI it gets Comm::self().
  std::function<void(const Comm&)> run;
  bool needs_mpi = true;
};

Command add_fit(CLI::App& program);
Command add_transform(CLI::App& program);
Command add_evaluate(CLI::App& program);
Command add_generate(CLI::App& program);
Command add_info(CLI::App& program);
Command add_spectrum(CLI::App& program);
Command add_survey(CLI::App& program);
Command add_convert(CLI::App& program);
Command add_plot(CLI::App& program);
Command add_components(CLI::App& program);
Command add_report(CLI::App& program);
Command add_vectorize(CLI::App& program);
Command add_status(CLI::App& program);
Command add_topics(CLI::App& program);
Command add_compare(CLI::App& program);
Command add_scaling(CLI::App& program);
/// Not in --help: the build calls it.
Command add_manual(CLI::App& program);

/// What the argument V of most commands may be, for --help.
inline const std::string matrix_help = "the matrix: " + io::format_names(io::formats());

}  // namespace mpinmf::cli
