// The text of a checkpoint's manifest.
#pragma once

#include <string>

#include "checkpoint.hpp"

namespace mpinmf::io {

inline constexpr const char* manifest_name = "manifest.json";

std::string manifest_text(const Manifest& manifest);

}  // namespace mpinmf::io
