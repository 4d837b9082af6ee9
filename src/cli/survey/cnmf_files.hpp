// The consensus of a survey under the names that cNMF gives its files, for notebooks that read these.
#pragma once

#include <string>

#include "cli/process/output_folder.hpp"
#include "mpinmf/comm.hpp"

namespace mpinmf::cli {

/// Writes usages (rows of V x k) and spectra (k x columns) of the consensus in `model`, a folder below that of the
/// survey, as tables with tabs, under their partial names: cnmf_file of cli/fit/results.hpp. Components are called
/// 1 to k; rows and columns by V's names, or by numbers from 0. Collective; throws as the writers.
void write_cnmf_files(const Comm& comm, OutputFolder& folder, const std::string& model, Index k,
                      double density_threshold);

}  // namespace mpinmf::cli
