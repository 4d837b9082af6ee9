// HDF5 files among the formats: what wrote a file is known by what lies in it.
#include "io/format.hpp"

#include "anndata.hpp"
#include "element.hpp"

namespace mpinmf::io {

template <class Row>
Row format_row(FormatFile<struct Hdf5Format>) {
  return {.name = "HDF5 (AnnData .h5ad)",
          .start = "\x89hdf",
          .has_places = true,
          .open = [](const Location& at, const LoadOptions& options) {
            const auto file = std::make_shared<const hdf5::File>(at.file);
            if (hdf5::is_anndata(*file)) return hdf5::open_anndata(file, at.place, options.transpose);
            return hdf5::open_element(file, at.place, options.transpose);
          }};
}
template Format format_row(FormatFile<struct Hdf5Format>);

}  // namespace mpinmf::io
