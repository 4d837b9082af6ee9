#include "own_names.hpp"

namespace mpinmf::io {

std::vector<std::string> own_names(const NameReader& names, Index first, Index count) {
  std::vector<std::string> own;
  Index i = 0;
  names([&](std::string_view name) {
    if (i >= first && i < first + count) own.emplace_back(name);
    ++i;
  });
  return own;
}

NameReader names_by_number(Index count) {
  return [count](const std::function<void(std::string_view)>& take) {
    for (Index i = 0; i < count; ++i) take(std::to_string(i));
  };
}

}  // namespace mpinmf::io
