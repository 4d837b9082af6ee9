#include "proportions.hpp"

#include <algorithm>
#include <numeric>

#include "orderless_sums.hpp"

namespace mpinmf::topics {

std::vector<double> sums_of_rows(ConstMatrixView<double> h) {
  std::vector<double> sums;
  for (Index c = 0; c < h.rows(); ++c) sums.push_back(std::accumulate(h.row(c), h.row(c) + h.columns(), 0.0));
  return sums;
}

std::vector<double> shares_of_components(const Comm& comm, ConstMatrixView<double> w_local, Index rows_global,
                                         std::span<const double> u) {
  double largest = 0;
  for (Index i = 0; i < w_local.rows(); ++i) {
    for (Index c = 0; c < w_local.columns(); ++c) largest = std::max(largest, w_local(i, c));
  }
  OrderlessSums columns(u.size(), rows_global, comm.max(largest));
  for (Index i = 0; i < w_local.rows(); ++i) {
    for (Index c = 0; c < w_local.columns(); ++c) columns.add(static_cast<std::size_t>(c), w_local(i, c));
  }
  std::vector<double> shares = columns.total(comm);
  for (std::size_t c = 0; c < shares.size(); ++c) shares[c] *= u[c];
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share = all > 0 ? share / all : 0;
  return shares;
}

std::vector<double> make_proportions(MatrixView<double> w_local, std::span<const double> u) {
  std::vector<double> sizes(static_cast<std::size_t>(w_local.rows()));
  for (Index i = 0; i < w_local.rows(); ++i) {
    double& size = sizes[static_cast<std::size_t>(i)];
    for (Index c = 0; c < w_local.columns(); ++c) {
      w_local(i, c) *= u[static_cast<std::size_t>(c)];
      size += w_local(i, c);
    }
    for (Index c = 0; c < w_local.columns() && size > 0; ++c) w_local(i, c) /= size;
  }
  return sizes;
}

std::vector<Index> strongest_components(ConstMatrixView<double> proportions) {
  std::vector<Index> strongest;
  for (Index i = 0; i < proportions.rows(); ++i) {
    const double* row = proportions.row(i);
    const double* largest = std::max_element(row, row + proportions.columns());
    strongest.push_back(*largest > 0 ? largest - row : -1);
  }
  return strongest;
}

}  // namespace mpinmf::topics
