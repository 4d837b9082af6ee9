// The consensus of a survey under the names that cNMF gives its files, for notebooks that read these.
#pragma once

#include <string>

#include "cli/data_names.hpp"
#include "cli/fit/arguments.hpp"
#include "cli/process/output_folder.hpp"
#include "mpinmf/comm.hpp"

namespace mpinmf::cli {

/// The consensus of one k.
struct CnmfConsensus {
  std::string model;  ///< its folder, below that of the survey
  Index k;
  double density_threshold;
};

/// Writes usages (rows of V x k) and spectra (k x columns) of the consensus as tables with tabs, under their
/// partial names: cnmf_file of cli/fit/results.hpp. Where has_gene_tables, V's file is read twice once more, for
/// spectra and scores of all its columns, and the usages are refitted by these (gene_tables.hpp). Components are
/// called 1 to k; rows and columns by V's names, or by numbers from 0. Collective; throws as the writers and as
/// load.
void write_cnmf_files(const Comm& comm, OutputFolder& folder, const FitArguments& arguments,
                      const CnmfConsensus& consensus);

/// Writes which of V's columns were factorized, one a line, by name, or by number where they have none.
/// `columns`: how many they are. Collective.
void write_cnmf_genes(const Comm& comm, OutputFolder& folder, const FitArguments& arguments,
                      const DataNames& names, Index columns);

/// cNMF's tables of all genes are least-squares fits, to all of V.
bool has_gene_tables(const FitArguments& arguments);

}  // namespace mpinmf::cli
