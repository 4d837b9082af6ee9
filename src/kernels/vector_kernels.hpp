// The loops of a sweep, compiled once for each vector level of the processor (level/kernels.cpp) and picked at run
// time (simd.hpp). Plain structs of pointers only: a file compiled for AVX-512 must leave behind no inline
// function that the linker could choose for a machine without it.
#pragma once

#include <cstdint>

namespace mpinmf {

/// rows x columns numbers, row-major, rows `stride` elements apart.
template <class T>
struct Block {
  T* data;
  std::int64_t rows, columns, stride;
};

/// Some rows of a sparse matrix: row i has the entries begins[i] .. ends[i] - 1 of `columns` and `values`.
template <class T>
struct SparseRows {
  std::int64_t rows;
  const std::int64_t *begins, *ends;
  const std::int32_t* columns;
  const T* values;
  const T* weights = nullptr;  ///< of the entries; null: none. Only what is said to look at them does
};

/// Some lines of counts: line l has the words ends[l] .. ends[l + 1] - 1. The lower 16 bits of a word are a row of
/// the factor that the line meets, the upper 16 the count, which stands as a number in `values`.
template <class T>
struct CountLines {
  std::int64_t lines;
  const std::uint32_t *ends, *words;
  const T* values;
};

/// Entries of V and of x = (W H)_ij, and what powers of x make of them.
template <class T>
struct PoweredEntries {
  const T* v;
  T *model, *weights;
  T* curvatures;  ///< may be null
  std::int64_t count;
  const T* of_entries = nullptr;  ///< their weights in the loss, where they have any
};

/// What some entries cost: sums, and the number of zeros of W H under positive entries of V.
struct EntryCost {
  double loss, model, zero_models;
};

/// Numbers that move entries of a factor (see rules/rule.hpp).
template <class T>
struct MoveSettings {
  double exponent;
  T zero_below, least_positive;
  T l1, l2;  ///< raise the denominator by l1 + l2 x
};

/// Rounds over rows that each stop by themselves.
template <class T>
struct RoundSettings {
  T l1;                      ///< taken from the numerator (coordinates) or added to the denominator
  std::int64_t most_rounds;  ///< at least 1
  T least_share;             ///< a row stops once it moved, squared, by less than this share of its first round
  T zero_below, least_positive;  ///< as in MoveSettings; multiplicative rounds only
  T weight = 0;                  ///< ao-admm's rho
  T l2 = 0;                      ///< added to the diagonals of Gram matrices of rows
  /// Components that stay as they are, ascending; where rows have Gram matrices of their own.
  const std::int64_t* fixed = nullptr;
  std::int64_t fixed_count = 0;
};
/// Elements of scratch that the rounds need for k components: five blocks of rows, component by component.
template <class T>
constexpr std::int64_t rounds_scratch(std::int64_t components) {
  return 5 * components * 2 * 64 / static_cast<std::int64_t>(sizeof(T));
}
/// Rows x with what a rule keeps for each.
template <class T>
struct RowsWithState {
  Block<T> x, state;
  Block<const T> numerator;
};
/// Rounds over rows. `matrix` is k x k: the Gram matrix, or what a rule has made of it; or it holds one for each
/// row (row_grams.hpp). Returns the sum of |projected gradient| met in the first round, where that is counted,
/// else 0. @pre all blocks are padded, scratch has rounds_scratch<T>(k) elements
template <class T>
using RoundsKernel = double (*)(const RowsWithState<T>& rows, Block<const T> matrix,
                                const RoundSettings<T>& settings, T* scratch);

// What tells the levels apart.
namespace baseline {
struct Level;
}
namespace v3 {
struct Level;
}
namespace v4 {
struct Level;
}
/// A kernel's file defines rounds_of for its name, the level it is compiled for and both types of factors.
template <class Name, class Level>
struct RoundsFile {
  template <class T>
  friend RoundsKernel<T> rounds_of(RoundsFile);
};

/// Systems G_FF x_F = b_F, one for each of the rows order[0 .. count - 1] of b and x. The set F of row r is the
/// ones of the bits sets[r * words ..]: bit c % 64 of word c / 64 is component c. Pivots that are not above
/// `least_share` of their diagonal entry and `least_pivot` leave their component at 0, as if it were not in F.
struct SetSystems {
  Block<const double> gram;  ///< k x k
  const std::uint64_t* sets;
  std::int64_t words;
  const std::int64_t* order;
  std::int64_t count;
  Block<const double> b;
  Block<double> x;
  double least_share, least_pivot;
};
/// Systems that are factorized at a time; one factorization serves all that follow with the same sets in the same
/// places, so that rows are best sorted by their set.
constexpr std::int64_t systems_together = 8;
/// Elements of scratch for k components.
constexpr std::int64_t set_numbers(std::int64_t components) {
  return systems_together * (components * (components + 1) / 2 + 3 * components);
}
constexpr std::int64_t set_places(std::int64_t components) {
  return systems_together * components;
}

/// Some entries of V and of x, side by side, and room for v / x^2, or null.
template <class T>
struct ModelledEntries {
  const T* v;
  T *model, *seconds;
  std::int64_t count;
};

/// Newton rounds on rows that each stop by themselves (level/newton.hpp); as in MoveSettings and RoundSettings.
template <class T>
struct NewtonSettings {
  double l1, l2;
  std::int64_t most_rounds;
  double least_share;
  T zero_below, least_positive;
  /// Components that stay as they are, ascending.
  const std::int64_t* fixed = nullptr;
  std::int64_t fixed_count = 0;
};
/// Doubles that a row of so many entries takes up.
constexpr std::int64_t entries_room(std::int64_t entries) {
  return (entries + 7) / 8 * 8;
}
/// So many sparse rows move in step, or fewer (level/newton.hpp); a row of more entries moves alone, which keeps
/// scratch small.
constexpr std::int64_t most_newton_rows = 8, most_entries_in_step = 1024;
/// Doubles of scratch that Newton rounds need for sparse rows of at most so many entries, and k components; for
/// dense rows, where H is at hand component by component.
constexpr std::int64_t newton_scratch(std::int64_t components, std::int64_t entries) {
  const std::int64_t alone = entries_room(entries);
  const std::int64_t in_step = most_newton_rows * (entries < most_entries_in_step ? alone : most_entries_in_step);
  return (components + 2) * (alone < in_step ? in_step : alone);
}
constexpr std::int64_t dense_newton_scratch(std::int64_t columns) {
  return 2 * entries_room(columns);
}

/// What quotients by W H add up to: n x k, padded. The curvature's data may be null.
template <class T>
struct QuotientBlocks {
  Block<T> numerator, curvature;
};

/// What x = w_i h_j is made from, w row by row beside V and ht n x k, and the beta that weighs it; v x^(beta-2)
/// and x^(beta-1) are cut at `largest`.
template <class T>
struct ObservedModel {
  Block<const T> w, ht;
  double beta;
  T largest;
};
/// Padded; a row for each row of V, or for each feature.
template <class T>
struct PowerBlocks {
  Block<T> numerator, denominator;
};
/// So many columns, or rows of H, are worked on together for Gram matrices of rows.
constexpr std::int64_t gram_columns = 64;
/// Room for the entries of so many columns of p rows, column by column.
template <class T>
struct EntriesOfColumns {
  std::int64_t* next;  ///< p
  std::int32_t* rows;  ///< gram_columns p, as are weights
  T* weights;
};
/// Where what rows cost is added: the loss of each, and zeros of W H under positive entries. Null: not asked for.
struct RowCosts {
  double *losses, *zero_models;
};

/// x = (W H)_ij of entries; v / x and powers of x are cut at `largest`, so that sums of them stay finite.
/// "Padded" blocks may be read and written up to the next whole line of 64 bytes behind `columns`.
template <class T>
struct VectorKernels {
  /// c = a b, or c += a b. @pre a is p x q, b q x r, c p x r; b and c padded
  void (*multiply)(Block<const T> a, Block<const T> b, Block<T> c, bool add);
  /// c += a' b. @pre a is p x q, b p x r, c q x r; b and c padded. The row `rows_ahead` rows below each of a is
  /// fetched into the second-level cache; 0: none
  void (*multiply_transposed)(Block<const T> a, Block<const T> b, Block<T> c, std::int64_t rows_ahead);

  /// out_i = sum_j v_ij h_j. @pre ht is n x k, out p x k, both padded
  void (*cross)(const SparseRows<T>& v, Block<const T> ht, Block<T> out);
  /// s_j += v_ij w_i. @pre w is p x k, s n x k, both padded
  void (*accumulate)(const SparseRows<T>& v, Block<const T> w, Block<T> s);
  /// out_l = sum_j v_lj h_j, or out_l += that, and s_j += v_lj w_l, for the lines of a block of columns: ht and s
  /// are the rows of that block. Padded as above
  void (*cross_lines)(const CountLines<T>& v, Block<const T> ht, Block<T> out, bool add);
  void (*accumulate_lines)(const CountLines<T>& v, Block<const T> w, Block<T> s);

  /// Kullback-Leibler in one walk over the rows: out_i = sum_j (v_ij / x) h_j or s_j += (v_ij / x) w_i with x =
  /// w_i h_j, and where s.curvature is given, s_j += (v_ij / x^2) w_i^2 into it. If `cost` is given, the cost of
  /// the entries is added. @pre all blocks are padded, model has room for the longest row
  void (*cross_quotients)(const SparseRows<T>& v, Block<const T> w, Block<const T> ht, Block<T> out, T* model,
                          T largest, EntryCost* cost);
  void (*accumulate_quotients)(const SparseRows<T>& v, Block<const T> w, Block<const T> ht,
                               const QuotientBlocks<T>& s, T* model, T largest, EntryCost* cost);

  /// model <- v / model and seconds = v / model^2, where that is given; 0 where the model is 0. Their cost is
  /// added if `cost` is given. What lies `ahead` numbers behind each v is fetched into the second-level cache; 0:
  /// none
  void (*quotients)(const ModelledEntries<T>& entries, std::int64_t ahead, T largest, EntryCost* cost);
  /// weights <- v model^(beta-2), model <- model^(beta-1), and where these are given curvatures <- (2 - beta) v
  /// model^(beta-3) + (beta - 1) model^(beta-2); 0 where the model is 0. Cost as above. beta is not 1
  void (*powers)(double beta, const PoweredEntries<T>& entries, T largest, EntryCost* cost);

  /// A beta-divergence, any beta, over the entries of rows alone: with x = w_i h_j, sum_j v x^(beta-2) h_j into
  /// the numerator of the row and sum_j x^(beta-1) h_j into its denominator; or these times w_i, added to those of
  /// features j. Where the entries of v have weights, each counts so many times
  void (*cross_observed)(const SparseRows<T>& v, const ObservedModel<T>& model, const PowerBlocks<T>& out,
                         const RowCosts& cost);
  void (*accumulate_observed)(const SparseRows<T>& v, const ObservedModel<T>& model, const PowerBlocks<T>& s,
                              const RowCosts& cost);
  /// Gram matrices of rows (row_grams.hpp): sum_j q_ij h_j h_j' over the entries of row i of v, where q_ij is how
  /// often an entry counts (1 without weights); or q_ij w_i w_i' is added to that of feature j; or x_i x_i'.
  /// Columns ascend. Padded as above
  void (*cross_grams)(const SparseRows<T>& v, Block<const T> ht, Block<T> grams);
  void (*accumulate_grams)(const SparseRows<T>& v, Block<const T> w, Block<T> grams,
                           const EntriesOfColumns<T>& room);
  void (*outer_products)(Block<const T> x, Block<T> grams);
  /// models_q = w_i h_j for some entries of a row, `columns` their j. There is room for 16 more. @pre w and ht are
  /// padded
  void (*model_entries)(const std::int32_t* columns, std::int64_t count, const T* w, Block<const T> ht, T* models);
  /// What powers does, for any beta, without curvatures. Where entries have weights, each counts so many times
  void (*observed_powers)(double beta, const PoweredEntries<T>& entries, T largest, EntryCost* cost);

  /// x <- x (numerator / denominator)^exponent. All are r x k and padded; a denominator of stride 0 is one row
  void (*move)(Block<T> x, Block<const T> numerator, Block<const T> denominator, const MoveSettings<T>& settings);
  /// x_F = G_FF^-1 b_F, 0 in all other components. @pre scratch: numbers has set_numbers(k) elements, places has
  /// set_places(k). In double, whatever T
  void (*solve_sets)(const SetSystems& systems, double* numbers, std::int64_t* places);
  /// Kullback-Leibler rounds of cyclic coordinate descent on rows of W by Newton steps. Only entries v > 0 are
  /// looked at, besides the sums of H's columns (1 x k). @pre w is p x k, ht n x k and padded, blocked_h the same
  /// in blocks of k rows for `blocked_h.columns` features each; scratch has newton_scratch(k, longest row)
  /// numbers, or dense_newton_scratch(n). They return the gain that
  /// the first round predicts: half its steps times minus the slopes
  double (*newton_rounds)(const SparseRows<T>& v, Block<T> w, Block<const T> ht, Block<const T> column_sums,
                          const NewtonSettings<T>& settings, double* scratch);
  double (*dense_newton_rounds)(Block<const T> v, Block<T> w, Block<const T> blocked_h, Block<const T> column_sums,
                                const NewtonSettings<T>& settings, double* scratch);
  /// products_i = <x_i, y_i> in double. @pre x and y are r x k, padded with zeros
  void (*row_products)(Block<const T> x, Block<const T> y, double* products);

  /// out <- numbers that are held in fewer bytes
  void (*widen_bytes)(const std::uint8_t* held, std::int64_t count, T* out);
  void (*widen_words)(const std::uint16_t* held, std::int64_t count, T* out);
  void (*widen_floats)(const float* held, std::int64_t count, T* out);
};

/// Those of the vector level in use. Throws UsageError as vector_level() does.
template <class T>
const VectorKernels<T>& vector_kernels();

}  // namespace mpinmf
