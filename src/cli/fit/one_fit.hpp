// One fit: the pair it finds, and the folder it leaves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "checkpoints.hpp"
#include "cli/data_names.hpp"
#include "cli/process/output_folder.hpp"
#include "cli/warnings.hpp"
#include "data.hpp"
#include "mpinmf/nmf.hpp"
#include "report/finished_run.hpp"
#include "report/run_json.hpp"

namespace mpinmf::cli {

/// Fits `model` to V, from a checkpoint, or from files where they give the start; shows how far it is, and warns
/// of what may be wrong with the result. Collective.
template <class T>
void fit_model(const FitArguments& arguments, const DataMatrix<T>& v, FitCheckpoints<T>& checkpoints,
               Nmf<T>& model, Warnings& warnings);

/// With --resume: what the folder says of this fit, or of one that differs only in what `fit` does not say, if it
/// has ended. Collective. Throws BadData.
std::optional<report::FinishedRun> earlier_run(const Comm& comm, const FitArguments& arguments,
                                               const std::string& folder, const io::Facts& fit);

/// What a fit will leave in its folder. `with_w`: this one's W too.
template <class T>
OutputFolder::Results fit_results(const FitArguments& arguments, const MatrixHeader& header, Index components,
                                  bool with_w);

/// What all of several fits will leave.
template <class T>
OutputFolder::Results results_of_series(const FitArguments& arguments, const MatrixHeader& header);

/// The factors' files that a fit by itself is to leave.
std::vector<std::string> wanted_files(const FitArguments& arguments);

/// Writes H, trace and, where that is wanted, W and D under their partial names, with the names of their rows and
/// columns, and the factors in another format, unless W is wanted, but not of this fit. The names of the files go
/// to facts.written. Collective.
template <class T>
void write_factors(const Comm& comm, OutputFolder& folder, const FitArguments& arguments, const Nmf<T>& model,
                   const DataNames& names, bool with_w, report::RunFacts& facts);

/// What run.json says of V as a fit read it.
template <class T>
report::InputFacts facts_of_input(const FitArguments& arguments, const DataMatrix<T>& v);

/// What run.json will say of the fit, but for what was written and the times of writing. `warnings`: of this fit.
/// Collective.
template <class T>
report::RunFacts fit_facts(const FitArguments& arguments, const FitData<T>& data, const Nmf<T>& model,
                           const Warnings& warnings);

/// Of a fit that is not the best of several: W is gone, and what only a fit with W has. Collective.
void remove_w(const Comm& comm, const FitArguments& arguments, const std::string& folder);

/// Writes run.json and gives all results their names. Collective.
void publish_fit(const Comm& comm, OutputFolder& folder, const report::RunFacts& facts);

}  // namespace mpinmf::cli
