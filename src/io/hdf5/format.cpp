// HDF5 files among the formats: what wrote a file is known by what lies in it.
#include "io/format.hpp"

#include <fmt/format.h>

#include "anndata.hpp"
#include "element.hpp"
#include "loom.hpp"
#include "matlab.hpp"
#include "mpinmf/error.hpp"
#include "only_matrix.hpp"
#include "own_names.hpp"
#include "strings.hpp"
#include "ten_x.hpp"

namespace mpinmf::io {
namespace {

void require_no_feature_type(const std::string& name, const LoadOptions& options) {
  if (options.file.feature_type.empty()) return;
  throw UsageError(
      fmt::format("{}: --feature-type is for matrices of 10x Genomics, which this is not: leave it out", name));
}

/// What a place says of itself, in a file of any kind.
Source open_hdf5_place(const std::shared_ptr<const hdf5::File>& file, const std::string& place,
                       const LoadOptions& options) {
  const bool transpose = options.transpose;
  if (hdf5::is_ten_x_group(*file, place)) return hdf5::open_ten_x(file, place, options);
  require_no_feature_type(file->name_of(place), options);
  if (file->kind(place) == hdf5::Kind::nothing) return hdf5::open_element(file, place, transpose);
  if (hdf5::is_matlab(*file, place)) return hdf5::open_matlab(file, place, transpose);
  Source source = hdf5::open_element(file, place, transpose);
  if (place == hdf5::own_matrix) {
    source.labels = {hdf5::names_at(file, hdf5::own_row_names), hdf5::names_at(file, hdf5::own_column_names)};
  }
  return source;
}

Source open_hdf5(const Location& at, const LoadOptions& options) {
  const auto file = std::make_shared<const hdf5::File>(at.file);
  const bool is_anndata = hdf5::is_anndata(*file), is_loom = !is_anndata && hdf5::is_loom(*file);
  if (is_anndata || is_loom) require_no_feature_type(at.text(), options);
  if (is_anndata) return hdf5::open_anndata(file, at.place, options.transpose);
  if (is_loom) return hdf5::open_loom(file, at.place, options.transpose);
  if (!at.place.empty()) return open_hdf5_place(file, at.place, options);
  const std::vector<std::string> genomes = hdf5::ten_x_groups(*file);
  const std::string place =
      genomes.empty() ? hdf5::place_of_only_matrix(*file) : hdf5::only_ten_x_group(*file, genomes);
  return open_hdf5_place(file, place, options);
}

}  // namespace

template <class Row>
Row format_row(FormatFile<struct Hdf5Format>) {
  return {.name = "HDF5 (.h5, .h5ad, .loom)",
          .key = "hdf5",
          .start = "\x89hdf",
          .has_places = true,
          .takes = "feature-type",
          .open = open_hdf5};
}
template Format format_row(FormatFile<struct Hdf5Format>);

template <class Row>
Row format_row(FormatFile<struct MatlabHdf5Format>) {
  return {
      .name = "MATLAB 7.3 (.mat)", .key = "matlab", .start = "matlab 7.3", .has_places = true, .open = open_hdf5};
}
template Format format_row(FormatFile<struct MatlabHdf5Format>);

}  // namespace mpinmf::io
