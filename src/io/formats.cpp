// The table of formats. What recognises them, help and messages read it.
#include <array>

#include "format.hpp"

namespace mpinmf::io {

// Each in a file of its own.
Format npy_format();
Format matrix_market_format();
Format csr_folder_format();
Format generator_format();

std::span<const Format> formats() {
  static const std::array table{
      npy_format(),
      matrix_market_format(),
      csr_folder_format(),
      generator_format(),
  };
  return table;
}

std::string format_names(std::span<const Format> known) {
  std::string names;
  for (const Format& format : known) {
    if (!names.empty()) names += &format == &known.back() ? " or " : ", ";
    names += format.name;
  }
  return names;
}

}  // namespace mpinmf::io
