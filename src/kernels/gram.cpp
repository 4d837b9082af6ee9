#include "gram.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

#include "blas.hpp"

namespace mpinmf {
namespace {

void add_gram_of(ConstMatrixView<double> x, MatrixView<double> gram) {
  multiply_transposed(x, x, gram, 1);
}

// Single precision goes through double in blocks that stay in the first-level cache.
void add_gram_of(ConstMatrixView<float> x, MatrixView<double> gram) {
  constexpr Index block_rows = 64;
  thread_local std::vector<double> buffer;
  buffer.resize(static_cast<std::size_t>(block_rows * x.columns()));
  for (Index first = 0; first < x.rows(); first += block_rows) {
    const Index count = std::min(block_rows, x.rows() - first);
    const MatrixView<double> block(buffer.data(), count, x.columns(), x.columns());
    for (Index i = 0; i < count; ++i) std::copy_n(x.row(first + i), x.columns(), block.row(i));
    multiply_transposed(block, block, gram, 1);
  }
}

}  // namespace

template <class T>
void add_gram(ConstMatrixView<T> x, MatrixView<double> gram) {
  assert(gram.rows() == x.columns() && gram.columns() == x.columns());
  add_gram_of(x, gram);
}

template <class T>
void add_column_sums(ConstMatrixView<T> x, std::span<double> sums) {
  assert(static_cast<Index>(sums.size()) == x.columns());
  for (Index i = 0; i < x.rows(); ++i) {
    const T* row = x.row(i);
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += static_cast<double>(row[c]);
  }
}

template void add_gram(ConstMatrixView<float>, MatrixView<double>);
template void add_gram(ConstMatrixView<double>, MatrixView<double>);
template void add_column_sums(ConstMatrixView<float>, std::span<double>);
template void add_column_sums(ConstMatrixView<double>, std::span<double>);

}  // namespace mpinmf
