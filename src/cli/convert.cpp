// mpinmf convert: any sparse matrix as a CSR folder.
#include "io/convert.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "command.hpp"
#include "solver_arguments.hpp"
#include "warnings.hpp"

namespace mpinmf::cli {
namespace {

struct ConvertArguments {
  InputArguments input;
  std::string to;
  bool force = false;
};

void run(const Comm& comm, const ConvertArguments& a) {
  const Index clipped = io::convert_to_csr(comm, a.input.path, a.to, load_options(a.input, 1), a.force);
  Warnings warnings(comm, false);
  warn_of_clipped(clipped, warnings);
  if (comm.is_root()) fmt::print("wrote {}\n", a.to);
}

}  // namespace

Command add_convert(CLI::App& program) {
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* app =
      program.add_subcommand("convert", "write V as a CSR folder, of which each rank reads its own rows only");
  app->add_option("V", arguments->input.path, matrix_help)->required();
  app->add_option("FOLDER", arguments->to, "the folder to write: indptr.npy, indices.npy, data.npy, shape.npy")
      ->required();
  app->add_flag("--transpose", arguments->input.transpose, "write the transposed matrix");
  add_reading(*app, arguments->input);
  app->add_flag("--force", arguments->force, "replace the folder's files");
  return {app, [] {}, [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
