// Any matrix into any format.
#pragma once

#include <optional>
#include <string>

#include "mpinmf/comm.hpp"
#include "mpinmf/load.hpp"
#include "writer.hpp"

namespace mpinmf::io {

struct WriteOptions {
  std::string format = {};   ///< one of writers(); empty: as the name of the file says
  std::string unnamed = {};  ///< where that has no ending; empty: csr for a sparse matrix, npy for a dense one
  std::optional<bool> single_precision = {};  ///< else as it is stored
  bool overwrite = false;
  std::optional<ImageSize> image = {};  ///< for a format whose rows are images
};

/// What is to be told of it.
struct WrittenMatrix {
  TableGuess guess = TableGuess::none;
  std::string lost_names = {};  ///< "rows", "columns" or both, whose names the format does not keep
  /// By which it is read again, where it does not say itself what it is.
  std::string reading_options = {};
  Index clipped = 0;  ///< entries set to 0, being negative by no more than options.clip_negative
  Index summed = 0;   ///< entries added to another in the same place
};

/// Writes `from` (anything that load reads) to `to`, by all ranks, each its rows: duplicates summed, rows sorted.
/// No rank holds more in memory than a row, some buffers and the names of its rows; what is not in the order of
/// rows is sorted in work space on disk beside `to`. It takes its name only when complete and on disk, is removed
/// otherwise, and has the same bytes for any number of ranks; a device is written into as it is. Collective;
/// throws on every rank what load throws, UsageError (`to` exists and not `overwrite`, or is something that must
/// not be replaced; no such format, or no or another size of images for it; a matrix that is prepared, into a
/// format that has it column by column), BadData (an entry too large for the precision, or that the format does
/// not hold), SystemError (disk full, or a rank that does not see the root's file).
WrittenMatrix write_matrix(const Comm& comm, const std::string& from, const LoadOptions& options,
                           const std::string& to, const WriteOptions& how);

}  // namespace mpinmf::io
