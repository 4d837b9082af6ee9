// The rows of another V, changed, which are made anew whenever they are read.
#pragma once

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

template <class T>
class MadeRows {
 public:
  explicit MadeRows(const DataMatrix<T>* plain) : plain_(plain) {}
  virtual ~MadeRows() = default;

  const DataMatrix<T>& plain() const { return *plain_; }
  /// Some of its rows, in memory that the thread uses again once the panel is gone.
  virtual RowPanel<T> rows(Index first_row, Index count) const = 0;

 private:
  const DataMatrix<T>* plain_;
};

}  // namespace mpinmf
