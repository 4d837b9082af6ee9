// Filters of HDF5: what compresses the chunks of data sets.
#pragma once

#include <string>

#include "library.hpp"

namespace mpinmf::io::hdf5 {

/// Throws BadData, which names the filter and where it comes from, unless all filters of a data set with these
/// properties are there. `name` stands for the data set.
void require_filters(hid_t creation, const std::string& name);

}  // namespace mpinmf::io::hdf5
