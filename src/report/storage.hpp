// Whether V lies in memory or on disk.
#pragma once

#include <optional>
#include <string>

#include "memory.hpp"

namespace mpinmf::report {

/// What the user says of it.
struct StorageWish {
  std::optional<Storage> asked;  ///< nothing: on disk where memory is too small and disk helps
  std::string scratch;           ///< the folder for V on disk; empty: $TMPDIR, or else /var/tmp
};

/// Whether every host has the memory for its ranks. Collective.
bool fits_in_memory(const Comm& comm, const MatrixHeader& header, const MemoryPlan& plan);

/// Where V goes, the same on every rank. Throws SystemError on every rank where some host has too little memory
/// for its ranks, or too little disk for their rows. Collective.
Storage choose_storage(const Comm& comm, const MatrixHeader& header, MemoryPlan plan, const StorageWish& wish);

}  // namespace mpinmf::report
