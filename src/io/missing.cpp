// The names of what stands for entries of V that are not known.
#include <fmt/format.h>

#include <array>

#include "mpinmf/error.hpp"
#include "mpinmf/missing.hpp"

namespace mpinmf {
namespace {

struct NamedMissing {
  const char* name;
  Missing missing;
};
constexpr std::array<NamedMissing, 3> all_missing{
    {{"none", Missing::none}, {"zeros", Missing::zeros}, {"nan", Missing::nan}}};

}  // namespace

Missing parse_missing(const std::string& text) {
  for (const NamedMissing& known : all_missing) {
    if (text == known.name) return known.missing;
  }
  throw UsageError(fmt::format("unknown entries are {}, not '{}'", fmt::join(missing_names(), ", "), text));
}

std::string name_of(Missing missing) {
  for (const NamedMissing& known : all_missing) {
    if (missing == known.missing) return known.name;
  }
  return "";
}

std::vector<std::string> missing_names() {
  std::vector<std::string> names;
  for (const NamedMissing& known : all_missing) names.emplace_back(known.name);
  return names;
}

}  // namespace mpinmf
