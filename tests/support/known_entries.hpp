// What plain loops over known entries are made from.
#pragma once

#include <algorithm>
#include <cmath>

#include "mpinmf/matrix.hpp"

struct KnownPair {
  mpinmf::Matrix<double> w, h;  // h is k x n

  double model(mpinmf::Index i, mpinmf::Index j) const {
    double x = 0;
    for (mpinmf::Index c = 0; c < h.rows(); ++c) x += w(i, c) * h(c, j);
    return x;
  }
};

template <class T>
mpinmf::Matrix<T> cast(const mpinmf::Matrix<double>& x) {
  mpinmf::Matrix<T> result(x.rows(), x.columns());
  for (mpinmf::Index i = 0; i < x.rows(); ++i) std::copy_n(x.row(i), x.columns(), result.row(i));
  return result;
}

/// d_beta(v | x)
inline double divergence(double v, double x, double beta) {
  if (beta == 1) return v == 0 ? x : v * std::log(v / x) - v + x;
  if (beta == 0) return v / x - std::log(v / x) - 1;
  return (std::pow(v, beta) + (beta - 1) * std::pow(x, beta) - beta * v * std::pow(x, beta - 1)) /
         (beta * (beta - 1));
}
