// Exact alternating non-negative least squares by block principal pivoting: Kim and Park, Fast nonnegative matrix
// factorization: an active-set-like method and comparisons, SIAM J. Sci. Comput. 33(6) (2011), algorithm 2. In
// double, whatever the factor. Rows are sorted by their passive sets, so that those with equal sets share a
// Cholesky factorization (kernels/level/set_systems.hpp).
//
// Two things are added to the paper. A component whose pivot is lost in rounding stays passive at 0: its row of
// the other factor depends on others. And rows for which that is not a solution (such a component with an l1
// penalty), or which do not come to an end, are solved by an active-set method. A half-step that opens is a round
// of coordinate descent (hals.cpp): exact ones leave all but a few components with nothing where one direction of
// V outweighs all others. Where rows are to sum up to 1, each is solved for by itself (simplex.hpp).
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <memory>

#include "active_set.hpp"
#include "kernels/denormals.hpp"
#include "kernels/panel.hpp"
#include "rounds.hpp"
#include "rule.hpp"
#include "simplex.hpp"

namespace mpinmf {

struct CoordinateRounds;  // kernels/level/coordinate_rounds.cpp

namespace {

/// Full exchanges that need not lower the number of components out of place: Kim and Park's alpha.
constexpr Index most_patience = 3;

/// Most rows need less than 10 exchanges. Those that need more than this may be in a cycle made of rounding
/// errors.
constexpr Index most_exchanges(Index components) {
  return 20 + 2 * components;
}

/// A pivot, or a gradient, is 0 if it is less than this share of its terms.
constexpr double rounding_share(Index components) {
  return 4 * static_cast<double>(components) * std::numeric_limits<double>::epsilon();
}

/// A component whose pivot was lost is in place at 0 unless its gradient is below 0 by more than this share, which
/// is well above the rounding of numerators.
template <class T>
constexpr double lost_share = sizeof(T) == 8 ? 1e-10 : 1e-5;

constexpr Index words_of(Index components) {
  return (components + 63) / 64;
}
constexpr Index line_doubles = vector_bytes / static_cast<Index>(sizeof(double));
constexpr Index places_of_row = 6;  // the arrays of Places

constexpr Index doubles_for(Index rows, Index components) {
  return line_doubles + 3 * rows * padded_to_vector<double>(components) +
         std::max(set_numbers(components), simplex_numbers(components));
}
constexpr Index places_for(Index rows, Index components) {
  return rows * (places_of_row + words_of(components)) + words_of(components) +
         std::max(set_places(components), active_set_places(components));
}

template <class T>
RuleRoom room_of_pivoting(Index rows, Index components) {
  return {.numbers = rounds_scratch<T>(components),
          .doubles = doubles_for(rows, components),
          .places = places_for(rows, components)};
}

/// The rows that are not solved yet come first; as some are solved, the others move up.
template <class T>
class BlockPivotingSolver {
 public:
  BlockPivotingSolver(const HalfStep<T>& half_step, RuleScratch<T>& scratch, MatrixView<T> to)
      : half_step_(half_step), to_(to), rows_(to.rows()), k_(to.columns()), words_(words_of(k_)) {
    assert(static_cast<Index>(scratch.doubles.size()) >= doubles_for(rows_, k_));
    assert(static_cast<Index>(scratch.places.size()) >= places_for(rows_, k_));
    take_numbers(scratch.doubles);
    take_places(scratch.places);
  }

  /// Rows that sum up to 1.
  void solve_on_simplex(ConstMatrixView<T> numerator) {
    const auto k = static_cast<std::size_t>(k_);
    for (Index r = 0; r < rows_; ++r) {
      start(r, numerator.row(r));
      minimise_on_simplex({half_step_.exact_gram.view(), rounding_share(k_), least_positive<T>}, {b_.row(r), k},
                          {x_.row(r), k}, numbers_, more_places_);
      write(r);
    }
  }

  void solve(ConstMatrixView<T> numerator) {
    for (Index r = 0; r < rows_; ++r) start(r, numerator.row(r));
    const ConstMatrixView<double> gram = half_step_.exact_gram.view();
    while (rows_ > 0) {
      sort_by_set();
      vector_kernels<T>().solve_sets(
          {block(gram), sets_, words_, order_, rows_, block(ConstMatrixView<double>(b_)), block(x_),
           rounding_share(k_), least_positive<T>},
          numbers_, more_places_);
      multiply_padded<double>(x_.middle_rows(0, rows_), gram, model_.middle_rows(0, rows_));
      exchange_all();
    }
  }

 private:
  void take_numbers(std::vector<double>& doubles) {
    void* place = doubles.data();
    std::size_t room = doubles.size() * sizeof(double);
    auto* next = static_cast<double*>(std::align(vector_bytes, sizeof(double), place, room));
    const Index stride = padded_to_vector<double>(k_);
    for (MatrixView<double>* view : {&b_, &x_, &model_}) {
      *view = {next, rows_, k_, stride};
      next += rows_ * stride;
    }
    numbers_ = next;
  }
  void take_places(std::vector<Index>& places) {
    Index* next = places.data();
    for (Index** array : {&row_, &size_, &least_, &patience_, &exchanges_, &order_}) {
      *array = next;
      next += rows_;
    }
    static_assert(sizeof(Index) == sizeof(std::uint64_t));
    sets_ = reinterpret_cast<std::uint64_t*>(next);
    misplaced_ = sets_ + rows_ * words_;
    more_places_ = next + (rows_ + 1) * words_;
  }

  std::uint64_t* set(Index r) { return sets_ + r * words_; }
  Index size_of(const std::uint64_t* components) const {
    Index size = 0;
    for (Index w = 0; w < words_; ++w) size += std::popcount(components[w]);
    return size;
  }

  /// The passive set is what is positive now.
  void start(Index r, const T* numerator) {
    const T* x = to_.row(r);
    std::fill(set(r), set(r) + words_, 0);
    for (Index c = 0; c < k_; ++c) {
      b_(r, c) = static_cast<double>(numerator[c]) - half_step_.settings.l1;
      set(r)[c / 64] |= static_cast<std::uint64_t>(x[c] > 0) << (c % 64);
    }
    row_[r] = r;
    least_[r] = k_ + 1;
    patience_[r] = most_patience;
    exchanges_[r] = 0;
  }

  void sort_by_set() {
    for (Index r = 0; r < rows_; ++r) {
      order_[r] = r;
      size_[r] = size_of(set(r));
    }
    std::sort(order_, order_ + rows_, [this](Index a, Index b) {
      if (size_[a] != size_[b]) return size_[a] < size_[b];
      return std::lexicographical_compare(set(a), set(a) + words_, set(b), set(b) + words_);
    });
  }

  /// Rows that satisfy the conditions of Karush, Kuhn and Tucker are done.
  void exchange_all() {
    Index left = 0;
    for (Index r = 0; r < rows_; ++r) {
      const bool has_solution = find_misplaced(r);
      const Index count = size_of(misplaced_);
      if (!has_solution || exchanges_[r] == most_exchanges(k_)) {
        const auto k = static_cast<std::size_t>(k_);
        minimise_by_active_set({half_step_.exact_gram.view(), rounding_share(k_), least_positive<T>},
                               {b_.row(r), k}, {x_.row(r), k}, numbers_, more_places_);
        write(r);
      } else if (count == 0) {
        write(r);
      } else {
        exchange(r, count);
        move_up(r, left++);
      }
    }
    rows_ = left;
  }

  /// Finds x < 0 in the passive set and a gradient < 0 outside. Returns false where a component whose pivot was
  /// lost ought to be positive.
  bool find_misplaced(Index r) {
    const double *x = x_.row(r), *model = model_.row(r), *b = b_.row(r), share = rounding_share(k_);
    bool has_solution = true;
    for (Index w = 0; w < words_; ++w) {
      const std::uint64_t passive = set(r)[w];
      const Index first = 64 * w, count = std::min<Index>(64, k_ - first);
      std::uint64_t below = 0, descending = 0, lost = 0;
      for (Index i = 0; i < count; ++i) {
        const Index c = first + i;
        const double gradient = model[c] - b[c], terms = std::fabs(model[c]) + std::fabs(b[c]);
        below |= static_cast<std::uint64_t>(x[c] < 0) << i;
        descending |= static_cast<std::uint64_t>(gradient < -share * terms) << i;
        lost |= static_cast<std::uint64_t>((x[c] == 0) & (gradient < -lost_share<T> * terms)) << i;
      }
      misplaced_[w] = (passive & below) | (~passive & descending);
      has_solution = has_solution && (passive & lost) == 0;
    }
    return has_solution;
  }

  /// All that is out of place changes places, as long as it gets less; then for some time regardless; then the
  /// last component only, which comes to an end (Kim and Park 2011, section 3.2).
  void exchange(Index r, Index count) {
    ++exchanges_[r];
    if (count < least_[r]) {
      least_[r] = count;
      patience_[r] = most_patience;
    } else if (patience_[r] > 0) {
      --patience_[r];
    } else {
      Index w = words_ - 1;
      while (misplaced_[w] == 0) --w;
      set(r)[w] ^= std::bit_floor(misplaced_[w]);
      return;
    }
    for (Index w = 0; w < words_; ++w) set(r)[w] ^= misplaced_[w];
  }

  void move_up(Index from, Index to) {
    if (from == to) return;
    std::copy_n(b_.row(from), k_, b_.row(to));
    std::copy_n(set(from), words_, set(to));
    for (Index* array : {row_, least_, patience_, exchanges_}) array[to] = array[from];
  }

  void write(Index r) {
    T* to = to_.row(row_[r]);
    const double* x = x_.row(r);
    for (Index c = 0; c < k_; ++c) to[c] = static_cast<T>(x[c] < 0 ? 0 : x[c]);
  }

  const HalfStep<T>& half_step_;
  MatrixView<T> to_;
  Index rows_, k_, words_;
  MatrixView<double> b_, x_, model_;  ///< the numerator less l1, the solution on the passive set, x G
  std::uint64_t* sets_ = nullptr;     ///< passive: one bit a component
  std::uint64_t* misplaced_ = nullptr;
  Index *row_ = nullptr, *size_ = nullptr, *order_ = nullptr;  ///< of the factor; of the set; sorted by set
  Index *least_ = nullptr, *patience_ = nullptr, *exchanges_ = nullptr;
  double* numbers_ = nullptr;  ///< scratch of the solvers
  Index* more_places_ = nullptr;
};

template <class T>
double block_pivoting(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
                      const MovedRows<T>& rows) {
  const FlushDenormals flush;
  if (half_step.settings.sum_to_one) {
    BlockPivotingSolver<T>(half_step, scratch, rows.x).solve_on_simplex(statistics[Statistic::numerator]);
    return 0;
  }
  if (half_step.settings.opens) return move_by_rounds<T, CoordinateRounds>(half_step, statistics, scratch, rows);
  BlockPivotingSolver<T>(half_step, scratch, rows.x).solve(statistics[Statistic::numerator]);
  return 0;
}

}  // namespace

template <class T>
Rule<T> make_rule(RuleFile<struct BlockPivoting>) {
  Rule<T> rule;
  rule.name = "anls-bpp";
  rule.move = block_pivoting<T>;
  rule.room = room_of_pivoting<T>;
  rule.needs = least_squares_statistics;
  rule.is_exact = rule.outweighs_messages = true;
  rule.extrapolates = Extrapolated::both_factors;
  rule.default_for = DefaultFor::exact_half_steps;
  return rule;
}
template Rule<float> make_rule(RuleFile<struct BlockPivoting>);
template Rule<double> make_rule(RuleFile<struct BlockPivoting>);

}  // namespace mpinmf
