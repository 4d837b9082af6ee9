// Which component is the strongest in some rows of V: what a fit in a survey keeps of its W.
#pragma once

#include <string>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::cli {

/// Writes the strongest components of the rows stability::sampled_rows(m), 0 .. k - 1, as integers: of row i the c
/// with the largest w_ic sum_j h_cj, its share of the row's sum, so that it does not matter how components are
/// scaled. Of equal ones the first. w is rows_local x k, ht is n x k. Collective; throws SystemError.
template <class T>
void write_strongest(const Comm& comm, const std::string& path, ConstMatrixView<T> w, ConstMatrixView<T> ht);

}  // namespace mpinmf::cli
