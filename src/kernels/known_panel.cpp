// What losses over the known entries of V ask of a panel.
#include <algorithm>
#include <array>
#include <utility>

#include "denormals.hpp"
#include "modelled_columns.hpp"

namespace mpinmf {
namespace {

RowCosts costs_in(KnownCost* cost) {
  return cost == nullptr ? RowCosts{nullptr, nullptr} : RowCosts{cost->losses.data(), &cost->zero_models};
}

template <class T>
ObservedModel<T> observed_model(const Factors<T>& factors, double beta) {
  return {read(factors.w), read(factors.ht), beta, largest_quotient<T>};
}

/// Calls work(columns, numerators, denominators) for blocks of columns that cover the panel.
template <class T, class F>
void for_known_powers(const DensePanel<T>& v, const Factors<T>& factors, double beta, ModelScratch<T>& scratch,
                      KnownCost* cost, F&& work) {
  for_model_columns(v, factors, scratch, [&](const ModelColumns<T>& columns) {
    const MatrixView<T> weights = scratch.weights.view().middle_rows(0, v.rows());
    for (Index i = 0; i < v.rows(); ++i) {
      EntryCost entries{0, 0, 0};
      vector_kernels<T>().observed_powers(
          beta,
          {columns.v.row(i), columns.model.row(i), weights.row(i), nullptr, columns.count,
           v.weights == nullptr ? nullptr : v.weights + i * v.values.stride() + columns.first - v.first_column},
          largest_quotient<T>, cost == nullptr ? nullptr : &entries);
      if (cost == nullptr) continue;
      cost->losses[static_cast<std::size_t>(i)] += entries.loss;
      cost->zero_models += entries.zero_models;
    }
    work(columns, Block<const T>{weights.data(), v.rows(), columns.count, weights.stride()},
         Block<const T>{columns.model.data(), v.rows(), columns.count, columns.model.stride()});
  });
}

template <class T>
void cross_known_of(const SparsePanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& out,
                    ModelScratch<T>&, KnownCost* cost) {
  vector_kernels<T>().cross_observed(rows_of(v), observed_model(factors, beta),
                                     {block(out.numerator), block(out.denominator)}, costs_in(cost));
}
template <class T>
void cross_known_of(const DensePanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& out,
                    ModelScratch<T>& scratch, KnownCost* cost) {
  for_known_powers(v, factors, beta, scratch, cost,
                   [&](const ModelColumns<T>& columns, Block<const T> numerators, Block<const T> denominators) {
                     const Block<const T> h = read(factors.ht.middle_rows(columns.first, columns.count));
                     const bool adds = columns.first > v.first_column;
                     vector_kernels<T>().multiply(numerators, h, block(out.numerator), adds);
                     vector_kernels<T>().multiply(denominators, h, block(out.denominator), adds);
                   });
}

template <class T>
void accumulate_known_of(const SparsePanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& s,
                         ModelScratch<T>&, KnownCost* cost) {
  vector_kernels<T>().accumulate_observed(rows_of(v), observed_model(factors, beta),
                                          {block(s.numerator), block(s.denominator)}, costs_in(cost));
}
template <class T>
void accumulate_known_of(const DensePanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& s,
                         ModelScratch<T>& scratch, KnownCost* cost) {
  for_known_powers(v, factors, beta, scratch, cost,
                   [&](const ModelColumns<T>& columns, Block<const T> numerators, Block<const T> denominators) {
                     const auto add_up = [&](Block<const T> entries, MatrixView<T> to) {
                       vector_kernels<T>().multiply_transposed(
                           entries, read(factors.w), block(to.middle_rows(columns.first, columns.count)), 0);
                     };
                     add_up(numerators, s.numerator);
                     add_up(denominators, s.denominator);
                   });
}

/// work(q, first) for blocks of at most gram_columns columns, from the panel's column `first` on: how often their
/// entries count, p x c.
template <class T, class F>
void for_counts(const DensePanel<T>& v, F&& work) {
  static constexpr auto once = [] {
    std::array<T, gram_columns> ones{};
    for (T& one : ones) one = 1;
    return ones;
  }();
  for (Index first = 0; first < v.columns(); first += gram_columns) {
    const Index count = std::min(gram_columns, v.columns() - first);
    work(v.weights == nullptr ? Block<const T>{once.data(), v.rows(), count, 0}
                              : Block<const T>{v.weights + first, v.rows(), count, v.values.stride()},
         first);
  }
}

template <class T>
void cross_grams_of(const SparsePanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out, ModelScratch<T>&) {
  vector_kernels<T>().cross_grams(rows_of(v), read(ht), block(out));
}
template <class T>
void cross_grams_of(const DensePanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out, ModelScratch<T>& scratch) {
  for_counts(v, [&](Block<const T> counts, Index first) {
    const MatrixView<T> products = scratch.grams.view().middle_rows(0, counts.columns);
    vector_kernels<T>().outer_products(read(ht.middle_rows(v.first_column + first, counts.columns)),
                                       block(products));
    vector_kernels<T>().multiply(counts, read<T>(products), block(out), first > 0);
  });
}

template <class T>
void accumulate_grams_of(const SparsePanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s,
                         ModelScratch<T>& scratch) {
  vector_kernels<T>().accumulate_grams(rows_of(v), read(w), block(s),
                                       {scratch.next.data(), scratch.entry_rows.data(), scratch.grams.data()});
}
template <class T>
void accumulate_grams_of(const DensePanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s, ModelScratch<T>& scratch) {
  const MatrixView<T> products = scratch.grams.view().middle_rows(0, v.rows());
  vector_kernels<T>().outer_products(read(w), block(products));
  for_counts(v, [&](Block<const T> counts, Index first) {
    vector_kernels<T>().multiply_transposed(counts, read<T>(products),
                                            block(s.middle_rows(v.first_column + first, counts.columns)), 0);
  });
}

}  // namespace

template <class T>
void cross_known(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& out,
                 ModelScratch<T>& scratch, KnownCost* cost) {
  const FlushDenormals flush;
  v.visit_whole_rows([&](const auto& panel) { cross_known_of(panel, factors, beta, out, scratch, cost); });
}

template <class T>
void accumulate_known(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& s,
                      ModelScratch<T>& scratch, KnownCost* cost) {
  const FlushDenormals flush;
  v.visit_whole_rows([&](const auto& panel) { accumulate_known_of(panel, factors, beta, s, scratch, cost); });
}

template <class T>
void cross_known_grams(const RowPanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out, ModelScratch<T>& scratch) {
  const FlushDenormals flush;
  v.visit_whole_rows([&](const auto& panel) { cross_grams_of(panel, ht, out, scratch); });
}

template <class T>
void accumulate_known_grams(const RowPanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s,
                            ModelScratch<T>& scratch) {
  const FlushDenormals flush;
  v.visit_whole_rows([&](const auto& panel) { accumulate_grams_of(panel, w, s, scratch); });
}

#define MPINMF_INSTANTIATE(T)                                                                                     \
  template void cross_known(const RowPanel<T>&, const Factors<T>&, double, const PowerSums<T>&, ModelScratch<T>&, \
                            KnownCost*);                                                                          \
  template void accumulate_known(const RowPanel<T>&, const Factors<T>&, double, const PowerSums<T>&,              \
                                 ModelScratch<T>&, KnownCost*);                                                   \
  template void cross_known_grams(const RowPanel<T>&, ConstMatrixView<T>, MatrixView<T>, ModelScratch<T>&);       \
  template void accumulate_known_grams(const RowPanel<T>&, ConstMatrixView<T>, MatrixView<T>, ModelScratch<T>&);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
