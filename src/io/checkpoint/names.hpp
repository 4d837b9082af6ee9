// The folders of checkpoints by their names: which are complete, and how one becomes so. Nothing here
// communicates.
#pragma once

#include <string>

namespace mpinmf::io {

/// A path for the next checkpoint in a folder: one above the highest number there, of a complete one or not.
std::string next_checkpoint(const std::string& folder);

/// What a complete checkpoint is called while it is written or removed; another process calls it otherwise.
std::string unfinished_name(const std::string& checkpoint);

/// Gives what is unfinished the name of a complete one, after all in it is on disk. Throws SystemError.
void publish_checkpoint(const std::string& unfinished_one, const std::string& checkpoint);

/// A complete one. Half removed it does not look complete.
void remove_checkpoint(const std::string& checkpoint);

/// Removes what was never completed, or never wholly removed.
void remove_unfinished_checkpoints(const std::string& folder);

}  // namespace mpinmf::io
