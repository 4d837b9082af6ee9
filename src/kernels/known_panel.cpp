// What losses over the known entries of V ask of a panel.
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

#define MPINMF_INSTANTIATE(T)                                                                                     \
  template void cross_known(const RowPanel<T>&, const Factors<T>&, double, const PowerSums<T>&, ModelScratch<T>&, \
                            KnownCost*);                                                                          \
  template void accumulate_known(const RowPanel<T>&, const Factors<T>&, double, const PowerSums<T>&,              \
                                 ModelScratch<T>&, KnownCost*);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
