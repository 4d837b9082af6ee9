// What the losses ask of one panel of V, dense or sparse. The only place that knows the difference.
#pragma once

#include <span>
#include <vector>

#include "blocked_h.hpp"
#include "mpinmf/row_panel.hpp"
#include "row_grams.hpp"
#include "vector_kernels.hpp"

namespace mpinmf {

/// out = V_p H'. @pre v is p x n, ht is n x k and padded, out is p x k and padded
template <class T>
void cross(const RowPanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out);

/// s += V_p' W_p for the features of v. @pre v is p x n, w is p x k and padded, s is n x k and padded
template <class T>
void accumulate(const RowPanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s);

// What follows is for rows that do not lie in blocks.

/// The factors that x = (W_p H)_ij is made from.
template <class T>
struct Factors {
  ConstMatrixView<T> w, ht;         ///< p x k and n x k, padded
  ConstMatrixView<T> blocked = {};  ///< H as BlockedH has it, where ModelRoom asks for it
};

/// The sizes of the panels that a scratch is for.
struct PanelSizes {
  Index rows, columns, longest_row;  ///< at most so many rows; stored entries in a row
  bool is_sparse;
};

/// Room for x, said before it is made; 0: none is needed.
struct ModelRoom {
  bool blocked_h = false;             ///< once for all threads
  Index rows = 0;                     ///< of a block of x
  Index weight_rows = 0;              ///< the same for a power of x, or v / x^2
  Index value_rows = 0;               ///< the same for V
  Index curvature_rows = 0;           ///< the same for curvatures
  Index squares = 0;                  ///< components of squares of so many rows of a factor, or columns of a block
  Index longest_row = 0, newton = 0;  ///< numbers
  Index gram_rows = 0,
        gram_numbers = 0;  ///< Gram matrices of rows of a factor, or entries of some columns of rows

  static ModelRoom for_quotients(const PanelSizes& sizes, bool has_curvature) {
    if (sizes.is_sparse) return {.longest_row = sizes.longest_row};
    return {.blocked_h = true, .rows = sizes.rows, .weight_rows = has_curvature ? sizes.rows : 0};
  }
  /// Of `squares`.
  Index square_rows() const { return rows > model_columns ? rows : model_columns; }
  static ModelRoom for_known(const PanelSizes& sizes) {
    return sizes.is_sparse ? ModelRoom{}
                           : ModelRoom{.blocked_h = true, .rows = sizes.rows, .weight_rows = sizes.rows};
  }
  /// The same where Gram matrices of rows are gathered.
  static ModelRoom for_known_grams(const PanelSizes& sizes, Index components) {
    ModelRoom room = for_known(sizes);
    room.gram_rows = sizes.rows > gram_columns ? sizes.rows : gram_columns;
    room.gram_numbers = sizes.is_sparse ? gram_columns : row_gram_numbers(components);
    return room;
  }
  /// components: 0 where no curvature is asked for.
  static ModelRoom for_powers(const PanelSizes& sizes, Index components) {
    const Index values = sizes.is_sparse ? sizes.rows : 0;
    return {.blocked_h = true,
            .rows = sizes.rows,
            .weight_rows = sizes.rows,
            .value_rows = values,
            .curvature_rows = components > 0 ? sizes.rows : 0,
            .squares = components};
  }
  static ModelRoom for_newton(const PanelSizes& sizes, Index components) {
    return {.newton = sizes.is_sparse ? newton_scratch(components, sizes.longest_row)
                                      : dense_newton_scratch(sizes.columns)};
  }
};

/// Work space for x: a block of columns of a dense panel, a row of a sparse one.
template <class T>
struct ModelScratch {
  /// p x block of columns; values for powers of a sparse V only
  Matrix<T> model, weights, values, curvatures;
  Matrix<T> squares;        ///< of rows of a factor
  Matrix<T> grams;          ///< products of rows of a factor with themselves (row_grams.hpp), or weights
  std::vector<Index> next;  ///< beside these, as EntriesOfColumns has it
  std::vector<std::int32_t> entry_rows;
  std::vector<T> row;          ///< the longest sparse row
  std::vector<double> newton;  ///< rows of V, and if they are sparse H for their entries, component by component

  /// Makes this room; of what is not asked for, that which is there stays.
  void reserve(const ModelRoom& room);
  static double bytes(const ModelRoom& room);
};

/// out = (V_p / x) H', where x = 0 with 0. The cost of the entries is added if `cost` is given.
template <class T>
void cross_quotients(const RowPanel<T>& v, const Factors<T>& factors, MatrixView<T> out, ModelScratch<T>& scratch,
                     EntryCost* cost);
/// n x k, padded; curvature may be empty.
template <class T>
struct QuotientSums {
  MatrixView<T> numerator, curvature;
  MatrixView<T> squares;  ///< with curvature: room for W_p^2, p x k, padded
};
/// numerator += (V_p / x)' W_p for the features of v, and curvature += (V_p / x^2)' W_p^2, entry by entry.
template <class T>
void accumulate_quotients(const RowPanel<T>& v, const Factors<T>& factors, const QuotientSums<T>& s,
                          ModelScratch<T>& scratch, EntryCost* cost);

/// What a beta-divergence puts in place of V: V x^(beta-2) into the numerator, x^(beta-1) into the denominator.
template <class T>
struct PowerSums {
  MatrixView<T> numerator, denominator;  ///< p x k or n x k, padded
  MatrixView<T> curvature = {};          ///< may be empty
};
/// out = (V_p x^(beta-2)) H', x^(beta-1) H' and ((2 - beta) V_p x^(beta-3) + (beta - 1) x^(beta-2)) H'^2, squared
/// entry by entry, for all entries of V, stored or not.
template <class T>
void cross_powers(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& out,
                  ModelScratch<T>& scratch, EntryCost* cost);
/// s += W_p' (V_p x^(beta-2)) and W_p' x^(beta-1), transposed, for the features of v; the curvature with W_p'^2.
template <class T>
void accumulate_powers(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& s,
                       ModelScratch<T>& scratch, EntryCost* cost);

/// What known entries cost: the loss of each row of the panel, and zeros of W H under positive entries.
struct KnownCost {
  std::span<double> losses;  ///< p; raised
  double zero_models = 0;
};
/// out = (V_p x^(beta-2)) H' and x^(beta-1) H' for any beta, over the entries that the panel stores alone, each of
/// which counts as many times as its weight says. The cost is added if `cost` is given.
template <class T>
void cross_known(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& out,
                 ModelScratch<T>& scratch, KnownCost* cost);
/// s += W_p' (V_p x^(beta-2)) and W_p' x^(beta-1), transposed, for the features of v, likewise.
template <class T>
void accumulate_known(const RowPanel<T>& v, const Factors<T>& factors, double beta, const PowerSums<T>& s,
                      ModelScratch<T>& scratch, KnownCost* cost);
/// out_i = sum_j q_ij h_j h_j' in tiles (row_grams.hpp) over the same entries, q_ij their weights, or 1.
/// @pre out has row_gram_numbers(k) columns; there is room for_known_grams
template <class T>
void cross_known_grams(const RowPanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out, ModelScratch<T>& scratch);
/// s_j += q_ij w_i w_i' likewise.
template <class T>
void accumulate_known_grams(const RowPanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s, ModelScratch<T>& scratch);

/// What coordinate descent on W needs to know of H.
template <class T>
struct NewtonH {
  ConstMatrixView<T> ht, column_sums;  ///< n x k and 1 x k
  ConstMatrixView<T> blocked = {};     ///< as in Factors, where V is dense
};
/// Rounds of cyclic coordinate descent on the rows of W_p for the Kullback-Leibler loss, none of which raises it.
/// Returns how far the first one is expected to lower it: half its steps times minus the slopes.
/// @pre v has all n columns; there is room for_newton
template <class T>
double newton_rounds(const RowPanel<T>& v, MatrixView<T> w, const NewtonH<T>& h, const NewtonSettings<T>& settings,
                     ModelScratch<T>& scratch);

/// ||v_i - w_i H||^2 of one row, entry by entry. @pre scratch.size() >= v.columns()
template <class T>
double residual_square(const RowPanel<T>& v, Index i, const Factors<T>& factors, std::span<double> scratch);

/// c = a b for small padded b. @pre a is p x q, b is q x r, c is p x r; b and c are padded
template <class T>
void multiply_padded(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> c);

/// products_i = <x_i, y_i> in double; y of one row stands for all. @pre x and y are r x k and padded
template <class T>
void row_products(ConstMatrixView<T> x, ConstMatrixView<T> y, std::span<double> products);

/// Quotients by W H and its powers are cut here, so that sums of them stay finite where W H nearly vanishes.
/// Factors held at their floor still come back, in a few iterations instead of one.
template <class T>
constexpr T largest_quotient = sizeof(T) == 8 ? T(1e280) : T(1e30);

}  // namespace mpinmf
