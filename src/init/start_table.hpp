// The table of starts. One file a start, or several that are akin, and one line of the list in start_table.cpp.
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf {

/// W as this rank's rows, H transposed and whole. Both padded.
template <class T>
struct FactorPair {
  Matrix<T> w;   ///< rows_local x k
  Matrix<T> ht;  ///< n x k, the same bits on every rank
};

struct StartSettings {
  Index components = 1;  ///< k
  Seed seed;
  int threads = 1;
};

/// What a start is and needs. W and H are filled by a law where they lie, or made from V.
struct StartFacts {
  bool is_choice = false;     ///< resolve (mpinmf/resolved_options.hpp) puts another one in its place
  bool is_given = false;      ///< the caller has W and H
  bool needs_svd = false;     ///< the k leading singular triplets of V
  bool ignores_seed = false;  ///< it is the same one for every seed
  int copies = 1;             ///< of W and H that stand at the same time while they are made
};

template <class T>
struct StartRow {
  Start start;
  StartFacts facts = {};
  /// The laws (start.hpp), or null.
  void (*fill_w)(const Seed& seed, double scale, Index first_row, MatrixView<T> w) = nullptr;
  void (*fill_ht)(const Seed& seed, double scale, Index rows_global, MatrixView<T> ht) = nullptr;
  /// Made from V, or null. Collective.
  FactorPair<T> (*make)(const DataMatrix<T>& v, const StartSettings& settings) = nullptr;
};

/// A start's file defines start_row for its name and both types of factors.
template <class Name>
struct StartFile {
  template <class T>
  friend StartRow<T> start_row(StartFile);
};

/// Throws UsageError, listing the known starts.
template <class T>
const StartRow<T>& row_of(const Start& start);
StartFacts facts_of(const Start& start);

}  // namespace mpinmf
