// V whose rows or columns have weights, as another V that counts all alike. A beta-divergence is homogeneous,
// d_beta(s v | s x) = s^beta d_beta(v | x) (Fevotte and Idier 2011, equation 2), so that with weights r of rows
// and c of columns
//
//   sum_ij r_i c_j d_beta(v_ij | (W H)_ij) = sum_ij d_beta(v'_ij | (W' H')_ij),
//   V' = diag(r)^(1/beta) V diag(c)^(1/beta),  W' = diag(r)^(1/beta) W,  H' = H diag(c)^(1/beta).
#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "line_weights.hpp"
#include "placed_rows.hpp"

namespace mpinmf {
namespace {

/// weight^(1 / beta), or 0 where numbers of T have no such small one.
template <class T>
std::vector<double> scales_for(std::vector<double> weights, double beta, const std::string& name) {
  for (double& weight : weights) {
    const double scale = std::pow(weight, 1 / beta);
    if (!(scale <= static_cast<double>(std::numeric_limits<T>::max()))) {
      throw BadData(
          fmt::format("{}: the weight {:g} to the power of 1 / {:g}, by which V is multiplied, leaves the range "
                      "of {} precision "
                      "numbers: divide all weights by the largest",
                      name, weight, beta, sizeof(T) == 4 ? "single" : "double"));
    }
    weight = scale >= static_cast<double>(std::numeric_limits<T>::min()) ? scale : 0;
  }
  return weights;
}

/// Values of our own, wherever they lie.
template <class T>
struct OwnValues {
  T* plain = nullptr;  ///< or
  NarrowValues<T>* narrow = nullptr;

  bool are_there() const { return plain != nullptr || narrow != nullptr; }
  T operator[](Index q) const { return narrow == nullptr ? plain[q] : (*narrow)[q]; }
  void set(Index q, T value, const std::string& name) const {
    if (narrow == nullptr) {
      plain[q] = value;
    } else if (!narrow->set(q, value)) {
      throw UsageError(
          fmt::format("{}: its values are held as whole numbers, which weights of rows or columns make fractions "
                      "of: hold them "
                      "as floating point (--storage-type auto)",
                      name));
    }
  }
};

}  // namespace

template <class T>
double DataMatrix<T>::scale_own_values(const WeightScales& scales, Missing missing) {
  PlacedRows<T>* const placed = rows_.placed();
  const OwnValues<T> values{rows_.own_values(), placed != nullptr && placed->narrow ? &*placed->narrow : nullptr};
  if (rows_local() > 0 && !values.are_there()) {
    throw UsageError(
        fmt::format("{}: rows that are read in place cannot be scaled by weights: hand over a copy", name_));
  }
  std::vector<double> columns = scales.of_columns;
  for (std::size_t j = 0; j < column_order_.size() && !columns.empty(); ++j)
    columns[j] = scales.of_columns[static_cast<std::size_t>(column_order_[j])];
  const double of_all_columns = std::accumulate(columns.begin(), columns.end(), 0.0);
  const auto* const sparse = std::get_if<CsrView<T>>(&rows_.view);
  const bool knows_gaps = sparse != nullptr && missing != Missing::zeros;
  double known = 0;
  const auto scale_row = [&](Index i) {
    const double of_row = columns.empty() ? scales.of_rows[static_cast<std::size_t>(i)] : 0;
    const Index begin = stored_before(i), end = stored_before(i + 1);
    double of_stored = 0;
    for (Index q = begin; q < end; ++q) {
      const Index j = sparse == nullptr ? q - begin : Index{sparse->indices[static_cast<std::size_t>(q)]};
      const double scale = columns.empty() ? of_row : columns[static_cast<std::size_t>(j)];
      const T value = values[q];
      of_stored += scale;
      if (value == value) known += scale;
      const bool is_unknown = scale == 0 && missing == Missing::nan;
      values.set(
          q, is_unknown ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(static_cast<double>(value) * scale),
          name_);
    }
    const double of_all = columns.empty() ? of_row * static_cast<double>(columns_) : of_all_columns;
    if (knows_gaps && end - begin < columns_) known += of_all - of_stored;
  };
  for_pieces([&](Index first, Index count) {
    for (Index i = first; i < first + count; ++i) scale_row(i);
  });
  return known;
}

template <class T>
DataMatrix<T> DataMatrix<T>::scaled(const DataMatrix& weights, double beta, Missing missing) && {
  require_no_weights("adding weights");
  WeightsOf lines = weights_of(*this, weights);
  if (lines == WeightsOf::entries && weights.columns() == 1) lines = WeightsOf::rows;
  if (lines == WeightsOf::entries && weights.rows_global() == 1) lines = WeightsOf::columns;
  const std::vector<double> of_lines = line_weights(weights, lines);
  lay_out(Layout::rows, 1);
  WeightScales made{.beta = beta};
  comm_.meet([&] {
    if (lines == WeightsOf::entries || !(beta > 0)) {
      throw UsageError(fmt::format(
          "{}: V is scaled by weights of rows or columns, for losses with beta > 0: see DataMatrix::weighted",
          weights.name()));
    }
    (lines == WeightsOf::rows ? made.of_rows : made.of_columns) = scales_for<T>(of_lines, beta, weights.name());
    made.known = scale_own_values(made, missing);
  });
  made.known = comm_.sum(made.known);
  comm_.meet([&] {
    if (made.known == 0)
      throw BadData(fmt::format("{}: no entry of V that is known has a weight", weights.name()));
  });
  blocks_.reset();  // these are no counts any more
  const DataSummary before = std::exchange(summary_, {});
  validate_and_summarise(missing);
  summary_.clipped = before.clipped;
  summary_.summed = before.summed;
  summary_.flushed += before.flushed;
  scales_ = std::make_shared<const WeightScales>(std::move(made));
  return std::move(*this);
}

#define MPINMF_INSTANTIATE(T)                                                    \
  template double DataMatrix<T>::scale_own_values(const WeightScales&, Missing); \
  template DataMatrix<T> DataMatrix<T>::scaled(const DataMatrix&, double, Missing)&&;
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
