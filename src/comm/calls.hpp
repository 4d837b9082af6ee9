// What every call of MPI needs.
#pragma once

#include <climits>
#include <string>

#include "mpinmf/comm.hpp"

namespace mpinmf {

/// Throws SystemError unless the call went well.
inline void require_success(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw SystemError(std::string(call) + " failed: " + std::string(text, static_cast<std::size_t>(length)));
}

/// MPI counts elements by int: what is longer goes in pieces. A test lowers it.
inline std::size_t largest_message = INT_MAX;

/// One call of MPI with `count` elements.
inline void tally(CommCounts::Kind& kind, std::size_t count, std::size_t element_bytes) {
  ++kind.messages;
  kind.bytes += static_cast<Index>(count * element_bytes);
}

}  // namespace mpinmf
