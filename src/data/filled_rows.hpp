// Rows of V whose unknown entries (NaN) are filled in by a model, so that every loss and rule works on them as on
// any (Dempster, Laird and Rubin 1977; of factorizations: Zhang, Wang, Ford and Makedon, SDM 2006, EM-WNMF).
//
// What is minimised is the loss D of the known entries. Let x = (W H)_ij be the model that stands and D^ the loss
// of V with x in place of what is unknown. Then D^ = D at this model, with the same gradient, and D^ >= D at any
// other, since a term d(x | y) >= 0 was added for each unknown entry: what lowers D^ lowers D.
#pragma once

#include <span>

#include "mpinmf/matrix.hpp"
#include "mpinmf/row_panel.hpp"

namespace mpinmf {

/// The rows, or some columns of them, with w_i h_j for each entry that is NaN, in memory that the thread uses
/// again once the panel is gone; and in `squares` the squared norms of whole rows, from those of what is known. w
/// is p x k, ht n x k in the order of V's columns that the panel has, both padded. @pre they do not lie in blocks
template <class T>
RowPanel<T> filled_rows(const RowPanel<T>& rows, ConstMatrixView<T> w, ConstMatrixView<T> ht,
                        std::span<const double> known_squares, std::span<double> squares);
/// Bytes that this takes for two panels of so many rows, of at most so many stored entries each.
template <class T>
double bytes_of_filled_rows(Index rows, Index longest_row) {
  return 2 * plain_bytes<T>(rows, longest_row);
}

}  // namespace mpinmf
