// Who owns which rows of a sparse source, so that ranks have equal work.
#pragma once

#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/partition.hpp"
#include "source.hpp"

namespace mpinmf::io {

struct RowPlan {
  Partition partition;
  std::vector<Index> lengths;   ///< entries in each row of this rank
  std::vector<double> weights;  ///< of all panels, by which they were given out; the same for any number of ranks
  /// How often a stream goes through all rows: some once where it comes row by row, once a column where by column.
  double turns = 0;
};

/// For k components. Of rows at will every rank counts some, of a stream what exchange_entries gives it.
/// Collective; throws what reading throws, on every rank. @pre sparse; the root's stream may be null elsewhere
RowPlan plan_rows(const Comm& comm, Source& source, Index panel_height, Index components);

}  // namespace mpinmf::io
