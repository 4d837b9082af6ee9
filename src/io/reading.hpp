// The members of FileReading by name, for whoever records them, hands them on or takes them from users.
#pragma once

#include <array>

#include "mpinmf/load.hpp"

namespace mpinmf::io {

struct ReadingField {
  const char* option;  ///< without its hyphens
  const char* key;     ///< in run.json
  std::string FileReading::*text;
};

inline constexpr std::array<ReadingField, 9> reading_fields = {{
    {"format", "format", &FileReading::format},
    {"feature-type", "feature_type", &FileReading::feature_type},
    {"delimiter", "delimiter", &FileReading::delimiter},
    {"decimal", "decimal", &FileReading::decimal},
    {"header", "header", &FileReading::header},
    {"row-names", "row_names", &FileReading::row_names},
    {"shape", "shape", &FileReading::shape},
    {"element-type", "element_type", &FileReading::element_type},
    {"layout", "layout", &FileReading::layout},
}};

}  // namespace mpinmf::io
