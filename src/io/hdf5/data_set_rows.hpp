// Rows of V out of a two-dimensional data set.
#pragma once

#include <vector>

#include "data_set.hpp"
#include "io/source.hpp"

namespace mpinmf::io::hdf5 {

/// Rows of V are rows of the data set, or its columns. A chunk is decompressed as a whole, however little is read
/// of it. Where the library can keep all chunks that a row of V passes, that happens once. Where these are too
/// large, some rows of them are held at a time, put together chunk after chunk: each chunk is decompressed as
/// often as it takes to hold all of its rows.
class DataSetRows final : public DenseRows {
 public:
  /// `most_kept`: bytes of chunks, or of what is put together of them.
  DataSetRows(DataSet data, bool turned, double most_kept = DataSet::most_kept);
  void read(Index first, Index count, double* out) override;
  /// What is held while it is read.
  double bytes() const;

 private:
  void read_turned(Index first, Index count, double* out);
  void read_held(Index first, Index count, double* out);
  void hold(Index first);
  Index strip_height(Index width) const;

  DataSet data_;
  bool turned_;
  Index rows_, across_;                      ///< of V: rows, columns
  Index chunk_rows_ = 1, chunk_across_ = 1;  ///< likewise, of a chunk
  Index at_once_ = 0;                        ///< columns that chunks are kept for; 0: any number
  Index most_held_ = 0;                      ///< rows; 0: the library keeps chunks
  Index held_first_ = 0, held_count_ = 0;
  std::vector<std::byte> held_;  ///< as they lie in the file
};

}  // namespace mpinmf::io::hdf5
