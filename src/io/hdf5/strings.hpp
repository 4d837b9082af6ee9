// Names of rows and columns in HDF5 files.
#pragma once

#include <memory>
#include <string>

#include "file.hpp"
#include "io/names.hpp"

namespace mpinmf::io::hdf5 {

/// What the strings (of variable or fixed length) or numbers of a one-dimensional data set say; of records: their
/// field `field`. A group that keeps strings that may be missing has them in its data set "values", one of
/// categories in "codes" and "categories"; a name that is missing there is empty. Reads them when they are asked
/// for, in batches. An empty reader where there is nothing at `place`. Throws SystemError, BadData (here and while
/// reading).
NameReader names_at(const std::shared_ptr<const File>& file, std::string place, const std::string& field = "");

}  // namespace mpinmf::io::hdf5
