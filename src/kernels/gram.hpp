// The small k x k and length-k sums of a factor, always in double.
#pragma once

#include <span>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// gram += X' X. @pre x is r x k, gram is k x k
template <class T>
void add_gram(ConstMatrixView<T> x, MatrixView<double> gram);

/// sums_c += sum over rows of x_c. @pre sums.size() == x.columns()
template <class T>
void add_column_sums(ConstMatrixView<T> x, std::span<double> sums);

}  // namespace mpinmf
