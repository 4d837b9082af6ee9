#include "gram.hpp"

#include <algorithm>
#include <cassert>

#include "vector_kernels.hpp"

namespace mpinmf {
namespace {

void multiply_with_itself(Block<const double> x, Block<double> product) {
  vector_kernels<double>().multiply_transposed(x, x, product, 0);
}

/// X' X in padded rows, from X itself.
void add_squares(ConstMatrixView<double> x, Block<double> product, std::span<double>) {
  multiply_with_itself({x.data(), x.rows(), x.columns(), x.stride()}, product);
}

/// From blocks of X in double.
void add_squares(ConstMatrixView<float> x, Block<double> product, std::span<double> scratch) {
  const Index stride = product.stride, block_rows = static_cast<Index>(scratch.size()) / stride;
  std::fill(scratch.begin(), scratch.end(), 0.0);
  for (Index first = 0; first < x.rows(); first += block_rows) {
    const Index count = std::min(block_rows, x.rows() - first);
    for (Index i = 0; i < count; ++i) std::copy_n(x.row(first + i), x.columns(), scratch.data() + i * stride);
    multiply_with_itself({scratch.data(), count, x.columns(), stride}, product);
  }
}

}  // namespace

template <class T>
void add_gram(ConstMatrixView<T> x, MatrixView<double> gram, std::span<double> scratch) {
  const Index k = x.columns(), stride = padded_to_vector<double>(k);
  assert(gram.rows() == k && gram.columns() == k && static_cast<Index>(scratch.size()) >= gram_scratch<T>(k));
  const auto padded = static_cast<std::size_t>(k * stride);
  const Block<double> product{scratch.data(), k, k, stride};
  std::fill_n(scratch.begin(), padded, 0.0);
  add_squares(x, product, scratch.subspan(padded));
  for (Index a = 0; a < k; ++a) {
    for (Index b = 0; b < k; ++b) gram(a, b) += product.data[a * stride + b];
  }
}

template <class T>
void add_column_sums(ConstMatrixView<T> x, std::span<double> sums) {
  assert(static_cast<Index>(sums.size()) == x.columns());
  for (Index i = 0; i < x.rows(); ++i) {
    const T* row = x.row(i);
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += static_cast<double>(row[c]);
  }
}

template void add_gram(ConstMatrixView<float>, MatrixView<double>, std::span<double>);
template void add_gram(ConstMatrixView<double>, MatrixView<double>, std::span<double>);
template void add_column_sums(ConstMatrixView<float>, std::span<double>);
template void add_column_sums(ConstMatrixView<double>, std::span<double>);

}  // namespace mpinmf
