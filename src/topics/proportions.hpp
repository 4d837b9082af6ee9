// W H as a multinomial topic model: which share of a row, and of all data, is a component's.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::topics {

/// u_c = sum over j of H_cj. h is k x n.
std::vector<double> sums_of_rows(ConstMatrixView<double> h);

/// The share of component c in the sum of W H over all rows: u_c sum_i W_ic, scaled to sum 1 (all 0 where W H =
/// 0). w_local is this rank's rows x k, of rows_global in all. Collective; the same bits however rows are cut.
std::vector<double> shares_of_components(const Comm& comm, ConstMatrixView<double> w_local, Index rows_global,
                                         std::span<const double> u);

/// fastTopics' poisson2multinom, in place: W_ic becomes the proportion L_ic = W_ic u_c / s_i, so that
/// V ~ diag(s) L F with F = H, its rows scaled to sum 1. Returns s, the size of each row: s_i = sum_c W_ic u_c. A
/// row of size 0 stays 0.
std::vector<double> make_proportions(MatrixView<double> w_local, std::span<const double> u);

/// The component with the largest proportion in each row, of equal ones the first; -1 for a row of size 0.
std::vector<Index> strongest_components(ConstMatrixView<double> proportions);

}  // namespace mpinmf::topics
