// H as products W_p H take it.
#pragma once

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// W H is formed for so many columns at a time, so that it stays in cache with the rows of H it is made from.
constexpr Index model_columns = 128;

/// H for products W_p H: k x model_columns for one block of columns after another, each in one piece. A copy that
/// all threads of a walk share.
template <class T>
class BlockedH {
 public:
  BlockedH() = default;
  BlockedH(Index features, Index components);
  static double bytes(Index features, Index components);

  /// Takes in one of `parts` parts of H. @pre ht is n x k
  void fill(ConstMatrixView<T> ht, Index part, Index parts);
  /// The blocks below each other, zeros behind the last column; empty where none were asked for.
  ConstMatrixView<T> view() const { return blocks_.view(); }

 private:
  Matrix<T> blocks_;
};

}  // namespace mpinmf
