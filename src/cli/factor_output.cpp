#include "factor_output.hpp"

#include <cmath>
#include <filesystem>

#include "mpinmf/error.hpp"
#include "report/run_json.hpp"

namespace mpinmf::cli {
namespace {

/// What is told of a run beside its factors.
std::vector<io::FactorFact> factor_facts(const report::RunFacts& facts) {
  std::vector<io::FactorFact> told = {{"program", std::string("mpinmf")}, {"version", report::versions().mpinmf},
                                      {"command", facts.command},         {"input", facts.input.path},
                                      {"k", facts.options.components},    {"beta_loss", facts.options.loss.name()},
                                      {"rule", facts.options.rule_name()}};
  const auto tell = [&](const char* name, double value) {
    if (!std::isnan(value)) told.emplace_back(name, value);
  };
  if (facts.command == "fit") {
    told.emplace_back("seed", facts.options.seed.text());
    told.emplace_back("n_iter", facts.iterations);
  }
  if (!facts.stop_reason.empty()) told.emplace_back("stop_reason", facts.stop_reason);
  tell("loss", facts.cost.loss);
  tell("reconstruction_err", facts.cost.reconstruction_error);
  tell("relative_error", facts.cost.relative_error);
  return told;
}

}  // namespace

void check_factor_output(const FactorOutput& output) {
  const io::FactorFormat* const format = io::factor_format_called(output.format);
  if (output.into.empty() || (format != nullptr && format->takes_into)) return;
  throw UsageError("--into is for --output-format h5ad");
}

std::vector<std::string> added_files(const FactorOutput& output, bool with_w) {
  const io::FactorFormat* const format = io::factor_format_called(output.format);
  return format == nullptr ? std::vector<std::string>() : io::files_of(*format, with_w, true);
}

double added_bytes(const FactorOutput& output, double factor_bytes) {
  const io::FactorFormat* const format = io::factor_format_called(output.format);
  if (format == nullptr) return 0;
  constexpr double of_text = 2.5;  // 20 digits for 8 bytes
  std::error_code error;
  const auto copied = output.into.empty() ? 0 : std::filesystem::file_size(output.into, error);
  return factor_bytes * (format->write == nullptr ? of_text : 1) + (error ? 0 : static_cast<double>(copied));
}

void check_into(const Comm& comm, const FactorOutput& output, const DataNames& names, Index rows, Index columns) {
  if (output.into.empty()) return;
  const auto& prepared = names.prepared();
  comm.meet_on_root([&] {
    io::hdf5::require_place_for_factors(output.into, names.labels(), prepared ? prepared->rows : io::Subset(rows),
                                        prepared ? prepared->columns : io::Subset(columns));
  });
}

void write_added_files(const Comm& comm, OutputFolder& folder, const FactorOutput& output, io::FactorFiles files,
                       report::RunFacts& facts) {
  const io::FactorFormat* const format = io::factor_format_called(output.format);
  if (format == nullptr) return;
  files.rows = facts.input.rows;
  files.columns = facts.input.columns;
  files.into = output.into;
  const std::vector<io::FactorFact> told = factor_facts(facts);
  files.facts.insert(files.facts.begin(), told.begin(), told.end());
  for (const std::string& name : io::files_of(*format, !files.w.empty(), !files.h.empty())) {
    io::OutputTarget target;
    target.path = folder.path() + "/" + name;
    target.working_path = folder.partial(name);
    io::write_factor_file(comm, *format, name, files, target);
    facts.written.push_back(name);
  }
}

}  // namespace mpinmf::cli
