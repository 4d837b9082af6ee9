// Files with names beside the factors, one name a line, where V has some.
#pragma once

namespace mpinmf::report {

inline constexpr const char* row_names_file = "row_names.txt";        ///< of V's rows, which are those of W
inline constexpr const char* column_names_file = "column_names.txt";  ///< of V's columns, which are those of H

}  // namespace mpinmf::report
