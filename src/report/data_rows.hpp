// V row by row, for pictures that need it beside a model; without MPI, and without holding it where its format
// has rows.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mpinmf/load.hpp"

namespace mpinmf::report {

/// The nonzeros of a row: column and value, ascending, one for a column; NaN where that is not known.
using RowEntries = std::span<const std::pair<Index, double>>;

/// Calls `take` with every row of V in order. Dense files and CSR folders are read in pieces; formats that are
/// streams of entries are loaded. Throws as load does. Does not communicate.
void walk_data(const std::string& path, const LoadOptions& options,
               const std::function<void(Index row, RowEntries entries)>& take);

/// The wanted rows of V, in their order, with 0 where an entry is not known. Of dense files and CSR folders no
/// others are read. @pre they are rows of
/// V
Matrix<double> rows_of_data(const std::string& path, const LoadOptions& options, std::span<const Index> rows);

}  // namespace mpinmf::report
