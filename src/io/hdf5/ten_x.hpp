// 10x Genomics' matrices of counts (Cell Ranger): version 3 has a group /matrix, version 2 one group a genome.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "file.hpp"
#include "io/source.hpp"

namespace mpinmf::io::hdf5 {

/// The groups of a file that are such matrices: /matrix, or those of its genomes.
std::vector<std::string> ten_x_groups(const File& file);
bool is_ten_x_group(const File& file, const std::string& group);

/// Cells x features (all types of them). Files hold compressed columns of features x cells, which are compressed
/// rows of cells. Names: barcodes; names of features or genes. With options.file.feature_type only features of
/// that type.
Source open_ten_x(const std::shared_ptr<const File>& file, const std::string& group, const LoadOptions& options);

/// The only group. Throws UsageError that lists genomes where there are several.
std::string only_ten_x_group(const File& file, const std::vector<std::string>& groups);

}  // namespace mpinmf::io::hdf5
