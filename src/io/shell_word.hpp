// Text for shells.
#pragma once

#include <string>

namespace mpinmf {

/// `text` as one word of a shell: as it is, or in quotes.
std::string shell_word(const std::string& text);

}  // namespace mpinmf
