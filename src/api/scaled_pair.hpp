// W and H of a V whose rows or columns were multiplied so that they count by weights (DataMatrix::scaled).
#pragma once

#include <string>
#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/resolved_options.hpp"

namespace mpinmf {

/// What such weights of rows, or else of columns, cannot do with, as one types it: a loss that is not homogeneous
/// of a degree above 0, or what a factor is held to whose scale is another then. Empty: nothing.
std::string what_bars_scales(const ResolvedOptions& options, bool of_rows);

/// Throws UsageError, on every rank alike, where V is scaled, but for another loss, or `options` have what bars
/// it.
template <class T>
void require_scales_suit(const DataMatrix<T>& v, const Loss& loss);
template <class T>
void require_scales_suit(const DataMatrix<T>& v, const ResolvedOptions& options);

/// What the entries of V were multiplied by: their row's number times their column's.
class EntryScales {
 public:
  template <class T>
  explicit EntryScales(const DataMatrix<T>& v) : scales_(v.scales()) {}

  /// Of this rank's row i; 1 where rows have no weights.
  double of_row(Index i) const { return scales_ == nullptr ? 1 : one_of(scales_->of_rows, i); }
  /// Of column j, in V's order; likewise.
  double of_column(Index j) const { return scales_ == nullptr ? 1 : one_of(scales_->of_columns, j); }

 private:
  static double one_of(const std::vector<double>& scales, Index place) {
    return scales.empty() ? 1 : scales[static_cast<std::size_t>(place)];
  }
  const WeightScales* scales_;
};

/// W (this rank's rows) and H transposed (in V's order of columns) from V as it was to V as it is scaled, and
/// back, where what has no weight becomes 0 either way. In double and rounded once. Does not communicate.
template <class T>
void scale_in(const DataMatrix<T>& v, MatrixView<T> w, MatrixView<T> ht);
template <class T>
void scale_out(const DataMatrix<T>& v, MatrixView<T> w, MatrixView<T> ht);

}  // namespace mpinmf
