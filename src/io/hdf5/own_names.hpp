// What stands where in an HDF5 file that this program writes without a convention: the writers' and the reader's.
#pragma once

namespace mpinmf::io::hdf5 {

inline constexpr const char* own_matrix = "/V";                   ///< a data set, or a group of compressed rows
inline constexpr const char* own_row_names = "/row_names";        ///< one-dimensional, where rows have names
inline constexpr const char* own_column_names = "/column_names";  ///< likewise

}  // namespace mpinmf::io::hdf5
