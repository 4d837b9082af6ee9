// A reference for Kullback-Leibler on one core: Newton coordinate descent on both factors, which needs V by rows
// and by columns and so reads it twice an iteration. It is what R's fastTopics calls scd, extrapolated (Carbonetto
// et al., Non-negative matrix factorization algorithms greatly improve topic model fits, arXiv:2105.13440).
#pragma once

#include <functional>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf::bench {

CsrRows<double> transposed(const CsrRows<double>& v);

/// sum over all entries of v log(v / x) - v + x, x = W H. @pre v is m x n, w m x k, ht n x k
double kullback_leibler(const CsrRows<double>& v, ConstMatrixView<double> w, ConstMatrixView<double> ht);

/// Moves w (m x k) and ht (n x k), both padded and > 0, in place: in a pass the rows of W by V, then those of H'
/// by V', each by Newton rounds given the other. What a factor has moved by carries it on, and the other one sees
/// it there (Ang and Gillis 2019). A pass that raises the loss is taken back, and the one after it is a plain one,
/// which cannot. `goes_on` is told the loss of the start, then, after each pass, of the pair that stands, and says
/// whether another pass follows.
void minimise_in_both_orders(const CsrRows<double>& v, MatrixView<double> w, MatrixView<double> ht,
                             const std::function<bool(double loss)>& goes_on);

}  // namespace mpinmf::bench
