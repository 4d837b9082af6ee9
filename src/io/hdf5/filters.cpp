#include "filters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>

#include "mpinmf/error.hpp"

namespace mpinmf::io::hdf5 {
namespace {

struct KnownFilter {
  int number;
  const char* name;
  const char* source;  ///< a package of Debian and Ubuntu; empty: none
};

// numbers: portal.hdfgroup.org, registered filter plugins
constexpr KnownFilter known_filters[] = {{1, "gzip", ""},
                                         {4, "szip", ""},
                                         {307, "bzip2", "hdf5-filter-plugin"},
                                         {32001, "Blosc", "hdf5-filter-plugin-blosc-serial"},
                                         {32004, "LZ4", "hdf5-filter-plugin"},
                                         {32008, "Bitshuffle", "bitshuffle"},
                                         {32013, "ZFP", "hdf5-filter-plugin-zfp-serial"},
                                         {32015, "Zstandard", ""},
                                         {32026, "Blosc2", ""}};

/// `name_in_file` is what the file calls a filter that is not a known one.
std::string about_missing_filter(int number, const std::string& name_in_file) {
  const auto* const known = std::find_if(std::begin(known_filters), std::end(known_filters),
                                         [&](const KnownFilter& filter) { return filter.number == number; });
  const bool is_known = known != std::end(known_filters);
  const std::string plugin =
      is_known && *known->source != '\0'
          ? fmt::format("install it (Debian: {0}; dpkg -L {0} says where) and name its folder in HDF5_PLUGIN_PATH",
                        known->source)
          : "name the folder of its plugin in HDF5_PLUGIN_PATH (python3 -c \"import hdf5plugin; "
            "print(hdf5plugin.PLUGIN_PATH)\" says where pip's hdf5plugin keeps them)";
  const char* const folders = std::getenv("HDF5_PLUGIN_PATH");
  const std::string searched =
      folders == nullptr ? "is not installed" : fmt::format("is not in HDF5_PLUGIN_PATH ({})", folders);
  return fmt::format(
      "is compressed by {} (HDF5 filter {}), which {}; {}, or write the file again with gzip or uncompressed",
      is_known               ? known->name
      : name_in_file.empty() ? "an unknown filter"
                             : name_in_file,
      number, searched, plugin);
}

}  // namespace

void require_filters(hid_t creation, const std::string& name) {
  const int count = H5Pget_nfilters(creation);
  if (count < 0) refuse(name, "its filters cannot be read");
  for (int i = 0; i < count; ++i) {
    std::array<char, 64> text{};
    std::size_t parameters = 0;
    unsigned flags = 0, configuration = 0;
    const H5Z_filter_t filter = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &parameters, nullptr,
                                               text.size() - 1, text.data(), &configuration);
    if (filter < 0) refuse(name, "its filters cannot be read");
    const bool is_there = H5Zfilter_avail(filter) > 0;
    H5Eclear2(H5E_DEFAULT);
    if (!is_there) throw BadData(fmt::format("{}: {}", name, about_missing_filter(filter, text.data())));
  }
}

}  // namespace mpinmf::io::hdf5
