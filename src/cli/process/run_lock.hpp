// One run at a time in a folder.
#pragma once

#include <string>

namespace mpinmf::cli {

/// The file in a folder that says who writes there: host and process id.
std::string lock_path(const std::string& folder);

/// Makes the lock file, taking over that of a process of this host that has ended. Throws UsageError, naming the
/// file and the cure, when another run holds it; SystemError.
void take_lock(const std::string& folder);
/// Whether the lock file still names this process.
/// What the lock says of the run, or nothing where there is none: "running (process 5 on n1)", "killed: process 5
/// on n1 has ended", "running or killed: process 5 on n1 cannot be seen from here".
std::string state_of_lock(const std::string& folder);
bool holds_lock(const std::string& folder);
void release_lock(const std::string& folder) noexcept;

}  // namespace mpinmf::cli
