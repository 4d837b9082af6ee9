// A source of which another matrix says which entries are not known: whoever reads it sees NaN there.
#pragma once

#include "mpinmf/comm.hpp"
#include "source.hpp"

namespace mpinmf::io {

enum class MaskUse {
  header,   ///< what the header says is wanted, no entries
  entries,  ///< all
};

/// `raw`, which options.mask is of, with NaN where that has another number than 0. Rows at will stay so if those
/// of the mask are; else all ranks hand out entries, and each holds a share of the mask. Entries that V has at
/// such places come before or after: who reads a stream or compressed rows sums them, and checks the sum
/// (EntryCheck::defers). Collective; throws on every rank what opening the mask throws, ShapeMismatch, and BadData
/// for a mask with NaN. @pre opened on all ranks, without its preparation
Source with_mask(const Comm& comm, Source raw, const LoadOptions& options, MaskUse use = MaskUse::entries);

}  // namespace mpinmf::io
