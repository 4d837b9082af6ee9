// How much memory a factorization needs: the sum of what the owners of arrays say.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "mpinmf/comm.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/resolved_options.hpp"

namespace mpinmf::report {

/// What the need depends on besides V.
struct MemoryPlan {
  Index components = 1;
  Loss loss;
  bool single_precision = false;
  int ranks = 1;
  int groups = 1;                     ///< of these ranks, each of which owns all of V
  int threads = 1;                    ///< in each rank
  int w_copies = 1, h_copies = 1;     ///< more where a command holds what it read beside what it computes with
  Index singular_values = 0;          ///< that are computed first; 0: none
  bool factorizes = true;             ///< whether W and H are computed
  bool extrapolated = false;          ///< W and H before stand beside W and H, and the sums before (on the root)
  std::string rule;                   ///< empty: the one that fits any loss
  Storage storage = Storage::memory;  ///< where V lies
  bool solves_rows = false;           ///< transform: W is solved for row by row (solver/transform.hpp)
  Index compared_fits = 0;            ///< of the same k, on the root of each group when fits have ended
  double beside = 0;                  ///< bytes of what a rank holds besides
};

/// For a fit by itself, on one rank.
MemoryPlan plan_of_fit(const ResolvedOptions& options, bool single_precision);

/// Bytes that the rank with the most rows needs.
struct MemoryNeed {
  double data = 0;        ///< its rows of V, or what is in memory of them
  double w = 0;           ///< its rows of W, and what is kept for them
  double h_and_sums = 0;  ///< H, the sums its update is computed from, and what MPI needs to add them up
  double scratch = 0;     ///< room for one row panel a thread
  double base = 0;        ///< MPI and the program itself
  double svd = 0;         ///< before W and H are there: work space of the truncated SVD
  double disk = 0;     ///< in the scratch folder: its rows of V, where these lie there, and what they are made of
  double reading = 0;  ///< while V is read: what the reader holds; W, H and the rest come afterwards
  double comparing = 0;  ///< when fits have ended: what comparing them takes on the root of each group
  double beside = 0;     ///< all the while: what the plan says
  int groups = 1;

  double total() const { return of_ranks(1); }
  /// Of so many ranks of a host, at most one of each group a root.
  double of_ranks(int ranks) const {
    const double working = std::max({reading, svd, w + h_and_sums + scratch});
    return ranks * (data + base + beside + working) + std::min(ranks, groups) * std::max(0.0, comparing - working);
  }
  /// "V 1.0 GiB, W ...": where `total` goes.
  std::string parts() const;
};

/// Bytes of the entries of a matrix, and of what is kept for its rows, on the rank of so many that has the most
/// rows.
double bytes_of_rows(const MatrixHeader& header, int ranks, bool single_precision);

MemoryNeed memory_need(const MatrixHeader& header, const MemoryPlan& plan);

/// Throws SystemError on every rank when the ranks of some host need more than it has: names need, limit and the
/// number of such nodes that would do. Collective.
void require_memory(const Comm& comm, const MatrixHeader& header, const MemoryPlan& plan);

/// The least number of nodes with plan.threads threads in each of `ranks_on_node` ranks on which the plan fits in
/// `limit` bytes a node; nothing when none does, because every rank holds H and its sums.
std::optional<Index> nodes_needed(const MatrixHeader& header, MemoryPlan plan, int ranks_on_node, double limit);

/// What a fit may be asked for so that a rank needs less, of what does make it less.
std::string what_needs_less(const MatrixHeader& header, const MemoryPlan& plan);

/// One sentence with both memory figures when V lies the wrong way, that is when n > 8 m or H and its sums
/// outweigh a rank's slice of V, and transposing saves memory that matters; else empty. `transposed`: V has been
/// transposed already.
std::string transpose_hint(const MatrixHeader& header, const MemoryPlan& plan, bool transposed);

/// 1536 -> "1.5 KiB".
std::string bytes_text(double bytes);

}  // namespace mpinmf::report
