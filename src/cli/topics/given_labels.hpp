// Labels of rows that a file gives.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/partition.hpp"

namespace mpinmf::cli {

/// Labels are numbered in the order of their bytes.
struct GivenLabels {
  std::vector<std::string> names;  ///< on the root
  Index count = 0;                 ///< of different labels
  std::vector<Index> of_rows;      ///< of all rows, on the root; -1: the line is empty
  std::vector<Index> of_own_rows;  ///< of this rank's, once they are shared out

  /// To the ranks whose rows they are of. Collective.
  void share_out(const Comm& comm, const Partition& partition);
};

/// A line of the file for each of so many rows. Collective; throws on every rank SystemError, BadData
/// (another number of lines, too many different labels).
GivenLabels read_labels(const Comm& comm, const std::string& path, Index rows);

}  // namespace mpinmf::cli
