// What the consensus of one k says of all columns of V's file, also of those that were not factorized: cNMF's
// gene_spectra_tpm, gene_spectra_score, and the usages that it ends with.
#pragma once

#include <string>
#include <vector>

#include "cli/solver_arguments.hpp"
#include "mpinmf/comm.hpp"

namespace mpinmf::cli {

/// The tables of cNMF 1.7 (consensus(); Kotliar et al. 2019, eLife 8:e43803). Y is V's file in TPM: its rows that
/// were factorized, with all n columns, each row scaled to a sum of a million. U are the usages of the consensus.
struct GeneTables {
  /// n x k, the same on every rank: S >= 0 of the least ||Y - U_1 S'||, where U_1 is U with rows of sum 1.
  Matrix<double> spectra;
  /// n x k: least squares of Y's columns, less their means and over their deviations (of the population), by U.
  Matrix<double> scores;
  /// n_kept x k: S scaled to sums of a million, over those deviations, in the columns that were factorized.
  Matrix<double> starcat;
  /// rows_local x k, of consecutive rows, in the order of ranks: U >= 0 that fits the columns that were factorized
  /// of Y, each over its sample deviation, by S over the deviations of the population.
  std::vector<double> usages;
};

/// `usages_file`: U as W.npy. Reads V's file twice, row by row; holds at most 5 n k + 4 n numbers and the usages
/// of its rows. Collective; throws as load.
GeneTables gene_tables(const Comm& comm, const InputArguments& input, const std::string& usages_file, Index k);

}  // namespace mpinmf::cli
