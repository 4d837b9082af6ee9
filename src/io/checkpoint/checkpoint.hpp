// Checkpoints of a fit: a folder that holds, for each of the newest, a folder of its own.
//
//     DIR/checkpoint-7/            complete: it got this name, in one step, after all in it was on disk
//         manifest.json            iteration, loss, of which fit, and the checksum of every piece of every array
//         numbers.npy w.npy ht.npy ...
//     DIR/checkpoint-8.partial-*   being written or removed, or left by a run that was killed
//
// All ranks write their rows into the arrays. Rows of ht.npy and h_*.npy lie in the order that a fit holds the
// columns of V in, which is that of V but for wide sparse matrices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/fit_state.hpp"

namespace mpinmf::io {

/// Names and values that must be the same where a fit goes on: "k" and "20", say.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// "k is 20 there but 10 here", for the first of those here that differs, or nothing.
std::string difference_of(const Facts& there, const Facts& here);

/// A checkpoint as its manifest describes it.
struct Manifest {
  /// Consecutive rows of an array, written by one rank.
  struct Piece {
    Index first = 0, count = 0;
    std::uint64_t checksum = 0;
  };
  struct Array {
    std::string name;
    Index rows = 0, columns = 0, element_bytes = 0;
    Index offset = 0;  ///< bytes before the first element in its file
    std::vector<Piece> pieces;
  };

  std::string path;  ///< of its folder
  Facts fit;         ///< of which fit
  Index iteration = 0, max_iterations = 0, loss_iteration = 0;
  double seconds = 0;  ///< of iterations up to here
  double loss = Cost::unknown;
  double written_at = 0;  ///< seconds since 1970
  int ranks = 0;
  std::string host;  ///< of the root
  std::vector<Array> arrays;
};

/// Throws BadData when the text is damaged or of another version; names `path`. Does not communicate.
Manifest parse_manifest(const std::string& text, const std::string& path);

/// That of a complete checkpoint. Throws as parse_manifest, and SystemError. Does not communicate.
Manifest read_manifest(const std::string& checkpoint);
/// How many columns W has there: more than k, where it is of the wider fit that --merge asks for. Throws BadData.
Index components_of(const Manifest& manifest);
/// On disk.
double bytes_of(const Manifest& manifest);

/// The complete checkpoints in a folder, the newest first: paths of their folders. Does not communicate.
std::vector<std::string> checkpoints_in(const std::string& folder);

/// Removes all checkpoints in a folder, and what killed runs left unfinished; nothing else. Does not communicate.
void remove_checkpoints(const std::string& folder) noexcept;

/// The checkpoints of one fit. All members are collective; what they throw has met.
class CheckpointFolder {
 public:
  /// Makes the folder where it is missing. `keep`: so many of the newest are kept, at least 1. Throws SystemError.
  CheckpointFolder(const Comm& comm, std::string path, Facts fit, Index keep);

  const std::string& path() const { return path_; }
  /// Removes what killed runs have left unfinished.
  void remove_leftovers();
  /// Writes one more, then removes those that were found damaged and those that are too many. Throws SystemError:
  /// then the others are as they were.
  template <class T>
  void save(const FitState<T>& state);
  /// The newest whose checksums hold, if there is any; the others are described in `damaged`. Throws UsageError
  /// when it is of another fit, naming what differs; BadData when there are some, but all of them damaged.
  std::optional<Manifest> find_newest(std::vector<std::string>& damaged);
  /// Fills the views, numbers, iteration and seconds of `state` with what was found. Throws BadData, SystemError.
  template <class T>
  void load(const Manifest& found, FitState<T>& state) const;

 private:
  void remove_old();

  Comm comm_;
  std::string path_;
  Facts fit_;
  Index keep_;
  std::vector<std::string> damaged_;  // paths; they do not count among those to keep
};

}  // namespace mpinmf::io
