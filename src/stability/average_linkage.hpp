// Average-linkage trees of rows, and at which height pairs of rows meet in them.
#pragma once

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// The cophenetic distance of each two rows: the mean distance between the two clusters that are joined when the
/// rows meet, in the tree that joins the nearest two clusters first (Sokal and Michener 1958). By chains of
/// nearest neighbours (Benzécri 1982; Müllner 2011), n² steps and twice n² numbers. @pre distances is n x n and
/// symmetric
Matrix<double> cophenetic_distances(ConstMatrixView<double> distances);

}  // namespace mpinmf::stability
