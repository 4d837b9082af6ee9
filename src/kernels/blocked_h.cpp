#include "blocked_h.hpp"

#include <algorithm>
#include <cassert>

namespace mpinmf {
namespace {

Index blocks_of(Index features) {
  return (features + model_columns - 1) / model_columns;
}

}  // namespace

/// The last block may be read from the middle of its last row for a whole number of lines: one row more.
template <class T>
BlockedH<T>::BlockedH(Index features, Index components)
    : blocks_(Matrix<T>::padded(blocks_of(features) * components + 1, model_columns)) {}

template <class T>
double BlockedH<T>::bytes(Index features, Index components) {
  return padded_bytes<T>(blocks_of(features) * components + 1, model_columns);
}

template <class T>
void BlockedH<T>::fill(ConstMatrixView<T> ht, Index part, Index parts) {
  const Index blocks = blocks_of(ht.rows()), k = ht.columns();
  assert(blocks_.rows() == blocks * k + 1);
  for (Index b = blocks * part / parts; b < blocks * (part + 1) / parts; ++b) {
    const MatrixView<T> block = blocks_.view().middle_rows(b * k, k);
    const Index first = b * model_columns, count = std::min(model_columns, ht.rows() - first);
    for (Index j = 0; j < count; ++j) {
      for (Index c = 0; c < k; ++c) block(c, j) = ht(first + j, c);
    }
  }
}

template class BlockedH<float>;
template class BlockedH<double>;

}  // namespace mpinmf
