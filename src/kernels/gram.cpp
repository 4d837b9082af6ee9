#include "gram.hpp"

#include <algorithm>
#include <cassert>

#include "vector_kernels.hpp"

namespace mpinmf {
namespace {

/// X' Y in padded rows, from the factors themselves.
void add_products(ConstMatrixView<double> x, ConstMatrixView<double> y, Block<double> product, std::span<double>) {
  vector_kernels<double>().multiply_transposed({x.data(), x.rows(), x.columns(), x.stride()},
                                               {y.data(), y.rows(), y.columns(), y.stride()}, product, 0);
}

/// From blocks of them in double.
void add_products(ConstMatrixView<float> x, ConstMatrixView<float> y, Block<double> product,
                  std::span<double> scratch) {
  const Index stride = product.stride, block_rows = static_cast<Index>(scratch.size()) / stride / 2;
  std::fill(scratch.begin(), scratch.end(), 0.0);
  double *x_block = scratch.data(), *y_block = x_block + block_rows * stride;
  for (Index first = 0; first < x.rows(); first += block_rows) {
    const Index count = std::min(block_rows, x.rows() - first);
    const bool same = x.data() == y.data();
    for (Index i = 0; i < count; ++i) {
      std::copy_n(x.row(first + i), x.columns(), x_block + i * stride);
      if (!same) std::copy_n(y.row(first + i), y.columns(), y_block + i * stride);
    }
    vector_kernels<double>().multiply_transposed(
        {x_block, count, x.columns(), stride}, {same ? x_block : y_block, count, y.columns(), stride}, product, 0);
  }
}

}  // namespace

template <class T>
void add_cross_gram(ConstMatrixView<T> x, ConstMatrixView<T> y, MatrixView<double> gram,
                    std::span<double> scratch) {
  const Index k = x.columns(), stride = padded_to_vector<double>(k);
  assert(gram.rows() == k && gram.columns() == k && static_cast<Index>(scratch.size()) >= gram_scratch<T>(k));
  assert(y.rows() == x.rows() && y.columns() == k);
  const auto padded = static_cast<std::size_t>(k * stride);
  const Block<double> product{scratch.data(), k, k, stride};
  std::fill_n(scratch.begin(), padded, 0.0);
  add_products(x, y, product, scratch.subspan(padded));
  for (Index a = 0; a < k; ++a) {
    for (Index b = 0; b < k; ++b) gram(a, b) += product.data[a * stride + b];
  }
}

template <class T>
void add_gram(ConstMatrixView<T> x, MatrixView<double> gram, std::span<double> scratch) {
  add_cross_gram(x, x, gram, scratch);
}

template <class T>
void add_column_sums(ConstMatrixView<T> x, std::span<double> sums) {
  assert(static_cast<Index>(sums.size()) == x.columns());
  for (Index i = 0; i < x.rows(); ++i) {
    const T* row = x.row(i);
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += static_cast<double>(row[c]);
  }
}

template void add_cross_gram(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<double>,
                             std::span<double>);
template void add_cross_gram(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>,
                             std::span<double>);
template void add_gram(ConstMatrixView<float>, MatrixView<double>, std::span<double>);
template void add_gram(ConstMatrixView<double>, MatrixView<double>, std::span<double>);
template void add_column_sums(ConstMatrixView<float>, std::span<double>);
template void add_column_sums(ConstMatrixView<double>, std::span<double>);

}  // namespace mpinmf
