// Files and folders that make no sense unless their run ends well: a signal that ends the run removes them.
#pragma once

#include <string>

namespace mpinmf {

/// From now on a signal removes this file, or this folder if it is empty then. Files go first, then folders, the
/// newest first. Paths that are too long, or too many, are left out. Call it before the path is made.
void remember_unfinished(const std::string& path, bool folder);
/// The same for a folder of ours, which goes with all files in it.
void remember_unfinished_with_files(const std::string& path);
/// The path is complete, or removed already.
void forget_unfinished(const std::string& path);

/// SIGINT, SIGTERM and SIGHUP, unless ignored or handled already, remove what is remembered and then end the
/// program as they always do. Call it once, at the start.
void remove_unfinished_on_signals();

/// What such a signal does: removes what is remembered and ends the program by it. For handlers.
void end_by_signal(int signal);

}  // namespace mpinmf
