// What the columns of H are called.
#pragma once

#include <string>
#include <vector>

#include "factor_files.hpp"
#include "io/names.hpp"

namespace mpinmf::cli {

/// The names of V's columns, if it has some, and what V is called in messages.
struct NamesOfData {
  io::NameReader columns;
  std::string path;
};

/// Those of the file that was asked for, of the model's folder, or of V, in this order; empty where none says.
/// Throws SystemError, BadData (another number of names than columns). Does not communicate.
std::vector<std::string> names_of_features(const Model& model, const std::string& asked,
                                           const NamesOfData& data = {});

}  // namespace mpinmf::cli
