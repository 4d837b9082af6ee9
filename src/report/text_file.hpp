// Small text files, written completely or not at all.
#pragma once

#include <string>

namespace mpinmf::report {

/// Writes `text` to `path` (replacing it) and waits for the disk, so that a full one is noticed here.
/// Throws SystemError with the path and the system's reason. Does not communicate.
void write_text_file(const std::string& path, const std::string& text);

/// The same, but at any moment there is the old text or the new one. @pre no one else writes there
void replace_text_file(const std::string& path, const std::string& text);
/// Removes what a run that was killed in it has left.
void remove_unfinished(const std::string& path);

/// The whole file. Throws SystemError. Does not communicate.
std::string read_text_file(const std::string& path);

}  // namespace mpinmf::report
