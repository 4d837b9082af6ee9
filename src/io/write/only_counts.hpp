// Matrices for formats that hold whole numbers only.
#pragma once

#include <string_view>

#include "output_matrix.hpp"

namespace mpinmf::io {

/// From now on its rows are handed out only as long as every number is whole and at most `largest`. Reading throws
/// BadData for another, which names its place and says that `format` does not hold it.
void require_counts(OutputMatrix& matrix, Index largest, std::string_view format);

}  // namespace mpinmf::io
