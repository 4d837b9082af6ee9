#include "panel.hpp"

#include <algorithm>
#include <cassert>

#include "blocked_panel.hpp"
#include "blocks.hpp"
#include "denormals.hpp"

namespace mpinmf {
namespace {

template <class T>
bool is_padded(ConstMatrixView<T> x) {
  return x.stride() % padded_to_vector<T>(1) == 0;
}

template <class T>
void cross_one(const SparsePanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out) {
  vector_kernels<T>().cross(rows_of(v), read(ht), block(out));
}
template <class T>
void cross_one(const DensePanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out) {
  const ConstMatrixView<T> h = ht.middle_rows(v.first_column, v.columns());
  vector_kernels<T>().multiply(read(v.values), read(h), block(out), false);
}

template <class T>
void accumulate_one(const SparsePanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s) {
  vector_kernels<T>().accumulate(rows_of(v), read(w), block(s));
}
template <class T>
void accumulate_one(const DensePanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s) {
  // the panel below is the next to be read: fetch it while the arithmetic goes on
  const MatrixView<T> sums = s.middle_rows(v.first_column, v.columns());
  vector_kernels<T>().multiply_transposed(read(v.values), read(w), block(sums), v.rows());
}

}  // namespace

template <class T>
void cross(const RowPanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out) {
  const FlushDenormals flush;
  assert(ht.rows() >= v.columns() && out.rows() == v.rows() && out.columns() == ht.columns());
  assert(is_padded<T>(ht) && is_padded<T>(out));
  v.visit([&](const auto& panel) { cross_one(panel, ht, out); });
}

template <class T>
void accumulate(const RowPanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s) {
  const FlushDenormals flush;
  assert(w.rows() == v.rows() && s.rows() >= v.columns() && s.columns() == w.columns());
  assert(is_padded<T>(w) && is_padded<T>(s));
  v.visit([&](const auto& panel) { accumulate_one(panel, w, s); });
}

template <class T>
double residual_square(const RowPanel<T>& v, Index i, const Factors<T>& factors, std::span<double> scratch) {
  const FlushDenormals flush;
  const std::span<double> difference = scratch.first(static_cast<std::size_t>(v.columns()));
  row_products<T>(factors.ht, factors.w.middle_rows(i, 1), difference);
  v.for_stored(i,
               [&](Index j, T value) { difference[static_cast<std::size_t>(j)] -= static_cast<double>(value); });
  double square = 0;
  for (const double d : difference) square += d * d;
  return square;
}

template <class T>
void multiply_padded(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> c) {
  const FlushDenormals flush;
  assert(a.columns() == b.rows() && c.rows() == a.rows() && c.columns() == b.columns());
  assert(is_padded<T>(b) && is_padded<T>(c));
  vector_kernels<T>().multiply(read(a), read(b), block(c), false);
}

template <class T>
void row_products(ConstMatrixView<T> x, ConstMatrixView<T> y, std::span<double> products) {
  assert(x.columns() == y.columns() && static_cast<Index>(products.size()) >= x.rows());
  Block<const T> other = read(y);
  if (y.rows() == 1) other.stride = 0;
  vector_kernels<T>().row_products(read(x), other, products.data());
}

#define MPINMF_INSTANTIATE(T)                                                                       \
  template void cross(const RowPanel<T>&, ConstMatrixView<T>, MatrixView<T>);                       \
  template void accumulate(const RowPanel<T>&, ConstMatrixView<T>, MatrixView<T>);                  \
  template double residual_square(const RowPanel<T>&, Index, const Factors<T>&, std::span<double>); \
  template void multiply_padded(ConstMatrixView<T>, ConstMatrixView<T>, MatrixView<T>);             \
  template void row_products(ConstMatrixView<T>, ConstMatrixView<T>, std::span<double>);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
