// The rows of another V with noise on their entries, which is made anew whenever they are read.
#pragma once

#include "made_rows.hpp"
#include "mpinmf/perturbation.hpp"

namespace mpinmf {

template <class T>
class PerturbedRows final : public MadeRows<T> {
 public:
  PerturbedRows(const DataMatrix<T>& plain, const Perturbation& noise) : MadeRows<T>(&plain), noise_(noise) {}

  RowPanel<T> rows(Index first_row, Index count) const override;

 private:
  Perturbation noise_;
};

}  // namespace mpinmf
