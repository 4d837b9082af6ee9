// The table of formats. What recognises them, help and messages read it.
#include <array>

#include "format.hpp"

namespace mpinmf::io {

template <class... Name>
struct FormatFiles {
  static auto rows() { return std::array{format_row<Format>(FormatFile<Name>())...}; }
};
// One line a format.
using AllFormats = FormatFiles<  //
    struct NpyFormat,            //
    struct NpzFormat,            //
    struct MatrixMarketFormat,   //
    struct CsrFolderFormat,      //
    struct Hdf5Format,           //
    struct MatlabHdf5Format,     //
    struct GeneratedFormat,      //
    struct TableFormat           //
    >;

std::span<const Format> formats() {
  static const auto table = AllFormats::rows();
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
