// What the features and rows of a model are called. Nothing here communicates: the root asks.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/factor_files.hpp"
#include "io/names.hpp"

namespace mpinmf::cli {

struct DataPlace;

/// The names of the columns of H: of the file that was asked for, of the model, or of V; empty where none says.
/// Throws SystemError, BadData (another number of names than columns).
std::vector<std::string> names_of_features(const Model& model, const DataPlace& data, const std::string& asked);

/// The names of the rows of W, of which there are `rows`: of the model, or of V; empty where none says.
io::NameReader names_of_rows(const Model& model, const DataPlace& data, Index rows);

/// Of a text file with a line a row of W, of which there are `rows`, those that are wanted. Throws SystemError,
/// BadData (another number of lines).
std::map<Index, std::string> lines_of_rows(const io::NameReader& lines, const std::string& path,
                                           const std::set<Index>& wanted, Index rows);

}  // namespace mpinmf::cli
