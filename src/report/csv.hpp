// Lines of comma-separated values.
#pragma once

#include <string>
#include <vector>

namespace mpinmf::report {

/// As many digits as give the same double back; nothing for what is unknown.
std::string csv_number(double value);

/// With quotes around it where it needs them; the end of a line within it becomes a space.
std::string csv_text(const std::string& text);

/// The fields of a line, quotes taken off.
std::vector<std::string> csv_fields(const std::string& line);

}  // namespace mpinmf::report
