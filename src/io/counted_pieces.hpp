// Pieces of a text in which rows have no numbers but their place: they are counted before they are read.
#pragma once

#include <array>
#include <string>

#include "source.hpp"

namespace mpinmf::io {

/// Every rank counts its piece, and all of them add up.
class CountedPieces : public EntryPieces {
 public:
  std::vector<Index> count(int part, int parts) final;
  void take_counts(std::span<const std::vector<Index>> of_pieces, MatrixHeader& header) final;

 protected:
  /// The first is how many rows there are (or whatever is numbered), others are the format's.
  using Counts = std::array<Index, 4>;

  explicit CountedPieces(std::string path) : path_(std::move(path)) {}
  virtual Counts count_piece(int part, int parts) const = 0;
  virtual void use_counts(std::span<const Counts> of_pieces, MatrixHeader& header) = 0;
  /// How many there are in the pieces before. Those are counted now if they were not in as many pieces.
  Index counted_before(int part, int parts);

 private:
  void add_up(std::span<const Counts> of_pieces);

  std::string path_;
  std::vector<Index> before_;  // each piece
};

/// Counts a source that open_source has not: this rank alone, all of it. Does not communicate.
void count_alone(Source& source);

}  // namespace mpinmf::io
