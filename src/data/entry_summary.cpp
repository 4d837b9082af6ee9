#include "entry_summary.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <type_traits>

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

/// Row by row, and in eight sums by column: fewer digits are lost than in one long sum, and a row has the same
/// sums whether its entries come one by one or eight at a time.
struct RowSums {
  static constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{}, squares{};
  double weight = 0;

  void add(double value, Index column, double of_entry = 1) {
    const std::size_t lane = static_cast<std::size_t>(column) % lanes;
    sums[lane] += of_entry * value;
    squares[lane] += of_entry * value * value;
    weight += of_entry;
  }
  double sum() const { return std::accumulate(sums.begin(), sums.end(), 0.0); }
  void add_to(LocalSummary& all) const {
    const double square = std::accumulate(squares.begin(), squares.end(), 0.0);
    all.row_squares.push_back(square);
    all.sum += sum();
    all.sum_squares += square;
    all.weight += weight;
  }
};

/// What is seen of a row by eight numbers at a time, in vectors of 16 bytes, which every machine has.
template <class T>
struct Glance {
  static constexpr std::size_t wide = 16 / sizeof(T), packs = RowSums::lanes / wide;
  using Count = std::conditional_t<sizeof(T) == sizeof(float), std::int32_t, std::int64_t>;
  using Pack __attribute__((vector_size(16))) = T;
  using Counts __attribute__((vector_size(16))) = Count;
  using Sums __attribute__((vector_size(wide * sizeof(double)))) = double;

  Pack least[packs], most[packs];
  Counts zeros[packs]{}, small[packs]{};  ///< small: below every normal number, zeros among them
  Sums sums[packs]{}, squares[packs]{};

  explicit Glance(T first) {
    for (std::size_t p = 0; p < packs; ++p) least[p] = most[p] = first - Pack{};
  }
  void see(const T* eight) {
#pragma GCC unroll 4
    for (std::size_t p = 0; p < packs; ++p) {
      Pack x;
      std::memcpy(&x, eight + p * wide, sizeof x);
      zeros[p] -= x == 0;
      small[p] -= x < std::numeric_limits<T>::min();
      least[p] = x < least[p] ? x : least[p];
      most[p] = x > most[p] ? x : most[p];
      const Sums own = __builtin_convertvector(x, Sums);
      sums[p] += own;
      squares[p] += own * own;
    }
  }
};

/// Sees a row at once if none of its entries needs a word; else nothing is done.
template <class T>
bool see_plain_row(const T* row, Index columns, RowSums& sums, LocalSummary& all) {
  if (columns == 0) return false;
  constexpr auto lanes = static_cast<Index>(RowSums::lanes);
  const Index whole = columns - columns % lanes;
  Glance<T> glance(row[0]);
  for (Index j = 0; j < whole; j += lanes) glance.see(row + j);
  Index zeros = 0, small = 0;
  T least = row[0], most = row[0];
  RowSums own;
  for (std::size_t lane = 0; lane < RowSums::lanes; ++lane) {
    const std::size_t p = lane / glance.wide, i = lane % glance.wide;
    zeros += glance.zeros[p][i];
    small += glance.small[p][i];
    least = std::min<T>(least, glance.least[p][i]);
    most = std::max<T>(most, glance.most[p][i]);
    own.sums[lane] = glance.sums[p][i];
    own.squares[lane] = glance.squares[p][i];
  }
  for (Index j = whole; j < columns; ++j) {
    zeros += row[j] == 0 ? 1 : 0;
    small += row[j] < std::numeric_limits<T>::min() ? 1 : 0;
    least = std::min(least, row[j]);
    most = std::max(most, row[j]);
    own.add(static_cast<double>(row[j]), j);
  }
  own.weight = static_cast<double>(columns);
  const bool is_finite =
      own.sum() <= std::numeric_limits<double>::max();  // else something is infinite or no number
  if (!is_finite || small > zeros || (zeros > 0 && all.first_zero_row < 0)) return false;
  sums = own;
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
  sums.add(counted, place.column, weight);
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
