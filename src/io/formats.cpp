// The table of formats. What recognises them, help and messages read it.
#include <algorithm>
#include <array>

#include "format.hpp"

namespace mpinmf::io {

template <class... Name>
struct FormatFiles {
  static auto rows() { return std::array{format_row<Format>(FormatFile<Name>())...}; }
};
// One line a format.
using AllFormats = FormatFiles<     //
    struct NpyFormat,               //
    struct NpzFormat,               //
    struct MatrixMarketFormat,      //
    struct CsrFolderFormat,         //
    struct TenXFolderFormat,        //
    struct BagOfWordsFolderFormat,  //
    struct ImageFolderFormat,       //
    struct Hdf5Format,              //
    struct MatlabHdf5Format,        //
    struct MatFormat,               //
    struct GeneratedFormat,         //
    struct BagOfWordsFormat,        //
    struct LibsvmFormat,            //
    struct RawFormat,               //
    struct TableFormat              //
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

std::vector<std::string> format_keys(std::span<const Format> known) {
  std::vector<std::string> keys;
  for (const Format& format : known) {
    const bool is_new = std::find(keys.begin(), keys.end(), format.key) == keys.end();
    if (!format.key.empty() && is_new) keys.emplace_back(format.key);
  }
  return keys;
}

}  // namespace mpinmf::io
