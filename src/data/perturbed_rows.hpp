// The rows of another V with noise on their entries, which is made anew whenever they are read.
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/perturbation.hpp"

namespace mpinmf {

template <class T>
struct PerturbedRows {
  const DataMatrix<T>* plain;
  Perturbation noise;

  /// Some of its rows, in memory that the thread uses again once the panel is gone.
  RowPanel<T> rows(Index first_row, Index count) const;
};

}  // namespace mpinmf
