// run.json: what a run was asked, where it ran and how it ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/checkpoint/checkpoint.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/resolved_options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf::report {

/// V as it was used.
struct InputFacts {
  std::string path;
  Index rows = 0, columns = 0, nonzeros = 0, unknown = 0;
  bool sparse = false, transposed = false, single_precision = false;
  double add = 0, clip_negative = 0;
  Missing missing = Missing::none;
  std::string mask;     ///< file of which entries are unknown; empty: none
  std::string weights;  ///< file of what entries count; empty: all alike
  FileReading file = {};
  std::string preparation;                 ///< its options; empty: none
  Index clipped = 0;                       ///< negative entries that were taken as 0
  Index summed = 0;                        ///< entries that were added to another in the same place
  Index rows_local = 0, stored_local = 0;  ///< this rank's rows and the entries held of them
};

template <class T>
InputFacts input_facts(const DataMatrix<T>& v, const std::string& path, Missing missing) {
  InputFacts facts;
  facts.path = path;
  facts.clipped = v.summary().clipped;
  facts.summed = v.summary().summed;
  facts.rows = v.rows_global();
  facts.columns = v.columns();
  facts.nonzeros = v.summary().nonzeros;
  facts.missing = missing;
  facts.unknown = v.summary().unknown;
  if (missing == Missing::zeros) facts.unknown = v.rows_global() * v.columns() - v.summary().stored;
  facts.sparse = v.is_sparse();
  facts.single_precision = sizeof(T) == 4;
  facts.rows_local = v.rows_local();
  facts.stored_local = v.stored_before(v.rows_local());
  return facts;
}

/// Of the pair that a fit has found.
struct FitEnd {
  Index dead_components = 0;
  double kkt_w = Cost::unknown, kkt_h = Cost::unknown;  ///< unknown where the fit was asked to stop
  double predicted_gain = Cost::unknown;                ///< unknown for most rules
};

struct RunFacts {
  std::string command;
  InputFacts input;
  ResolvedOptions options;
  std::string w0, h0, model;         ///< files it started from, where it did
  std::string fix_w, fix_h;          ///< files of what is known of the factors
  std::vector<std::string> written;  ///< names in the output folder
  Index iterations = -1;             ///< -1: not known
  std::string stop_reason;
  std::optional<WiderFit> wider_fit;  ///< that came first
  Index rows_unconverged = -1;        ///< of transform; -1: not known
  Cost cost;
  Communication communication;                                    ///< without a formula: nothing iterated together
  PhaseSeconds phases;                                            ///< of this rank
  double read_seconds = 0, write_seconds = 0, total_seconds = 0;  ///< of this rank
  std::vector<std::string> warnings;                              ///< that were given
  Index zero_models = 0;
  std::optional<FitEnd> end;  ///< of a fit
  io::Facts fit;              ///< of which fit this is; with checkpoints only
  std::string sample_of_v;    ///< tells V's file from another; of a fit by itself that keeps checkpoints
  std::string checkpoints;    ///< their folder
  Index resumed_after = 0;    ///< the iteration of the checkpoint that it went on from
};

/// The text of run.json. Collective: gathers hosts, cores, times, work and peak memory of the ranks; the same on
/// every rank. src/cli/README.md lists what stands there.
std::string run_json(const Comm& comm, const RunFacts& facts);

/// What transform and evaluate need to know of a model's run.json.
struct ModelFacts {
  Loss loss;
  double add = 0, clip_negative = 0;
  Missing missing = Missing::none;
  bool single_precision = false, transposed = false;
  bool diagonal = false;  ///< D.npy stands between W and H
  double alpha_w = 0, l1_ratio = 0, zero_below = 0;
  bool w_sums_to_one = false;
};

/// Throws BadData when `text` is not such a file; names `path`.
ModelFacts parse_run_json(const std::string& text, const std::string& path);
/// How the fit read the file of V. Throws the same.
FileReading parse_reading(const std::string& text, const std::string& path);

/// Versions of everything that decides the bits of a result.
struct Versions {
  std::string mpinmf, mpi, blas;
  std::string blas_kernel;  ///< of OpenBLAS, else empty
  std::string vectors;
};
Versions versions();

/// The most memory this rank has held so far, in bytes.
double peak_memory_bytes();

}  // namespace mpinmf::report
