#include "entry_summary.hpp"

#include <fmt/core.h>

#include <cmath>

namespace mpinmf {
namespace {

std::string place_of(const RowNames& names, Index row, Index column) {
  return fmt::format("in row {}, column {} (counted from 0)", names.first + row, column);
}

template <class T>
void require_valid(T value, const RowNames& names, Index row, Index column) {
  if (value >= 0 && value <= std::numeric_limits<T>::max()) return;
  const std::string place = place_of(names, row, column);
  if (std::isnan(value)) {
    throw BadData(
        fmt::format("{}: not a number (NaN) {}; where NaN stands for what is not known, fit with "
                    "--missing nan",
                    names.matrix, place));
  }
  if (std::isinf(value)) {
    throw BadData(fmt::format("{}: an infinite entry {}; {}", names.matrix, place,
                              sizeof(T) == 4
                                  ? "in single precision anything above 3.4e38 is infinite: use double, or rescale"
                                  : "the factorization needs finite entries"));
  }
  throw BadData(fmt::format("{}: a negative entry {:g} {}; the factorization needs entries >= 0", names.matrix,
                            value, place));
}

/// The entry, or 0 for a denormal one, which `own` becomes.
template <class T>
T flushed(T value, T* own, const RowNames& names, Place place, LocalSummary& all) {
  if (!(value > 0 && value < std::numeric_limits<T>::min())) return value;
  if (own == nullptr) {
    throw BadData(
        fmt::format("{}: an entry {:g} {} is too small for full precision and would count as 0, but these rows "
                    "are read in place: set it to 0, or hand over a copy",
                    names.matrix, value, place_of(names, place.row, place.column)));
  }
  all.maximum = std::max(all.maximum, static_cast<double>(value));  // a V of nothing else is refused, not 0
  ++all.flushed;
  return *own = 0;
}

/// Row by row: fewer digits are lost than in one long sum.
struct RowSums {
  double sum = 0, square = 0, weight = 0;

  void add(double value, double of_entry = 1) {
    sum += of_entry * value;
    square += of_entry * value * value;
    weight += of_entry;
  }
  void add_to(LocalSummary& all) const {
    all.row_squares.push_back(square);
    all.sum += sum;
    all.sum_squares += square;
    all.weight += weight;
  }
};

/// Sees a row at once if none of its entries needs a word; else nothing is done.
template <class T>
bool see_plain_row(const T* row, Index columns, RowSums& sums, LocalSummary& all) {
  Index others = 0, zeros = 0;
  for (Index j = 0; j < columns; ++j) {
    const bool is_zero = row[j] == 0;
    const bool is_plain = (row[j] >= std::numeric_limits<T>::min()) & (row[j] <= std::numeric_limits<T>::max());
    zeros += is_zero ? 1 : 0;
    others += is_zero | is_plain ? 0 : 1;
  }
  if (others > 0 || (zeros > 0 && all.first_zero_row < 0) || columns == 0) return false;
  T least = row[0], most = row[0];
  for (Index j = 0; j < columns; ++j) {
    least = std::min(least, row[j]);
    most = std::max(most, row[j]);
    sums.add(static_cast<double>(row[j]));
  }
  all.minimum = std::min(all.minimum, static_cast<double>(least));
  all.maximum = std::max(all.maximum, static_cast<double>(most));
  all.stored += columns;
  all.nonzeros += columns - zeros;
  return true;
}

/// Adds the entry to the sums of its row, unless it is unknown.
template <class T>
void see_entry(const T& value, T* own, const RowNames& names, Place place, RowSums& sums, LocalSummary& all,
               double weight = 1) {
  if (names.takes_nan && std::isnan(value)) return all.see_unknown();
  require_valid(value, names, place.row, place.column);
  const auto counted = static_cast<double>(flushed(value, own, names, place, all));
  all.see(counted, names.first + place.row, place.column);
  sums.add(counted, weight);
}

template <class T>
double require_weight(T weight, const RowNames& names, Place place) {
  if (weight > 0 && weight <= std::numeric_limits<T>::max()) return static_cast<double>(weight);
  throw BadData(fmt::format("{}: the weight {:g} {}; an entry that is stored needs a positive, finite one",
                            names.matrix, weight, place_of(names, place.row, place.column)));
}

}  // namespace

template <class T>
void see_rows(ConstMatrixView<T> v, T* own, const RowNames& names, LocalSummary& all) {
  for (Index i = 0; i < v.rows(); ++i) {
    RowSums sums;
    const bool is_seen = see_plain_row(v.row(i), v.columns(), sums, all);
    for (Index j = 0; !is_seen && j < v.columns(); ++j) {
      T* const own_entry = own == nullptr ? nullptr : own + i * v.stride() + j;
      see_entry(v(i, j), own_entry, names, {i, j}, sums, all);
    }
    sums.add_to(all);
  }
}

template <class T>
void see_rows(const CsrView<T>& v, T* own, const RowNames& names, LocalSummary& all) {
  for (Index i = 0; i < v.rows(); ++i) {
    RowSums sums;
    Index next = 0;  // the column that a row without gaps would have here
    for (auto q = static_cast<std::size_t>(v.offsets[static_cast<std::size_t>(i)]);
         q < static_cast<std::size_t>(v.offsets[static_cast<std::size_t>(i) + 1]); ++q) {
      const Index column = v.indices[q];
      if (column < next || column >= v.columns) {
        throw BadData(fmt::format("{}: column index {} in row {} (counted from 0) is out of order or not below {}",
                                  names.matrix, column, names.first + i, v.columns));
      }
      if (column > next) all.see_zero(names.first + i, next);
      next = column + 1;
      const double weight = v.weights.empty() ? 1 : require_weight(v.weights[q], names, {i, column});
      see_entry(v.values[q], own == nullptr ? nullptr : own + q, names, {i, column}, sums, all, weight);
    }
    if (next < v.columns) all.see_zero(names.first + i, next);
    sums.add_to(all);
  }
}

namespace {

template <class T>
ConstMatrixView<T> view_of(const DensePanel<T>& panel) {
  return panel.values;
}
template <class T>
CsrView<T> view_of(const SparsePanel<T>& panel) {
  const auto rows = static_cast<std::size_t>(panel.rows()), stored = static_cast<std::size_t>(panel.stored());
  const std::span<const T> weights(panel.weights, panel.weights == nullptr ? 0 : stored);
  return {panel.columns(), {panel.begins, rows + 1}, {panel.indices, stored}, {panel.values, stored}, weights};
}

}  // namespace

template <class T>
void see_panel(const RowPanel<T>& panel, const RowNames& names, LocalSummary& all) {
  panel.visit_whole_rows([&](const auto& rows) { see_rows(view_of(rows), static_cast<T*>(nullptr), names, all); });
}

template void see_rows(ConstMatrixView<float>, float*, const RowNames&, LocalSummary&);
template void see_rows(ConstMatrixView<double>, double*, const RowNames&, LocalSummary&);
template void see_rows(const CsrView<float>&, float*, const RowNames&, LocalSummary&);
template void see_rows(const CsrView<double>&, double*, const RowNames&, LocalSummary&);
template void see_panel(const RowPanel<float>&, const RowNames&, LocalSummary&);
template void see_panel(const RowPanel<double>&, const RowNames&, LocalSummary&);

}  // namespace mpinmf
