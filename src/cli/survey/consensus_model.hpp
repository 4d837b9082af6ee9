// The model that the fits of one k agree on: their median spectra, with the W that fits V best.
#pragma once

#include <string>
#include <vector>

#include "cli/data_names.hpp"
#include "cli/fit/arguments.hpp"
#include "cli/fit/data.hpp"

namespace mpinmf::cli {

struct AgreedSpectra {
  ConstMatrixView<double> spectra;  ///< k x n, the same on every rank
  std::vector<Index> known;         ///< components that keep their places, from 0
};

struct ConsensusFit {
  double loss = 0;
  std::vector<double> row_errors;  ///< relative, of the rows stability::sampled_rows(m) that are not 0
};

/// Solves for W, with H the spectra, by the loss of the fits and as transform does; puts the components that are
/// not known in the order of their usage (W's rows divided by their sums), and leaves W.npy, H.npy and run.json in
/// `folder`, a model for any command. Collective; throws as transform.
template <class T>
ConsensusFit write_consensus_model(const Comm& comm, const FitArguments& arguments, const FitData<T>& data,
                                   const DataNames& names, const std::string& folder, const AgreedSpectra& agreed);

}  // namespace mpinmf::cli
