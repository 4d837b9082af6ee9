// How much memory a fit takes beside V: what its parts say that they allocate.
#pragma once

#include <string>

#include "losses/panel_loss.hpp"

namespace mpinmf {

struct FitSizes {
  Index rows = 0, features = 0, components = 1;  ///< rows of V on this rank
  double entry_bytes = 0;                        ///< of these rows (DataMatrix::entry_bytes)
  PanelSizes tile = {};                          ///< of these rows, at most
  int ranks = 1, threads = 1;
  bool extrapolated = false;
};

struct FitBytes {
  double w = 0;           ///< W, and what is kept for each of its rows
  double h_and_sums = 0;  ///< H, the sums its update is computed from, and what MPI needs to add them up
  double scratch = 0;     ///< work space of the threads in a walk over V
};

/// On a rank that moves H. `rule`: its name; empty: the one that fits any loss.
template <class T>
FitBytes fit_bytes(const FitSizes& sizes, const Loss& loss, const std::string& rule);
/// In which its sweeps want V to lie.
template <class T>
Layout layout_of_fit(const Loss& loss, const std::string& rule);

}  // namespace mpinmf
