// H, the same bits on every rank, with what travels beside it.
#pragma once

#include <vector>

#include "decision.hpp"
#include "factor_sums.hpp"
#include "feature_blocks.hpp"
#include "losses/panel_loss.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/fit_state.hpp"
#include "state_tape.hpp"

namespace mpinmf {

/// Rows of so many components that the tail of H's message takes up: Gram matrix, sums and decision.
Index tail_rows(Index components, Index element_bytes);

/// H transposed (n x k, padded), its Gram matrix and sums. One message carries all of it from the root, or several
/// carry it in chunks.
template <class T>
class SharedH {
 public:
  SharedH(Index features, Index components, int threads = 1);
  /// Bytes that this allocates.
  static double bytes(Index features, Index components, int threads);

  MatrixView<T> ht();
  ConstMatrixView<T> ht() const;
  /// H as sweeps see it. Valid after publish, refresh or take_statistics.
  FixedH<T> fixed() const;
  /// H H', k x k, in double. Valid like fixed().
  ConstMatrixView<double> gram() const { return {total_numbers_.data(), components_, components_, components_}; }
  /// Of the last move; after publish on the root only, after take_statistics everywhere.
  FactorSums::Move moved() const { return const_cast<SharedH*>(this)->total().moved(); }
  bool is_finite() const;

  /// The cut of features into blocks, and these among threads.
  FeatureBlocks& blocks() { return blocks_; }
  /// Recomputes Gram matrix and sums from H. What was moved stays.
  void refresh();
  /// Adds the Gram matrix and column sums of some rows of H. Threads may do so at the same time.
  void add_rows(FeatureRange rows, std::size_t thread, const FactorSums& sums);

  /// H, Gram matrix, sums and decision of the root replace those of all ranks.
  void publish(const Comm& comm, Decision& decision);
  /// In chunks: rows of the owner replace those of all ranks.
  Pending start_broadcast(const Comm& comm, FeatureRange features, int owner);

  /// Gram matrix, sums and what was moved, of all of H. The code that moves H writes them and then calls
  /// take_statistics.
  FactorSums total() { return {total_numbers_, components_}; }
  void take_statistics();

  /// Statistics and what was moved, of the root.
  void pass(StateTape& tape) { tape.pass(std::span<double>(total_numbers_)); }
  /// Of the root; everyone's after publish.
  void add_views(FitState<T>& state, bool is_root);

 private:
  void pack(const Decision& decision);
  void unpack(Decision& decision);

  Index features_, components_;
  Matrix<T> storage_;                      // ht, then rows that hold the tail of the message
  std::vector<double> total_numbers_;      // FactorSums of all of H
  Matrix<T> working_gram_, working_sums_;  // the same in working precision, padded
  FeatureBlocks blocks_;
  std::vector<std::vector<double>> gram_scratch_;  // one a thread
};

/// One more array of H in a saved state: x is n x c, of which this rank saves these rows. Nothing where it has no
/// columns.
template <class Arrays, class N>
void add_feature_rows(Arrays& arrays, const char* name, MatrixView<N> x, Index features,
                      std::span<const FeatureRange> own) {
  if (x.columns() == 0) return;
  auto& array = arrays.emplace_back();
  array.name = name;
  array.rows = features;
  array.columns = x.columns();
  for (const FeatureRange& range : own) {
    array.blocks.push_back({range.first, x.middle_rows(range.first, range.count)});
  }
}

}  // namespace mpinmf
