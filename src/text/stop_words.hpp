// Words that say nothing of a text.
#pragma once

#include <string>
#include <vector>

namespace mpinmf::text {

/// "english": scikit-learn's list; "none": none; else a file with one word a line. Throws SystemError, BadData (a
/// line with several words, or a file without any).
std::vector<std::string> stop_words(const std::string& name);

}  // namespace mpinmf::text
