// The rows of another V without the entries that are held out, or of these alone.
#pragma once

#include <vector>

#include "made_rows.hpp"
#include "mpinmf/holdout.hpp"

namespace mpinmf {

enum class HeldPart {
  marked,   ///< all entries, NaN where they are held out
  dropped,  ///< of the stored entries those that are not held out
  held,     ///< those that are held out and known, zeros among them: sparse rows
};

template <class T>
class HeldOutRows final : public MadeRows<T> {
 public:
  HeldOutRows(const DataMatrix<T>& plain, const Holdout& holdout, HeldPart part);

  RowPanel<T> rows(Index first_row, Index count) const override;
  /// Where rows begin; without indices and values. @pre they are sparse
  CsrView<T> view() const { return {this->plain().columns(), offsets_, {}, {}}; }
  bool is_sparse() const { return !offsets_.empty(); }

 private:
  class Maker;
  RowPanel<T> marked_dense(Index first_row, Index count) const;

  Holdout holdout_;
  HeldPart part_;
  std::vector<Index> offsets_;  // none: dense
};

}  // namespace mpinmf
