// What a half-step is made from: statistics of V and of the other factor. A rule asks for them by name, a loss
// offers some, and those that are asked for travel in the packed sum. A new one is a name and a row of the table.
#pragma once

#include <array>
#include <initializer_list>
#include <utility>

#include "kernels/row_grams.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// For the rows of a factor X, the other one being Y: for W it is H transposed, for H it is W. In the order in
/// which they travel.
enum class Statistic : unsigned {
  numerator,    ///< minus the falling part of the loss's gradient: V Y (Frobenius), (V / (X Y')) Y (others)
  denominator,  ///< its rising part, where each row has its own
  curvature,    ///< the diagonal of the second derivative, entry by entry: (V / (X Y')^2) Y^2
                ///< (Kullback-Leibler; beta_divergence.cpp)
  row_grams,    ///< for each row x_i a Gram matrix of its own, of the rows of Y that its known entries meet, in
                ///< tiles (kernels/row_grams.hpp): the rising part is x_i G_i
  gram,         ///< Y'Y: the rising part is X (Y'Y)
  column_sums,  ///< the rising part, where it is the same for all rows
  cross_gram,   ///< Y' times the Y before; extrapolated runs only
};

/// Those with a row for each row of X are large: threads add them up in working precision, and for large n x k
/// they travel in chunks. Others are small: they add up in double.
enum class StatisticRows { of_factor, components, one };
enum class StatisticColumns { components, gram_tiles };

struct StatisticFacts {
  Statistic statistic;
  StatisticRows rows;
  StatisticColumns columns = StatisticColumns::components;
};
/// Large ones first: what follows them is the head of a sum.
inline constexpr std::array statistic_table{
    StatisticFacts{Statistic::numerator, StatisticRows::of_factor},
    StatisticFacts{Statistic::denominator, StatisticRows::of_factor},
    StatisticFacts{Statistic::curvature, StatisticRows::of_factor},
    StatisticFacts{Statistic::row_grams, StatisticRows::of_factor, StatisticColumns::gram_tiles},
    StatisticFacts{Statistic::gram, StatisticRows::components},
    StatisticFacts{Statistic::column_sums, StatisticRows::one},
    StatisticFacts{Statistic::cross_gram, StatisticRows::components},
};

constexpr std::size_t place_of(Statistic statistic) {
  return static_cast<std::size_t>(statistic);
}
constexpr StatisticRows rows_of(Statistic statistic) {
  return statistic_table[place_of(statistic)].rows;
}
constexpr bool is_large(Statistic statistic) {
  return rows_of(statistic) == StatisticRows::of_factor;
}
/// Rows of a statistic of so many rows of X.
constexpr Index rows_of(Statistic statistic, Index rows, Index components) {
  switch (rows_of(statistic)) {
    case StatisticRows::of_factor: return rows;
    case StatisticRows::components: return components;
    case StatisticRows::one: break;
  }
  return 1;
}
/// Columns of a statistic for k components.
constexpr Index columns_of(Statistic statistic, Index components) {
  return statistic_table[place_of(statistic)].columns == StatisticColumns::gram_tiles
             ? row_gram_numbers(components)
             : components;
}

class StatisticsSet {
 public:
  constexpr StatisticsSet() = default;
  constexpr StatisticsSet(std::initializer_list<Statistic> statistics) {
    for (const Statistic statistic : statistics) bits_ |= bit(statistic);
  }
  constexpr bool has(Statistic statistic) const { return (bits_ & bit(statistic)) != 0; }
  constexpr bool includes(StatisticsSet other) const { return (*this & other) == other; }
  constexpr int count() const {
    int number = 0;
    for_each([&](Statistic) { ++number; });
    return number;
  }
  /// f(statistic), in the order in which they travel.
  template <class F>
  constexpr void for_each(F&& f) const {
    for (const StatisticFacts& row : statistic_table) {
      if (has(row.statistic)) f(row.statistic);
    }
  }
  friend constexpr StatisticsSet operator|(StatisticsSet a, StatisticsSet b) { return of_bits(a.bits_ | b.bits_); }
  friend constexpr StatisticsSet operator&(StatisticsSet a, StatisticsSet b) { return of_bits(a.bits_ & b.bits_); }
  friend constexpr StatisticsSet operator-(StatisticsSet a, StatisticsSet b) {
    return of_bits(a.bits_ & ~b.bits_);
  }
  friend constexpr bool operator==(StatisticsSet, StatisticsSet) = default;

 private:
  static constexpr unsigned bit(Statistic statistic) { return 1U << place_of(statistic); }
  static constexpr StatisticsSet of_bits(unsigned bits) {
    StatisticsSet set;
    set.bits_ = bits;
    return set;
  }
  unsigned bits_ = 0;
};

inline constexpr StatisticsSet large_statistics = [] {
  StatisticsSet large;
  for (const StatisticFacts& row : statistic_table) {
    if (is_large(row.statistic)) large = large | StatisticsSet{row.statistic};
  }
  return large;
}();

/// Numbers of the large statistics of a row of X.
constexpr Index large_numbers(StatisticsSet statistics, Index components) {
  Index numbers = 0;
  (statistics & large_statistics).for_each([&](Statistic s) { numbers += columns_of(s, components); });
  return numbers;
}

/// The rising part of the gradient comes in one of these.
inline constexpr StatisticsSet rising_parts{Statistic::denominator, Statistic::gram, Statistic::column_sums};
/// A gradient is made of these.
inline constexpr StatisticsSet gradient_parts = rising_parts | StatisticsSet{Statistic::numerator};

/// The half-step is a least-squares problem: x G x' / 2 - b x, row by row.
inline constexpr StatisticsSet least_squares_statistics{Statistic::numerator, Statistic::gram};
/// Likewise, with a Gram matrix for each row: x G_i x' / 2 - b x.
inline constexpr StatisticsSet least_squares_by_rows{Statistic::numerator, Statistic::denominator,
                                                     Statistic::row_grams};

static_assert([] {
  for (std::size_t i = 0; i < statistic_table.size(); ++i) {
    if (place_of(statistic_table[i].statistic) != i) return false;
    if (i > 0 && is_large(statistic_table[i].statistic) && !is_large(statistic_table[i - 1].statistic))
      return false;
  }
  return true;
}());

/// Something for each statistic.
template <class Value>
class ByStatistic {
 public:
  ByStatistic() = default;
  ByStatistic(std::initializer_list<std::pair<Statistic, Value>> values) {
    for (const auto& [statistic, value] : values) (*this)[statistic] = value;
  }
  Value& operator[](Statistic statistic) { return values_[place_of(statistic)]; }
  const Value& operator[](Statistic statistic) const { return values_[place_of(statistic)]; }

 private:
  std::array<Value, statistic_table.size()> values_{};
};

/// What a rule needs to move r rows of a factor, padded; those that were not asked for are empty. Large ones have
/// r rows.
template <class T>
using Statistics = ByStatistic<ConstMatrixView<T>>;
/// Those of some of the rows.
template <class T>
Statistics<T> some_rows(Statistics<T> statistics, Index first, Index count) {
  large_statistics.for_each([&](Statistic s) {
    if (statistics[s].rows() > 0) statistics[s] = statistics[s].middle_rows(first, count);
  });
  return statistics;
}

}  // namespace mpinmf
