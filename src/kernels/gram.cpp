#include "gram.hpp"

#include <algorithm>
#include <cassert>

#include "blas.hpp"

namespace mpinmf {
namespace {

void add_gram_of(ConstMatrixView<double> x, MatrixView<double> gram, std::span<double>) {
  multiply_transposed(x, x, gram, 1);
}

void add_gram_of(ConstMatrixView<float> x, MatrixView<double> gram, std::span<double> scratch) {
  const Index block_rows = static_cast<Index>(scratch.size()) / x.columns();
  assert(block_rows > 0);
  for (Index first = 0; first < x.rows(); first += block_rows) {
    const Index count = std::min(block_rows, x.rows() - first);
    const MatrixView<double> block(scratch.data(), count, x.columns(), x.columns());
    for (Index i = 0; i < count; ++i) std::copy_n(x.row(first + i), x.columns(), block.row(i));
    multiply_transposed(block, block, gram, 1);
  }
}

}  // namespace

template <class T>
void add_gram(ConstMatrixView<T> x, MatrixView<double> gram, std::span<double> scratch) {
  assert(gram.rows() == x.columns() && gram.columns() == x.columns());
  add_gram_of(x, gram, scratch);
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
