// Which entries of V are not known.
#pragma once

#include <string>
#include <vector>

namespace mpinmf {

/// What stands for the entries of V that are not known.
enum class Missing {
  none,   ///< all are
  zeros,  ///< those that a sparse V does not store
  nan,    ///< those that are not a number; what a sparse V does not store is 0
};
/// "none", "zeros" or "nan", and back. Throws UsageError, listing these.
Missing parse_missing(const std::string& text);
std::string name_of(Missing missing);
std::vector<std::string> missing_names();

}  // namespace mpinmf
