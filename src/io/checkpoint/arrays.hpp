// The arrays of a checkpoint: written and read by all ranks, each its own rows.
#pragma once

#include <string>
#include <vector>

#include "checkpoint.hpp"

namespace mpinmf::io {

/// The arrays of a state in a folder: their files, what was written into them, and their places in the manifest.
/// On every rank all arrays are described, in the same order; then the root creates their files, before any rank
/// writes. What throws is SystemError.
class ArrayWriter {
 public:
  explicit ArrayWriter(std::string folder) : folder_(std::move(folder)) {}

  template <class E>
  void describe(const StateArray<E>& array);
  template <class E>
  void create(const StateArray<E>& array) const;
  /// This rank's rows of the array that was described as the `number`th, from 0.
  template <class E>
  void write(Index number, const StateArray<E>& array);
  /// On the root, which knows all arrays: these with the pieces of all ranks. Collective.
  std::vector<Manifest::Array> gather(const Comm& comm);

 private:
  /// A piece, as ranks tell the root of it.
  struct WrittenPiece {
    Index array;
    Manifest::Piece piece;
  };

  std::string folder_;
  std::vector<Manifest::Array> arrays_;
  std::vector<WrittenPiece> written_;
};

/// Throws BadData when there is none of the name.
const Manifest::Array& array_in(const Manifest& manifest, const std::string& name);

/// Fills the blocks of this rank. Throws BadData when the array is missing or of another shape, SystemError.
template <class E>
void load_array(const Manifest& manifest, const StateArray<E>& array);

/// Which of its pieces, each looked at by one rank, is not what was written; or nothing. Collective.
std::string damage_in(const Comm& comm, const Manifest& manifest);

}  // namespace mpinmf::io
