// Which component is the strongest in some rows of V: what a fit in a survey keeps of its W.
#pragma once

#include <string>

#include "mpinmf/comm.hpp"
#include "mpinmf/nmf.hpp"

namespace mpinmf::cli {

/// Writes the strongest components of the rows stability::sampled_rows(m), 0 .. k - 1, as integers: of row i the c
/// with the largest w_ic d_c sum_j h_cj (d: what the model keeps apart, else 1), its share of the row's sum, so
/// that it does not matter how components are scaled. Of equal ones the first. Collective; throws SystemError.
template <class T>
void write_strongest(const Comm& comm, const std::string& path, const Nmf<T>& model);

}  // namespace mpinmf::cli
