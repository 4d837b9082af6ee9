#include "panel.hpp"

#include <algorithm>
#include <cassert>

#include "blocked_panel.hpp"
#include "blocks.hpp"
#include "denormals.hpp"

namespace mpinmf {
namespace {

/// W H is formed for so many columns at a time, so that it stays in cache with the rows of H it is made from.
constexpr Index model_columns = 128;

template <class T>
bool is_padded(ConstMatrixView<T> x) {
  return x.stride() % padded_to_vector<T>(1) == 0;
}

template <class T>
SparseRows<T> rows_of(const SparsePanel<T>& v) {
  return {v.rows(), v.begins, v.ends, v.indices, v.values};
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

/// Some columns of a panel with every entry stored: a view of it when dense, else a copy in `buffer`.
template <class T>
ConstMatrixView<T> dense_columns(const DensePanel<T>& v, Index first, Index count, Matrix<T>&) {
  return {v.values.data() + (first - v.first_column), v.rows(), count, v.values.stride()};
}
template <class T>
ConstMatrixView<T> dense_columns(const SparsePanel<T>& v, Index first, Index count, Matrix<T>& buffer) {
  const MatrixView<T> values = buffer.view().middle_rows(0, v.rows());
  for (Index i = 0; i < v.rows(); ++i) {
    std::fill_n(values.row(i), count, T(0));
    const ColumnIndex* end = v.indices + v.ends[i];
    const ColumnIndex* entry = std::lower_bound(v.indices + v.begins[i], end, first);
    for (; entry != end && *entry < first + count; ++entry)
      values(i, *entry - first) = v.values[entry - v.indices];
  }
  return {values.data(), v.rows(), count, values.stride()};
}

/// Some columns of V and of x = W_p H.
template <class T>
struct ModelColumns {
  Index first, count;
  ConstMatrixView<T> v;
  MatrixView<T> model;
};

/// Calls work(columns) for blocks of columns that cover the panel.
template <class T, class Panel, class F>
void for_model_columns(const Panel& v, const Factors<T>& factors, ModelScratch<T>& scratch, F&& work) {
  const Index end = v.first_column + v.columns();
  for (Index first = v.first_column; first < end; first += model_columns) {
    const Index count = std::min(model_columns, end - first);
    const MatrixView<T> h = scratch.h.view();
    for (Index j = 0; j < count; ++j) {
      for (Index c = 0; c < h.rows(); ++c) h(c, j) = factors.ht(first + j, c);
    }
    const MatrixView<T> model = scratch.model.view().middle_rows(0, v.rows());
    const Block<T> x{model.data(), v.rows(), count, model.stride()};
    vector_kernels<T>().multiply(read(factors.w), {h.data(), h.rows(), count, h.stride()}, x, false);
    work(ModelColumns<T>{first, count, dense_columns(v, first, count, scratch.values), model});
  }
}

template <class T>
void cross_quotients_of(const SparsePanel<T>& v, const Factors<T>& factors, MatrixView<T> out,
                        ModelScratch<T>& scratch, EntryCost* cost) {
  vector_kernels<T>().cross_quotients(rows_of(v), read(factors.w), read(factors.ht), block(out),
                                      scratch.row.data(), largest_quotient<T>, cost);
}
template <class T>
void cross_quotients_of(const DensePanel<T>& v, const Factors<T>& factors, MatrixView<T> out,
                        ModelScratch<T>& scratch, EntryCost* cost) {
  const VectorKernels<T>& kernels = vector_kernels<T>();
  for_model_columns(v, factors, scratch, [&](const ModelColumns<T>& columns) {
    for (Index i = 0; i < v.rows(); ++i) {
      kernels.quotients(columns.v.row(i), columns.model.row(i), nullptr, columns.count, largest_quotient<T>, cost);
    }
    const ConstMatrixView<T> h = factors.ht.middle_rows(columns.first, columns.count);
    kernels.multiply({columns.model.data(), v.rows(), columns.count, columns.model.stride()}, read(h), block(out),
                     columns.first > v.first_column);
  });
}

template <class T>
void accumulate_quotients_of(const SparsePanel<T>& v, const Factors<T>& factors, const QuotientSums<T>& s,
                             ModelScratch<T>& scratch, EntryCost* cost) {
  vector_kernels<T>().accumulate_quotients(rows_of(v), read(factors.w), read(factors.ht),
                                           {block(s.numerator), block(s.curvature)}, scratch.row.data(),
                                           largest_quotient<T>, cost);
}

template <class T>
void square_entries(ConstMatrixView<T> x, MatrixView<T> squares) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.stride(); ++c) squares.row(i)[c] = x.row(i)[c] * x.row(i)[c];
  }
}
template <class T>
void accumulate_quotients_of(const DensePanel<T>& v, const Factors<T>& factors, const QuotientSums<T>& s,
                             ModelScratch<T>& scratch, EntryCost* cost) {
  const VectorKernels<T>& kernels = vector_kernels<T>();
  const bool has_curvature = s.curvature.rows() > 0;
  MatrixView<T> weights, squares;
  if (has_curvature) {
    weights = scratch.weights.view().middle_rows(0, v.rows());
    squares = s.squares.middle_rows(0, v.rows());
    square_entries<T>(factors.w, squares);
  }
  for_model_columns(v, factors, scratch, [&](const ModelColumns<T>& columns) {
    for (Index i = 0; i < v.rows(); ++i) {
      kernels.quotients(columns.v.row(i), columns.model.row(i), has_curvature ? weights.row(i) : nullptr,
                        columns.count, largest_quotient<T>, cost);
    }
    const auto add_up = [&](MatrixView<T> entries, ConstMatrixView<T> w, MatrixView<T> to) {
      kernels.multiply_transposed({entries.data(), v.rows(), columns.count, entries.stride()}, read(w),
                                  block(to.middle_rows(columns.first, columns.count)), 0);
    };
    add_up(columns.model, factors.w, s.numerator);
    if (has_curvature) add_up(weights, squares, s.curvature);
  });
}

template <class T>
double newton_rounds_of(const SparsePanel<T>& v, MatrixView<T> w, const NewtonH<T>& h,
                        const NewtonSettings<T>& settings, double* scratch) {
  return vector_kernels<T>().newton_rounds(rows_of(v), block(w), read(h.ht), read(h.column_sums), settings,
                                           scratch);
}
template <class T>
double newton_rounds_of(const DensePanel<T>& v, MatrixView<T> w, const NewtonH<T>& h,
                        const NewtonSettings<T>& settings, double* scratch) {
  assert(v.first_column == 0 && v.columns() == h.ht.rows());
  return vector_kernels<T>().dense_newton_rounds(read(v.values), block(w), read(h.ht), read(h.column_sums),
                                                 settings, scratch);
}

/// Calls work(columns, numerator weights, denominator weights) for blocks of columns that cover the panel.
template <class T, class F>
void for_powers(const RowPanel<T>& v, const Factors<T>& factors, double beta, ModelScratch<T>& scratch,
                EntryCost* cost, F&& work) {
  v.visit_whole_rows([&](const auto& panel) {
    for_model_columns(panel, factors, scratch, [&](const ModelColumns<T>& columns) {
      const MatrixView<T> weights = scratch.weights.view().middle_rows(0, panel.rows());
      for (Index i = 0; i < panel.rows(); ++i) {
        vector_kernels<T>().powers(beta, columns.v.row(i), columns.model.row(i), weights.row(i), columns.count,
                                   largest_quotient<T>, cost);
      }
      work(columns, Block<const T>{weights.data(), panel.rows(), columns.count, weights.stride()},
           Block<const T>{columns.model.data(), panel.rows(), columns.count, columns.model.stride()});
    });
  });
}

}  // namespace

template <class T>
void ModelScratch<T>::reserve(const ModelRoom& room) {
  const Index rows[] = {room.components, room.rows, room.weight_rows, room.value_rows};
  Matrix<T>* const blocks[] = {&h, &model, &weights, &values};
  for (int b = 0; b < 4; ++b) {
    if (rows[b] > 0) *blocks[b] = Matrix<T>::padded(rows[b], model_columns);
  }
  row.resize(std::max(row.size(), static_cast<std::size_t>(room.longest_row)));
  newton.resize(std::max(newton.size(), static_cast<std::size_t>(room.newton)));
}

template <class T>
double ModelScratch<T>::bytes(const ModelRoom& room) {
  return padded_bytes<T>(room.components + room.rows + room.weight_rows + room.value_rows, model_columns) +
         plain_bytes<T>(1, room.longest_row) + plain_bytes<double>(1, room.newton);
}

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
void cross_quotients(const RowPanel<T>& v, const Factors<T>& factors, MatrixView<T> out, ModelScratch<T>& scratch,
                     EntryCost* cost) {
  const FlushDenormals flush;
  assert(factors.w.rows() == v.rows() && out.rows() == v.rows() && out.columns() == factors.ht.columns());
  v.visit_whole_rows([&](const auto& panel) { cross_quotients_of(panel, factors, out, scratch, cost); });
}

template <class T>
void accumulate_quotients(const RowPanel<T>& v, const Factors<T>& factors, const QuotientSums<T>& s,
                          ModelScratch<T>& scratch, EntryCost* cost) {
  const FlushDenormals flush;
  assert(factors.w.rows() == v.rows() && s.numerator.rows() == factors.ht.rows() &&
         s.numerator.columns() == factors.w.columns());
  v.visit_whole_rows([&](const auto& panel) { accumulate_quotients_of(panel, factors, s, scratch, cost); });
}

template <class T>
void cross_powers(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& out,
                  ModelScratch<T>& scratch, EntryCost* cost) {
  const FlushDenormals flush;
  for_powers(v, factors, beta, scratch, cost,
             [&](const ModelColumns<T>& columns, Block<const T> numerators, Block<const T> denominators) {
               const ConstMatrixView<T> h = factors.ht.middle_rows(columns.first, columns.count);
               const bool add = columns.first > 0;
               vector_kernels<T>().multiply(numerators, read(h), block(out.numerator), add);
               vector_kernels<T>().multiply(denominators, read(h), block(out.denominator), add);
             });
}

template <class T>
void accumulate_powers(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& s,
                       ModelScratch<T>& scratch, EntryCost* cost) {
  const FlushDenormals flush;
  for_powers(v, factors, beta, scratch, cost,
             [&](const ModelColumns<T>& columns, Block<const T> numerators, Block<const T> denominators) {
               const auto rows = [&](MatrixView<T> x) {
                 return block(x.middle_rows(columns.first, columns.count));
               };
               vector_kernels<T>().multiply_transposed(numerators, read(factors.w), rows(s.numerator), 0);
               vector_kernels<T>().multiply_transposed(denominators, read(factors.w), rows(s.denominator), 0);
             });
}

template <class T>
double newton_rounds(const RowPanel<T>& v, MatrixView<T> w, const NewtonH<T>& h, const NewtonSettings<T>& settings,
                     ModelScratch<T>& scratch) {
  const FlushDenormals flush;
  assert(w.rows() == v.rows() && h.ht.columns() == w.columns() && h.column_sums.columns() == w.columns());
  return v.visit_whole_rows(
      [&](const auto& panel) { return newton_rounds_of(panel, w, h, settings, scratch.newton.data()); });
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

#define MPINMF_INSTANTIATE(T)                                                                                   \
  template struct ModelScratch<T>;                                                                              \
  template void cross(const RowPanel<T>&, ConstMatrixView<T>, MatrixView<T>);                                   \
  template void accumulate(const RowPanel<T>&, ConstMatrixView<T>, MatrixView<T>);                              \
  template void cross_quotients(const RowPanel<T>&, const Factors<T>&, MatrixView<T>, ModelScratch<T>&,         \
                                EntryCost*);                                                                    \
  template void accumulate_quotients(const RowPanel<T>&, const Factors<T>&, const QuotientSums<T>&,             \
                                     ModelScratch<T>&, EntryCost*);                                             \
  template void cross_powers(const RowPanel<T>&, const Factors<T>&, double, const PowerSums<T>&,                \
                             ModelScratch<T>&, EntryCost*);                                                     \
  template void accumulate_powers(const RowPanel<T>&, const Factors<T>&, double, const PowerSums<T>&,           \
                                  ModelScratch<T>&, EntryCost*);                                                \
  template double newton_rounds(const RowPanel<T>&, MatrixView<T>, const NewtonH<T>&, const NewtonSettings<T>&, \
                                ModelScratch<T>&);                                                              \
  template double residual_square(const RowPanel<T>&, Index, const Factors<T>&, std::span<double>);             \
  template void multiply_padded(ConstMatrixView<T>, ConstMatrixView<T>, MatrixView<T>);                         \
  template void row_products(ConstMatrixView<T>, ConstMatrixView<T>, std::span<double>);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
