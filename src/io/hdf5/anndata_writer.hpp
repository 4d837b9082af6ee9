// What files of AnnData consist of (anndata's docs/fileformat-prose).
#pragma once

#include <string>

#include "file_writer.hpp"
#include "io/source.hpp"

namespace mpinmf::io::hdf5 {

/// Says what kind of element lies at a place.
void set_encoding(FileWriter& file, const std::string& place, const char* type, const char* version);

/// All that a file has but X: obs and var with their names (numbers, where there are none), and empty groups.
void add_frame(FileWriter& file, const Labels& labels, Index rows, Index columns);

}  // namespace mpinmf::io::hdf5
