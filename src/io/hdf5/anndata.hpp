// AnnData, the files of single-cell analysis in Python (.h5ad): anndata's docs/fileformat-prose.
#pragma once

#include <memory>
#include <string>

#include "file.hpp"
#include "io/source.hpp"

namespace mpinmf::io::hdf5 {

bool is_anndata(const File& file);

/// Names that a table of observations or variables (/obs, /var) gives its rows; an empty reader where it gives
/// none.
NameReader names_of_table(const std::shared_ptr<const File>& file, const std::string& table);

/// X, or what lies at `place`: /layers/NAME, /raw/X, /obsm/NAME, /obsp/NAME. Rows are observations (cells),
/// columns variables (genes), with their names.
Source open_anndata(const std::shared_ptr<const File>& file, const std::string& place, bool transpose);

}  // namespace mpinmf::io::hdf5
