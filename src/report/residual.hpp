// What W H leaves of V, by row and by column.
#pragma once

#include "component_pictures.hpp"
#include "data_rows.hpp"

namespace mpinmf::report {

/// Rows first .. first + count - 1 of W, m x k.
using FactorRows = std::function<Matrix<double>(Index first, Index count)>;

/// Norms of V and of V - W H over what is known (options.missing) in one walk over V, from nonzeros and k x k
/// products: residuals below 1e-7 of V's norms are round-off. Holds 16 bytes a row, H once more and 24 bytes a
/// column. @pre h is k x n. Throws as walk_data does.
Norms residual_norms(const std::string& v, const LoadOptions& options, const FactorRows& w, Index rows,
                     ConstMatrixView<double> h);

}  // namespace mpinmf::report
