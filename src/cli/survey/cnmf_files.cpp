#include "cnmf_files.hpp"

#include <utility>

#include "cli/fit/results.hpp"
#include "io/names.hpp"
#include "io/write/factor_formats.hpp"
#include "io/write/own_names.hpp"
#include "io/write/writer.hpp"
#include "report/names.hpp"

namespace mpinmf::cli {
namespace {

io::NameReader names_or_numbers(const std::string& file, Index count) {
  io::NameReader names = io::names_in(file);
  return names ? names : io::names_by_number(count);
}

io::NameReader components_from_1(Index count) {
  return [count](const std::function<void(std::string_view)>& take) {
    for (Index c = 1; c <= count; ++c) take(std::to_string(c));
  };
}

void write_table(const Comm& comm, OutputFolder& folder, const std::string& name, io::OutputMatrix factor) {
  io::OutputTarget target;
  target.path = folder.path() + "/" + name;
  target.working_path = folder.partial(name);
  io::writer_called("tsv").write(comm, target, factor);
}

}  // namespace

void write_cnmf_files(const Comm& comm, OutputFolder& folder, const std::string& model, Index k,
                      double density_threshold) {
  io::OutputMatrix usages = io::factor_rows(comm, model + "/W.npy", false);
  usages.labels = {names_or_numbers(model + "/" + report::row_names_file, usages.rows), components_from_1(k)};
  write_table(comm, folder, cnmf_file(folder.path(), "usages", k, density_threshold), std::move(usages));
  io::OutputMatrix spectra = io::factor_rows(comm, model + "/H.npy", false);
  spectra.labels = {components_from_1(k),
                    names_or_numbers(model + "/" + report::column_names_file, spectra.columns)};
  write_table(comm, folder, cnmf_file(folder.path(), "spectra", k, density_threshold), std::move(spectra));
}

}  // namespace mpinmf::cli
