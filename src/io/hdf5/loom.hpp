// Loom files of single-cell analysis (linnarssonlab.org/loompy, format).
#pragma once

#include <memory>
#include <string>

#include "file.hpp"
#include "io/source.hpp"

namespace mpinmf::io::hdf5 {

bool is_loom(const File& file);

/// /matrix, or a layer. Files hold genes x cells; what is read is cells x genes, as all formats of this field are,
/// with the names of cells (CellID) and genes (Gene).
Source open_loom(const std::shared_ptr<const File>& file, const std::string& place, bool transpose);

}  // namespace mpinmf::io::hdf5
