// Norms of the components, and what is done with them.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf {

/// The norms of the k columns of a factor with non-negative entries whose rows are spread over the ranks of
/// `comm`, in double; 1 where a norm is 0, and everywhere for Norm::none. The same bits on every rank. Collective.
template <class T>
std::vector<double> column_norms(const Comm& comm, ConstMatrixView<T> rows_local, Norm norm);

/// x_ic <- x_ic / scales_c, in double and rounded once. @pre scales.size() == x.columns(). Does not communicate.
template <class T>
void divide_columns(MatrixView<T> x, std::span<const double> scales);
/// x_ic <- x_ic scales_c, likewise.
template <class T>
void multiply_columns(MatrixView<T> x, std::span<const double> scales);

}  // namespace mpinmf
