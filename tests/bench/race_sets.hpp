// What rules race on: sets that are read from --data, and workloads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf::bench {

struct RaceData {
  DataMatrix<double> v;
  Index components;
};

/// All that --convergence knows.
std::vector<std::string> race_names();
/// Where none is named: for Frobenius those of all kinds, for other losses counts, and a spectrogram.
std::vector<std::string> usual_race_names(const Loss& loss);

/// The set or workload with this name; empty where no folder of --data has its file, which `missing` then names.
/// Collective; throws what loading throws.
std::optional<RaceData> find_race_data(const Comm& comm, const std::string& name, const Arguments& arguments,
                                       std::string& missing);

}  // namespace mpinmf::bench
