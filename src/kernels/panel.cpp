#include "panel.hpp"

#include <algorithm>
#include <cassert>

#include "blas.hpp"

namespace mpinmf {
namespace {

/// The widest vector that the compiler may use: wider ones are split through memory.
#if defined(__AVX512F__)
constexpr Index native_bytes = 64;
#elif defined(__AVX__)
constexpr Index native_bytes = 32;
#else
constexpr Index native_bytes = 16;
#endif

template <class T>
using Pack __attribute__((vector_size(native_bytes), may_alias)) = T;

template <class T>
constexpr Index lanes = native_bytes / static_cast<Index>(sizeof(T));

/// A factor's row is padded to whole lines of vector_bytes; a line is so many packs.
constexpr int packs_per_line = vector_bytes / native_bytes;

/// With more lines of accumulators than this the registers run out.
constexpr int most_lines = 3;

// out_i = sum over entries of v_ij h_j, for `lines` lines of the row from `offset` on.
template <class T, int lines>
void cross_sparse(const SparsePanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out, Index offset) {
  using Vector = Pack<T>;
  constexpr int packs = lines * packs_per_line;
  for (Index i = 0; i < v.rows(); ++i) {
    Vector sums[packs] = {};
    for (Index q = v.begin(i); q < v.end(i); ++q) {
      const T* h = ht.data() + v.indices[q] * ht.stride() + offset;
      for (int c = 0; c < packs; ++c) {
        sums[c] += v.values[q] * *reinterpret_cast<const Vector*>(h + c * lanes<T>);
      }
    }
    for (int c = 0; c < packs; ++c) *reinterpret_cast<Vector*>(out.row(i) + offset + c * lanes<T>) = sums[c];
  }
}

// s_j += v_ij w_i for each entry, for `lines` lines of the row from `offset` on.
template <class T, int lines>
void accumulate_sparse(const SparsePanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s, Index offset) {
  using Vector = Pack<T>;
  constexpr int packs = lines * packs_per_line;
  for (Index i = 0; i < v.rows(); ++i) {
    Vector row[packs];
    for (int c = 0; c < packs; ++c) row[c] = *reinterpret_cast<const Vector*>(w.row(i) + offset + c * lanes<T>);
    for (Index q = v.begin(i); q < v.end(i); ++q) {
      T* sum = s.data() + v.indices[q] * s.stride() + offset;
      for (int c = 0; c < packs; ++c) *reinterpret_cast<Vector*>(sum + c * lanes<T>) += v.values[q] * row[c];
    }
  }
}

/// Calls f.template operator()<lines>(offset) until `stride` elements are covered.
template <class T, class F>
void for_lines(Index stride, F&& f) {
  constexpr Index line = packs_per_line * lanes<T>;
  const Index all = stride / line;
  Index done = 0;
  for (; all - done >= most_lines; done += most_lines) f.template operator()<most_lines>(done * line);
  if (all - done == 2) f.template operator()<2>(done * line);
  if (all - done == 1) f.template operator()<1>(done * line);
}

// sum_c x_c y_c over a padded row
template <class T>
T dot(const T* x, const T* y, Index stride) {
  using Vector = Pack<T>;
  Vector sum = {};
  for (Index c = 0; c < stride; c += lanes<T>) {
    sum += *reinterpret_cast<const Vector*>(x + c) * *reinterpret_cast<const Vector*>(y + c);
  }
  T total = 0;
  for (Index c = 0; c < lanes<T>; ++c) total += sum[c];
  return total;
}

template <class T>
bool is_padded(ConstMatrixView<T> x) {
  return x.stride() == padded_to_vector<T>(x.columns());
}

template <class T>
void cross_one(const SparsePanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out) {
  for_lines<T>(ht.stride(), [&]<int lines>(Index offset) { cross_sparse<T, lines>(v, ht, out, offset); });
}
template <class T>
void cross_one(const DensePanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out) {
  multiply(v.values, ht, out);
}

template <class T>
void accumulate_one(const SparsePanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s) {
  for_lines<T>(w.stride(), [&]<int lines>(Index offset) { accumulate_sparse<T, lines>(v, w, s, offset); });
}
template <class T>
void accumulate_one(const DensePanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s) {
  multiply_transposed(v.values, w, s, 1);
}

template <class T>
void model_one(const SparsePanel<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, std::span<T> out) {
  for (Index i = 0; i < v.rows(); ++i) {
    for (Index q = v.begin(i); q < v.end(i); ++q) {
      out[static_cast<std::size_t>(q)] = dot(w.row(i), ht.row(v.indices[q]), w.stride());
    }
  }
}
template <class T>
void model_one(const DensePanel<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, std::span<T> out) {
  multiply_by_transposed(w, ht, MatrixView<T>(out.data(), v.rows(), v.columns(), v.columns()));
}

template <class T>
DensePanel<T> densify_one(const SparsePanel<T>& v, std::span<T> buffer) {
  const auto count = static_cast<std::size_t>(v.rows() * v.columns());
  assert(buffer.size() >= count);
  std::fill_n(buffer.begin(), count, T(0));
  for (Index i = 0; i < v.rows(); ++i) {
    T* row = buffer.data() + i * v.columns();
    for (Index q = v.begin(i); q < v.end(i); ++q) row[v.indices[q]] = v.values[q];
  }
  return {{buffer.data(), v.rows(), v.columns(), v.columns()}};
}
template <class T>
DensePanel<T> densify_one(const DensePanel<T>& v, std::span<T>) {
  return v;
}

template <class T>
SparsePanel<T> one_row(const SparsePanel<T>& v, Index i) {
  return {1, v.columns(), v.offsets + i, v.indices + v.begin(i), v.values + v.begin(i)};
}
template <class T>
DensePanel<T> one_row(const DensePanel<T>& v, Index i) {
  return {v.values.middle_rows(i, 1)};
}

}  // namespace

template <class T>
void cross(const RowPanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out) {
  assert(ht.rows() == v.columns() && out.rows() == v.rows() && out.columns() == ht.columns());
  assert(is_padded<T>(ht) && is_padded<T>(out));
  v.visit([&](const auto& panel) { cross_one(panel, ht, out); });
}

template <class T>
void accumulate(const RowPanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s) {
  assert(w.rows() == v.rows() && s.rows() == v.columns() && s.columns() == w.columns());
  assert(is_padded<T>(w) && is_padded<T>(s));
  v.visit([&](const auto& panel) { accumulate_one(panel, w, s); });
}

template <class T>
void model_at_stored(const RowPanel<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, std::span<T> out) {
  assert(w.rows() == v.rows() && ht.rows() == v.columns() && w.columns() == ht.columns());
  assert(static_cast<Index>(out.size()) >= v.stored());
  v.visit([&](const auto& panel) { model_one(panel, w, ht, out); });
}

template <class T>
DensePanel<T> densify(const RowPanel<T>& v, std::span<T> buffer) {
  return v.visit([&](const auto& panel) { return densify_one(panel, buffer); });
}

template <class T>
double residual_square(const RowPanel<T>& v, Index i, ConstMatrixView<T> w, ConstMatrixView<T> ht,
                       std::span<T> scratch) {
  const RowPanel<T> row = v.visit([&](const auto& panel) { return RowPanel<T>(one_row(panel, i)); });
  const ConstMatrixView<T> v_row = densify(row, scratch).values;
  double square = 0;
  for (Index j = 0; j < v.columns(); ++j) {
    const double model = dot(w.row(i), ht.row(j), w.stride());
    const double difference = static_cast<double>(v_row(0, j)) - model;
    square += difference * difference;
  }
  return square;
}

#define MPINMF_INSTANTIATE(T)                                                                              \
  template void cross(const RowPanel<T>&, ConstMatrixView<T>, MatrixView<T>);                              \
  template void accumulate(const RowPanel<T>&, ConstMatrixView<T>, MatrixView<T>);                         \
  template void model_at_stored(const RowPanel<T>&, ConstMatrixView<T>, ConstMatrixView<T>, std::span<T>); \
  template DensePanel<T> densify(const RowPanel<T>&, std::span<T>);                                        \
  template double residual_square(const RowPanel<T>&, Index, ConstMatrixView<T>, ConstMatrixView<T>, std::span<T>);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
