// Factors in another format beside W.npy and H.npy: --output-format and --into of fit and transform.
#pragma once

#include <string>
#include <vector>

#include "cli/process/output_folder.hpp"
#include "data_names.hpp"
#include "io/write/factor_formats.hpp"
#include "mpinmf/comm.hpp"
#include "report/run_json.hpp"

namespace mpinmf::cli {

struct FactorOutput {
  std::string format = "npy", into;
};

inline constexpr const char* output_format_help =
    "write the factors in this format, too, beside W.npy and H.npy: csv, tsv or mtx (W.csv, H.csv), npz, h5 or "
    "h5ad "
    "(factors.npz); with the names of V where it has a place for them";
inline constexpr const char* into_help =
    "with --output-format h5ad: factors.h5ad is a copy of this AnnData, which V is from, with the factors put in";

/// Throws UsageError.
void check_factor_output(const FactorOutput& output);

/// What is to be added to W.npy and H.npy. `with_w`: W is written.
std::vector<std::string> added_files(const FactorOutput& output, bool with_w);

/// About how many bytes these have for so many of factors; with what --into copies.
double added_bytes(const FactorOutput& output, double factor_bytes);

/// Throws BadData on every rank where --into has other rows or columns than V. Collective.
void check_into(const Comm& comm, const FactorOutput& output, const DataNames& names, Index rows, Index columns);

/// Writes the added files under their partial names, from the .npy in `files`, and adds their names to
/// facts.written. `facts`: what is known of the run goes into formats with a place for it. Collective.
void write_added_files(const Comm& comm, OutputFolder& folder, const FactorOutput& output, io::FactorFiles files,
                       report::RunFacts& facts);

}  // namespace mpinmf::cli
