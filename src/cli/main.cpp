// The program: options are read before MPI starts; afterwards every fault leaves by one door.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <vector>

#include "cli/process/launcher.hpp"
#include "command.hpp"
#include "io/unfinished.hpp"
#include "kernels/blas_kernel.hpp"
#include "report/run_json.hpp"
#include "report/say.hpp"
#include "usage.hpp"

namespace mpinmf::cli {
namespace {

constexpr int code_of(ExitCode code) {
  return static_cast<int>(code);
}

void print_fault(const std::string& message, ExitCode code) {
  report::say(fmt::format("mpinmf: {}\n{}", message, before_launcher_adds(code_of(code))));
}

constexpr const char* out_of_memory = "out of memory; use more nodes, or fewer ranks on each";

/// For a fault that every rank finds before MPI starts. Under a launcher the ranks meet in MPI before they leave:
/// the first one that left with an error would have the launcher kill the one that still prints.
int leave_before_mpi(int argc, char** argv, const std::string& message, ExitCode code) {
  if (launched_tasks() <= 1) {
    print_fault(message, code);
    return code_of(code);
  }
  try {
    const Session session(argc, argv);
    if (session.comm().is_root()) print_fault(message, code);
    session.comm().wait_for_all();
  } catch (const std::exception&) {
    if (launched_rank() == 0) print_fault(message, code);
  }
  return code_of(code);
}

/// Ends this rank after a fault: with all others when they know of it too, else by ending them.
int leave_with_fault(const Session& session, const std::string& message, ExitCode code, bool met) {
  const Comm& comm = session.comm();
  if (!met && comm.size() > 1) {
    print_fault(fmt::format("{} (rank {} on {})", message, comm.rank(), host_name()), code);
    session.abort(code);
  }
  if (comm.is_root()) print_fault(message, code);
  comm.wait_for_all();
  return code_of(code);
}

int run_under_mpi(int argc, char** argv, const Command& command) {
  const Session session(argc, argv);
  const auto leave = [&](const std::string& message, ExitCode code, bool met) {
    return leave_with_fault(session, message, code, met);
  };
  try {
    check_launcher(session.comm());
    session.comm().meet([] { vector_level(); });  // MPINMF_SIMD, before V is read
    command.run(session.comm());
    return code_of(ExitCode::done);
  } catch (const Error& error) {
    return leave(error.what(), error.exit_code(), error.has_met());
  } catch (const std::bad_alloc&) {
    return leave(out_of_memory, ExitCode::system, false);
  } catch (const std::exception& error) {
    return leave(error.what(), ExitCode::system, false);
  }
}

int run_alone(const Command& command) {
  if (launched_rank() != 0) return code_of(ExitCode::done);
  try {
    command.run(Comm::self());
    return code_of(ExitCode::done);
  } catch (const Error& error) {
    print_fault(error.what(), error.exit_code());
    return code_of(error.exit_code());
  } catch (const std::exception& error) {
    print_fault(error.what(), ExitCode::system);
    return code_of(ExitCode::system);
  }
}

/// A standard stream that is closed would give its number to the next file opened, and messages would end in it.
void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // the lowest free number is given; writing to it fails, as it did before
    if (::fcntl(stream, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDONLY));
  }
}

std::string version_text() {
  const report::Versions versions = report::versions();
  const std::optional<SlowBlas> slow = slow_blas(vector_level());
  return fmt::format("mpinmf {}\nMPI: {}\nBLAS: {}\nvectors: {}\n{}", versions.mpinmf, versions.mpi, versions.blas,
                     versions.vectors, slow ? "warning: " + text_of(*slow) + "\n" : "");
}

constexpr const char* description =
    "Non-negative matrix factorization V ~ W H on one machine or many (start with mpirun -n RANKS mpinmf ...)";
constexpr const char* exit_codes =
    "Exit codes: 0 done, 2 usage, 3 bad data, 4 file or system, 75 stopped in good order (fit --resume goes on). "
    "Every command has its own --help.";

// In the order of --help.
constexpr Command (*all_commands[])(CLI::App&) = {
    add_fit,         //
    add_transform,   //
    add_evaluate,    //
    add_vectorize,   //
    add_topics,      //
    add_compare,     //
    add_generate,    //
    add_info,        //
    add_convert,     //
    add_plot,        //
    add_components,  //
    add_spectrum,    //
    add_survey,      //
    add_report,      //
    add_scaling,     //
    add_status,      //
    add_manual,      //
};

int run(int argc, char** argv) {
  CLI::App program(description, "mpinmf");
  program.footer(exit_codes);
  bool version = false;
  program.add_flag("--version", version, "versions of mpinmf, MPI and BLAS, and the vector level in use");
  program.require_subcommand(0, 1);
  std::vector<Command> commands;
  for (const auto add : all_commands) commands.push_back(add(program));
  const Command* chosen = nullptr;
  const auto leave = [&](const std::string& message, ExitCode code) {
    return leave_before_mpi(argc, argv, message, code);
  };
  try {
    check_spelling(program, {argv + 1, static_cast<std::size_t>(argc - 1)});
    program.parse(argc, argv);
    for (const Command& command : commands) {
      if (command.app->parsed()) chosen = &command;
    }
    if (chosen == nullptr && !version) throw UsageError("a command is missing (see mpinmf --help)");
    if (chosen != nullptr) chosen->prepare();
  } catch (const CLI::CallForHelp&) {
    if (launched_rank() == 0) fmt::print("{}", program.help());
    return code_of(ExitCode::done);
  } catch (const CLI::ParseError& error) {
    const auto parsed = program.get_subcommands();
    const std::string name = parsed.empty() ? "mpinmf" : "mpinmf " + parsed.front()->get_name();
    return leave(fmt::format("{} (see {} --help)", error.what(), name), ExitCode::usage);
  } catch (const Error& error) {
    return leave(error.what(), error.exit_code());
  } catch (const std::bad_alloc&) {
    return leave(out_of_memory, ExitCode::system);
  } catch (const std::exception& error) {
    return leave(error.what(), ExitCode::system);
  }
  if (version) {
    if (launched_rank() == 0) fmt::print("{}", version_text());
    return code_of(ExitCode::done);
  }
  return chosen->needs_mpi ? run_under_mpi(argc, argv, *chosen) : run_alone(*chosen);
}

}  // namespace

}  // namespace mpinmf::cli

int main(int argc, char** argv) {
  // a write past the file size limit then fails with a reason instead of killing the program
  std::signal(SIGXFSZ, SIG_IGN);
  mpinmf::cli::hold_standard_streams();
  mpinmf::remove_unfinished_on_signals();
  const int code = mpinmf::cli::run(argc, argv);
  if (std::fflush(stdout) != 0 && code == 0) {
    mpinmf::cli::print_fault("cannot write to standard output", mpinmf::ExitCode::system);
    return static_cast<int>(mpinmf::ExitCode::system);
  }
  return code;
}
