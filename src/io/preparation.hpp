// What becomes of V while it is read: which rows and columns are kept, and the arithmetic on a row.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mpinmf/load.hpp"
#include "source.hpp"
#include "subset.hpp"

namespace mpinmf::io {

/// Columns and values of a whole row: columns ascending, duplicates summed, zeros where they are kept. A negative
/// value is one that --clip-negative will take as 0: nothing is done to it, and who reads it counts it.
using RowEntries = std::vector<std::pair<Index, double>>;

enum class RowNorm { none, sum, max, l2 };

/// A Preparation whose columns and statistics are known. Rows and columns are numbered as in the file (after
/// transposition) where it is not said otherwise.
struct Prepared {
  Preparation asked;
  Subset rows;      ///< that are kept
  Subset selected;  ///< columns that the sums of rows are of
  Subset columns;   ///< that are kept, some of those
  /// What each column that is kept is divided by, in their order; empty: nothing.
  std::vector<double> column_scales;
  bool has_columns = false;  ///< the two before are a model's, so that no statistics of columns are wanted
  Index stored = -1;         ///< entries that are kept; -1: not known
  RowNorm row_norm = RowNorm::none;
  double row_target = 1;  ///< what this norm becomes
  /// What rows are multiplied by instead, by their numbers: those of another matrix (prepared_as_rows_of, in
  /// prepare.hpp). Empty: this one's own.
  std::vector<double> row_factors = {};

  /// Whether V must be read once before.
  bool needs_statistics() const { return leaves_out_rows() || needs_statistics_of_columns(); }
  /// Whether what an entry becomes depends on others of its row, or on what else has its place.
  bool needs_whole_rows() const { return changes_rows() || refuses_empty_rows(); }
  bool needs_statistics_of_columns() const;
  bool changes_values() const { return changes_rows() || !column_scales.empty() || !asked.scale_columns.empty(); }
  bool changes_rows() const { return row_norm != RowNorm::none || asked.log1p; }
  /// Rows that hold nothing in the columns that are chosen: as in cNMF, where these are the overdispersed ones.
  bool refuses_empty_rows() const;
  /// By their sums.
  bool leaves_out_rows() const { return asked.min_row_sum > 0; }
  double bytes() const;
};

/// `asked` for a matrix of so many rows and columns, with the names of its columns, as far as that is known
/// without statistics. Throws UsageError (beyond the matrix), BadData and SystemError (the file of columns). Does
/// not communicate.
Prepared select(const Preparation& asked, const MatrixHeader& header, const NameReader& column_names);

/// How --columns chooses by what columns hold.
struct ColumnChoice {
  enum class By { nothing, variance, overdispersion };
  By by = By::nothing;
  Index count = 0;  ///< 0: as many as are overdispersed
};
/// Throws UsageError.
ColumnChoice column_choice(const Preparation& asked);

double sum_of(const RowEntries& row);
/// What makes its norm `target`; 1 for a row of zeros. Throws BadData for an infinite norm.
double factor_of_row(const RowEntries& row, RowNorm norm, double target);
/// Known entries times `factor`.
void scale_row(RowEntries& row, double factor);
/// Throws BadData for row `number` of the file `name` where a row that was chosen from holds nothing and must not.
void require_entries(const Prepared& prepared, const RowEntries& row, const std::string& name, Index number);
/// Scales row `number` and takes its logarithms, as asked.
void work_on(const Prepared& prepared, RowEntries& row, Index number);
/// Leaves what is in columns that are kept, numbered anew, and scales it.
void choose_columns(const Prepared& prepared, RowEntries& row);

}  // namespace mpinmf::io
