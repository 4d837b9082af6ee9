// Matrices with known singular values, and LAPACK's full SVD of them.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "init/small_svd.hpp"
#include "mpi_support.hpp"

/// v = u diag(values) w': u is m x r, w is n x r, r = min(m, n).
struct FullSvd {
  mpinmf::Matrix<double> u, w;
  std::vector<double> values;
};

template <class T>
mpinmf::Matrix<double> transposed(const mpinmf::Matrix<T>& x) {
  mpinmf::Matrix<double> result(x.columns(), x.rows());
  for (mpinmf::Index i = 0; i < x.rows(); ++i) {
    for (mpinmf::Index j = 0; j < x.columns(); ++j) result(j, i) = static_cast<double>(x(i, j));
  }
  return result;
}

/// By LAPACK on each rank.
template <class T>
FullSvd full_svd(const mpinmf::Matrix<T>& v) {
  mpinmf::Matrix<double> tall = transposed(v);
  const bool is_wide = v.columns() > v.rows();
  if (!is_wide) tall = transposed(tall);
  mpinmf::SmallSvd svd(tall.rows(), tall.columns());
  mpinmf::decompose(tall.view(), svd);
  mpinmf::Matrix<double> other = transposed(svd.rotation);
  if (is_wide) return {std::move(other), std::move(svd.x), std::move(svd.values)};
  return {std::move(svd.x), std::move(other), std::move(svd.values)};
}

/// Columns of different lengths, so that singular values are well separated.
template <class T>
mpinmf::Matrix<T> graded_matrix(mpinmf::Index rows, mpinmf::Index columns, double share_of_zeros) {
  auto v = random_matrix<T>(rows, columns, 11, share_of_zeros);
  for (mpinmf::Index i = 0; i < rows; ++i) {
    for (mpinmf::Index j = 0; j < columns; ++j)
      v(i, j) *= static_cast<T>(std::pow(0.7, static_cast<double>(j % 12)));
  }
  return v;
}

/// The sum of `rank` products of positive vectors.
template <class T>
mpinmf::Matrix<T> low_rank_matrix(mpinmf::Index rows, mpinmf::Index columns, mpinmf::Index rank) {
  const auto a = graded_matrix<double>(rows, rank, 0), b = graded_matrix<double>(rank, columns, 0);
  mpinmf::Matrix<T> v(rows, columns);
  for (mpinmf::Index i = 0; i < rows; ++i) {
    for (mpinmf::Index j = 0; j < columns; ++j) {
      double sum = 0;
      for (mpinmf::Index r = 0; r < rank; ++r) sum += a(i, r) * b(r, j);
      v(i, j) = static_cast<T>(sum);
    }
  }
  return v;
}
