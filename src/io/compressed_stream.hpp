// Compressed rows or columns from front to back: their arrays are read in step, none of them as a whole.
#pragma once

#include <functional>

#include "compressed.hpp"
#include "npy_file.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// Each begins its array anew.
struct CompressedReaders {
  std::function<NpyReader()> offsets, indices, values;
};

/// Blocks of height x width numbers, which may be entries (1 x 1). Their number is the last offset.
struct StreamedBlocks {
  CompressedCheck check;  ///< rows and columns of blocks; `stored` is not known yet
  Index height = 1, width = 1;
};

/// Throws BadData for arrays that do not go together.
Source stream_compressed(StreamedBlocks blocks, CompressedReaders readers, bool transpose);

}  // namespace mpinmf::io
