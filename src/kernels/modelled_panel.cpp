// What losses ask of a panel whose model x = W_p H is formed, entry by entry.
#include <algorithm>
#include <cassert>

#include "blocks.hpp"
#include "denormals.hpp"
#include "modelled_columns.hpp"

namespace mpinmf {
namespace {

/// Which half of the panel below is fetched into cache in one of the two products with quotients.
enum class Half { even_rows, odd_rows };

/// x <- V / x in these columns, and V / x^2 into `seconds` unless that is empty.
template <class T>
void divide(const ModelColumns<T>& columns, MatrixView<T> seconds, Half half, EntryCost* cost) {
  const Index rows = columns.v.rows();
  for (Index i = 0; i < rows; ++i) {
    const bool fetches = (i % 2 == 0) == (half == Half::even_rows);
    T* second = seconds.rows() == 0 ? nullptr : seconds.row(i);
    vector_kernels<T>().quotients({columns.v.row(i), columns.model.row(i), second, columns.count},
                                  fetches ? rows * columns.v.stride() : 0, largest_quotient<T>, cost);
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
  for_model_columns(v, factors, scratch, [&](const ModelColumns<T>& columns) {
    divide<T>(columns, {}, Half::even_rows, cost);
    const ConstMatrixView<T> h = factors.ht.middle_rows(columns.first, columns.count);
    vector_kernels<T>().multiply({columns.model.data(), v.rows(), columns.count, columns.model.stride()}, read(h),
                                 block(out), columns.first > v.first_column);
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
  const bool has_curvature = s.curvature.rows() > 0;
  MatrixView<T> seconds, squares;
  if (has_curvature) {
    seconds = scratch.weights.view().middle_rows(0, v.rows());
    squares = s.squares.middle_rows(0, v.rows());
    square_entries<T>(factors.w, squares);
  }
  for_model_columns(v, factors, scratch, [&](const ModelColumns<T>& columns) {
    divide<T>(columns, seconds, Half::odd_rows, cost);
    const auto add_up = [&](MatrixView<T> entries, ConstMatrixView<T> w, MatrixView<T> to) {
      vector_kernels<T>().multiply_transposed({entries.data(), v.rows(), columns.count, entries.stride()}, read(w),
                                              block(to.middle_rows(columns.first, columns.count)), 0);
    };
    add_up(columns.model, factors.w, s.numerator);
    if (has_curvature) add_up(seconds, squares, s.curvature);
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
  return vector_kernels<T>().dense_newton_rounds(read(v.values), block(w), read(h.blocked), read(h.column_sums),
                                                 settings, scratch);
}

/// What powers make of a block of columns: in place of V, for the numerator and the denominator, and where it is
/// asked for for the curvature.
template <class T>
struct PoweredColumns {
  Index first, count;
  Block<const T> numerators, denominators, curvatures;
};
/// Calls work(powers) for blocks of columns that cover the panel.
template <class T, class F>
void for_powers(const RowPanel<T>& v, const Factors<T>& factors, double beta, bool has_curvature,
                ModelScratch<T>& scratch, EntryCost* cost, F&& work) {
  v.visit_whole_rows([&](const auto& panel) {
    for_model_columns(panel, factors, scratch, [&](const ModelColumns<T>& columns) {
      const MatrixView<T> weights = scratch.weights.view().middle_rows(0, panel.rows());
      MatrixView<T> curvatures;
      if (has_curvature) curvatures = scratch.curvatures.view().middle_rows(0, panel.rows());
      for (Index i = 0; i < panel.rows(); ++i) {
        T* const curvature = has_curvature ? curvatures.row(i) : nullptr;
        vector_kernels<T>().powers(
            beta, {columns.v.row(i), columns.model.row(i), weights.row(i), curvature, columns.count},
            largest_quotient<T>, cost);
      }
      const auto block_of = [&](MatrixView<T> x) {
        return Block<const T>{x.data(), panel.rows(), columns.count, x.stride()};
      };
      work(PoweredColumns<T>{columns.first, columns.count, block_of(weights), block_of(columns.model),
                             block_of(curvatures)});
    });
  });
}

}  // namespace

template <class T>
void ModelScratch<T>::reserve(const ModelRoom& room) {
  const Index rows[] = {room.rows, room.weight_rows, room.value_rows, room.curvature_rows};
  Matrix<T>* const blocks[] = {&model, &weights, &values, &curvatures};
  for (int b = 0; b < 4; ++b) {
    if (rows[b] > 0) *blocks[b] = Matrix<T>::padded(rows[b], model_columns);
  }
  if (room.squares > 0) squares = Matrix<T>::padded(room.square_rows(), room.squares);
  if (room.gram_rows > 0) grams = Matrix<T>::padded(room.gram_rows, room.gram_numbers);
  next.resize(std::max(next.size(), static_cast<std::size_t>(room.gram_rows)));
  entry_rows.resize(std::max(entry_rows.size(), static_cast<std::size_t>(room.gram_rows * gram_columns)));
  row.resize(std::max(row.size(), static_cast<std::size_t>(room.longest_row)));
  newton.resize(std::max(newton.size(), static_cast<std::size_t>(room.newton)));
}

template <class T>
double ModelScratch<T>::bytes(const ModelRoom& room) {
  return padded_bytes<T>(room.rows + room.weight_rows + room.value_rows + room.curvature_rows, model_columns) +
         (room.squares > 0 ? padded_bytes<T>(room.square_rows(), room.squares) : 0) +
         (room.gram_rows > 0 ? padded_bytes<T>(room.gram_rows, room.gram_numbers) : 0) +
         plain_bytes<Index>(1, room.gram_rows) + plain_bytes<std::int32_t>(room.gram_rows, gram_columns) +
         plain_bytes<T>(1, room.longest_row) + plain_bytes<double>(1, room.newton);
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
  const bool has_curvature = out.curvature.rows() > 0;
  for_powers(v, factors, beta, has_curvature, scratch, cost, [&](const PoweredColumns<T>& columns) {
    const ConstMatrixView<T> h = factors.ht.middle_rows(columns.first, columns.count);
    const auto add_up = [&](Block<const T> entries, ConstMatrixView<T> x, MatrixView<T> to) {
      vector_kernels<T>().multiply(entries, read(x), block(to), columns.first > 0);
    };
    add_up(columns.numerators, h, out.numerator);
    add_up(columns.denominators, h, out.denominator);
    if (!has_curvature) return;
    const MatrixView<T> squares = scratch.squares.view().middle_rows(0, columns.count);
    square_entries<T>(h, squares);
    add_up(columns.curvatures, squares, out.curvature);
  });
}

template <class T>
void accumulate_powers(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& s,
                       ModelScratch<T>& scratch, EntryCost* cost) {
  const FlushDenormals flush;
  const bool has_curvature = s.curvature.rows() > 0;
  MatrixView<T> squares;
  if (has_curvature) {
    squares = scratch.squares.view().middle_rows(0, v.rows());
    square_entries<T>(factors.w, squares);
  }
  for_powers(v, factors, beta, has_curvature, scratch, cost, [&](const PoweredColumns<T>& columns) {
    const auto add_up = [&](Block<const T> entries, ConstMatrixView<T> w, MatrixView<T> to) {
      vector_kernels<T>().multiply_transposed(entries, read(w),
                                              block(to.middle_rows(columns.first, columns.count)), 0);
    };
    add_up(columns.numerators, factors.w, s.numerator);
    add_up(columns.denominators, factors.w, s.denominator);
    if (has_curvature) add_up(columns.curvatures, squares, s.curvature);
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

#define MPINMF_INSTANTIATE(T)                                                                                   \
  template struct ModelScratch<T>;                                                                              \
  template void cross_quotients(const RowPanel<T>&, const Factors<T>&, MatrixView<T>, ModelScratch<T>&,         \
                                EntryCost*);                                                                    \
  template void accumulate_quotients(const RowPanel<T>&, const Factors<T>&, const QuotientSums<T>&,             \
                                     ModelScratch<T>&, EntryCost*);                                             \
  template void cross_powers(const RowPanel<T>&, const Factors<T>&, double, const PowerSums<T>&,                \
                             ModelScratch<T>&, EntryCost*);                                                     \
  template void accumulate_powers(const RowPanel<T>&, const Factors<T>&, double, const PowerSums<T>&,           \
                                  ModelScratch<T>&, EntryCost*);                                                \
  template double newton_rounds(const RowPanel<T>&, MatrixView<T>, const NewtonH<T>&, const NewtonSettings<T>&, \
                                ModelScratch<T>&);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
