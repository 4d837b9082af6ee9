// mpinmf convert: any matrix as any format.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "command.hpp"
#include "file_hints.hpp"
#include "io/write/write_matrix.hpp"
#include "matrix_output.hpp"
#include "report/say.hpp"
#include "solver_arguments.hpp"
#include "warnings.hpp"

namespace mpinmf::cli {
namespace {

struct ConvertArguments {
  InputArguments input;
  MatrixOutput output;
};

void run(const Comm& comm, const ConvertArguments& a) {
  io::WriteOptions how = write_options(a.output);
  how.unnamed = "csr";
  if (!a.input.precision.empty()) how.single_precision = a.input.precision == "float";
  const io::WrittenMatrix written =
      io::write_matrix(comm, a.input.path, load_options(a.input, 1), a.output.path, how);
  Warnings warnings(comm, false);
  warn_of_clipped(written.clipped, warnings);
  warn_of_summed(written.summed, a.input.path, warnings);
  if (!comm.is_root()) return;
  const std::string hint = table_hint(written.guess, a.input.path);
  if (!hint.empty()) report::note(hint);
  if (!written.lost_names.empty()) {
    report::note(fmt::format("names of {} have no place in {}; these keep them: {}", written.lost_names,
                             a.output.path, io::names_of_writers_with_names()));
  }
  note_of_reading(written, a.output);
  fmt::print("wrote {}\n", a.output.path);
}

}  // namespace

Command add_convert(CLI::App& program) {
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* app = program.add_subcommand("convert", "write V in another format, by all ranks");
  app->add_option("V", arguments->input.path, matrix_help)->required();
  app->add_option("OUT", arguments->output.path,
                  "the file or folder to write, a CSR folder where it has no ending; of the ending, or of --to:" +
                      io::writer_help())
      ->required();
  app->add_flag("--transpose", arguments->input.transpose, "write the transposed matrix");
  add_reading(*app, arguments->input);
  add_preparation(*app, arguments->input);
  app->add_option("--precision", arguments->input.precision, "float or double; default: as V is stored")
      ->check(CLI::IsMember({"float", "double"}));
  add_matrix_output(*app, arguments->output);
  return {app,
          [arguments] {
            check_output(arguments->output);
            arguments->input.preparation.check();
          },
          [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
