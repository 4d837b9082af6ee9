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

/// A line a row of W.
struct RowLines {
  io::NameReader lines;  ///< empty: there are none
  std::string path;      ///< where they are from, for messages
};
/// The names of the rows of W: of the model, or of V; empty where none says.
RowLines names_of_rows(const Model& model, const DataPlace& data);

/// Those of the wanted rows; W has `rows`. Throws SystemError, BadData (another number of lines).
std::map<Index, std::string> lines_of_rows(const RowLines& of_rows, const std::set<Index>& wanted, Index rows);

}  // namespace mpinmf::cli
