// V: m x n, non-negative, its rows spread over the ranks.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/csr_rows.hpp"
#include "mpinmf/data_summary.hpp"
#include "mpinmf/holdout.hpp"
#include "mpinmf/missing.hpp"
#include "mpinmf/partition.hpp"
#include "mpinmf/perturbation.hpp"
#include "mpinmf/row_panel.hpp"
#include "mpinmf/weight_scales.hpp"

namespace mpinmf {

/// How sparse rows lie in memory, and are read.
enum class Layout {
  rows,       ///< row by row
  blocks,     ///< tiles of rows, in blocks of columns: while a tile is read, few rows of H are in use at any time
  many_rows,  ///< row by row, in high tiles: what belongs to a column comes together
};

namespace detail {  // of an order of columns; an empty one is that of V
/// row_j <- row_order[j], in place.
template <class U>
void gather_rows(std::span<const ColumnIndex> order, MatrixView<U> x);
/// row_order[j] <- row_j, in place.
template <class U>
void scatter_rows(std::span<const ColumnIndex> order, MatrixView<U> x);
/// own_j <- x_order[j], padded.
template <class U>
ConstMatrixView<U> gathered_rows(std::span<const ColumnIndex> order, ConstMatrixView<U> x, Matrix<U>& own);
/// Entries with the columns j become entries with the columns order[j], ascending.
void rename_and_sort(std::span<const ColumnIndex> order, std::span<std::pair<Index, double>> entries);
}  // namespace detail

/// How the values of V are held. They are computed with in the precision of the fit.
enum class StorageType {
  automatic,  ///< as integers where V is dense and its file has such; else in the precision of the fit
  float64,
  float32,
  uint8,   ///< whole numbers up to 255
  uint16,  ///< up to 65,535
};

/// Bytes of a value that is held so in a fit of such a precision.
constexpr Index value_bytes(StorageType type, Index precision_bytes) {
  const Index bytes = type == StorageType::uint8     ? 1
                      : type == StorageType::uint16  ? 2
                      : type == StorageType::float32 ? 4
                                                     : precision_bytes;
  return std::min(bytes, precision_bytes);
}

struct LocalSummary;  // data/entry_summary.hpp
template <class T>
struct PlacedRows;  // data/placed_rows.hpp
template <class T>
class MadeRows;       // data/made_rows.hpp
enum class HeldPart;  // data/held_out_rows.hpp
template <class T>
struct OwnCsr;

/// What a layout in blocks has besides the entries.
template <class T>
struct ColumnBlocks {
  Layout layout = Layout::rows;            ///< of the entries now
  std::vector<T> values;                   ///< the counts from 0 to the largest
  std::vector<ColumnIndex> first_columns;  ///< of each block, and the number of columns
  Index columns_again = 0;                 ///< so many columns lie in memory once more, column by column
  std::vector<std::uint32_t> line_ends, column_ends;  ///< as in BlockedRows
};

/// The rows of V that this rank owns, and facts about the whole. In float or double. Moves, does not copy.
template <class T>
class DataMatrix {
 public:
  /// Each rank brings its own consecutive rows (in rank order; some may bring none) and keeps them. Collective.
  /// Entries must be non-negative and finite (denormal numbers become 0), all ranks must agree on the number of
  /// columns: throws BadData (names row and column), ShapeMismatch, on every rank. `name` stands for V in
  /// messages. Where `missing` is `nan`, entries may be NaN: they are unknown. At least one must be known.
  static DataMatrix from_rows(const Comm& comm, Matrix<T> rows_local, const std::string& name = "V",
                              Missing missing = Missing::none);
  static DataMatrix from_rows(const Comm& comm, CsrRows<T> rows_local, const std::string& name = "V",
                              Missing missing = Missing::none);
  /// The same for rows that were cut after a partition. @pre rows_local has partition.rows(comm.rank()) rows
  static DataMatrix from_partition(const Comm& comm, Partition partition, Matrix<T> rows_local,
                                   const std::string& name, Missing missing = Missing::none);
  static DataMatrix from_partition(const Comm& comm, Partition partition, CsrRows<T> rows_local,
                                   const std::string& name, Missing missing = Missing::none);
  /// The same for rows that lie in a scratch folder or whose values are narrow, as load makes them. A fit has the
  /// same bits.
  static DataMatrix from_partition(const Comm& comm, Partition partition,
                                   std::shared_ptr<PlacedRows<T>> rows_local, const std::string& name,
                                   Missing missing = Missing::none);

  /// The same as from_rows, without a copy, for rows that belong to the caller. They are never written to, and
  /// must stay in place, unchanged, as long as this object lives. What would need a copy is not done: denormal
  /// numbers are refused (BadData) instead of becoming 0, and the columns of a wide sparse V keep their order,
  /// which may make sweeps slower. A fit agrees with that of a copy to rounding.
  static DataMatrix view_rows(const Comm& comm, ConstMatrixView<T> rows_local, const std::string& name = "V",
                              Missing missing = Missing::none);
  static DataMatrix view_rows(const Comm& comm, CsrView<T> rows_local, const std::string& name = "V",
                              Missing missing = Missing::none);

  /// The same V with noise on its entries (perturbation.hpp), which is made anew whenever they are read: no second
  /// copy. It is read from this object, which must stay in place, unchanged and not fitted itself, as long as the
  /// other lives. Collective. Throws BadData where the noise makes squares overflow.
  DataMatrix perturbed(const Perturbation& noise, int threads = 1) const;
  /// Likewise V without the entries that are held out: NaN, for losses with Missing::nan; or, where `missing` is
  /// `zeros`, not stored. Sparse rows become longer by zeros that are held out. Where V is scaled by weights, so
  /// are its parts.
  DataMatrix without(const Holdout& holdout, Missing missing = Missing::nan, int threads = 1) const;
  /// Likewise the known entries that are held out alone, as a sparse V that stores these, zeros among them.
  DataMatrix only(const Holdout& holdout, int threads = 1) const;

  /// V with weights, for losses with Missing::zeros: a copy that stores the entries that count, with weights
  /// beside them, sparse unless all do. `weights` has one for each entry of V, of which those that it does not
  /// store are 0; or it is a column with one for each row, or a row with one for each column. Where it has the
  /// rows of V, they must be cut among ranks as these are. What V does not store are zeros, or where `missing` is
  /// `zeros` not known, and NaN is not known. Collective. Throws ShapeMismatch, and BadData where no entry counts,
  /// on every rank.
  DataMatrix weighted(const DataMatrix& weights, Missing missing = Missing::none) const;

  /// V with weights of rows (a column with one for each, cut among ranks as these are) or of columns (a row with
  /// one for each), for one loss: V itself, whose rows, or columns, are multiplied by weight^(1/beta), so that any
  /// rule fits it as any other. Nmf and evaluate take and give W and H as of V before. `missing`: what the loss
  /// takes as not known; where that is `nan`, entries of weight 0 become NaN, else 0. Values must be our own, and
  /// floating point. Collective. Throws, on every rank, ShapeMismatch, UsageError (beta <= 0, and where values are
  /// not so) and BadData (no known entry has a weight; a power that overflows).
  DataMatrix scaled(const DataMatrix& weights, double beta, Missing missing = Missing::none) &&;
  /// Null: not scaled.
  const WeightScales* scales() const { return scales_.get(); }

  const Comm& comm() const { return comm_; }
  const Partition& partition() const { return partition_; }
  const std::string& name() const { return name_; }
  Index rows_global() const { return partition_.rows(); }
  Index rows_local() const { return partition_.rows(comm_.rank()); }
  /// The global number of this rank's first row.
  Index first_row() const { return partition_.begin(comm_.rank()); }
  Index columns() const { return columns_; }
  bool is_sparse() const { return std::holds_alternative<CsrView<T>>(rows_.view) && !is_complete_; }
  const DataSummary& summary() const { return summary_; }
  /// For load, which knows. @pre the same on every rank
  void set_clipped(Index clipped) { summary_.clipped = clipped; }
  void set_summed(Index summed) { summary_.summed = summed; }

  /// The panels of this rank.
  Index panels() const { return partition_.panels(comm_.rank()); }
  /// Rows of panel p, counted from first_row().
  Partition::Rows panel_rows(Index p) const { return partition_.panel_rows(comm_.rank(), p); }
  RowPanel<T> panel(Index p) const { return rows(panel_rows(p).first, panel_rows(p).count); }
  /// Some consecutive rows, counted from first_row(). The columns of sparse rows are those of column_order(). This
  /// view, like all that are handed out here, is good as long as this object and what it is moved to.
  RowPanel<T> rows(Index first, Index count) const;
  /// For those who read all rows in order, before they read these: of rows in a scratch folder, the next ones
  /// begin to come in, and those before leave the memory.
  void move_window(Index first, Index count) const;
  /// Stored entries in rows 0 .. row - 1 of this rank (dense: all entries).
  Index stored_before(Index row) const;
  /// The largest number of stored entries in a row of this rank (dense: all).
  Index longest_row() const;
  /// Whether some entries are not stored: they are 0.
  bool has_gaps() const { return summary_.stored < rows_global() * columns(); }
  bool has_unknown() const { return summary_.unknown > 0; }
  /// How many rows make a tile of the layout in blocks.
  static Index tile_rows_of_blocks(Index columns) { return columns < least_ordered_columns ? 2048 : 4096; }
  /// The layout that these rows take where `wanted` is asked for: blocks are for counts (whole numbers up to
  /// 65,535) in memory of its own, values not narrow.
  Layout layout_for(Layout wanted) const {
    return wanted == Layout::blocks && !blocks_.has_value() ? Layout::rows : wanted;
  }
  /// Lays this rank's rows out anew, in place, unless they are there. What is read of V stays the same, but views
  /// of rows that were handed out before are no longer good.
  void lay_out(Layout layout, int threads) const;
  /// Bytes of what is stored of this rank's rows.
  double entry_bytes() const { return entry_bytes(static_cast<double>(stored_before(rows_local())), is_sparse()); }
  /// The same for so many stored entries. Narrow values count as any, so that walks do not depend on how they are
  /// held.
  static constexpr double entry_bytes(double stored, bool is_sparse) {
    return entry_bytes(stored, is_sparse, sizeof(T));
  }
  static constexpr double entry_bytes(double stored, bool is_sparse, Index value_bytes) {
    return stored * static_cast<double>(value_bytes + (is_sparse ? Index{sizeof(ColumnIndex)} : 0));
  }
  /// Bytes that laying out in blocks takes up for so many rows: where lines end, and words of a tile on their way.
  static double layout_bytes(Index rows, Index columns, double stored);
  /// Bytes of so many rows with so many stored entries: these, where rows begin, and the norm of each.
  static constexpr double bytes(Index rows, double stored, bool is_sparse, Index value_bytes = sizeof(T)) {
    const std::size_t row = sizeof(double) + (is_sparse ? sizeof(Index) : 0);
    return entry_bytes(stored, is_sparse, value_bytes) + static_cast<double>(rows) * static_cast<double>(row);
  }
  /// Stored entries of this rank's rows in each column of its panels.
  std::vector<Index> entries_of_columns() const;

  /// Columns of a wide sparse V without weights are kept in the order of how many entries they have, so that the
  /// rows of H that are used most lie together: column j inside is column column_order()[j] of V. Empty when they
  /// are kept as they came. The four members after this one translate.
  std::span<const ColumnIndex> column_order() const { return column_order_; }
  /// H transposed (n x k) from V's order of columns to that of the panels, in place, and back.
  template <class U>
  void take_in(MatrixView<U> ht) const {
    detail::gather_rows(column_order_, ht);
  }
  template <class U>
  void give_out(MatrixView<U> ht) const {
    detail::scatter_rows(column_order_, ht);
  }
  /// H transposed in the order of the panels: itself, or a padded copy in `own`.
  ConstMatrixView<T> taken_in(ConstMatrixView<T> ht, Matrix<T>& own) const {
    return column_order_.empty() ? ht : detail::gathered_rows(column_order_, ht, own);
  }
  /// The stored entries of row i of one of its panels, with their columns of V, ascending; NaN where unknown.
  void read_row(const RowPanel<T>& panel, Index i, std::vector<std::pair<Index, double>>& entries) const {
    entries.clear();
    panel.for_stored(i, [&](Index j, T value) { entries.emplace_back(j, static_cast<double>(value)); });
    detail::rename_and_sort(column_order_, entries);
  }
  /// Squared Euclidean norm of each row of this rank.
  std::span<const double> row_squares() const { return row_squares_; }

 private:
  using View = std::variant<ConstMatrixView<T>, CsrView<T>>;
  /// What is read, and its memory where it is ours. Moving it leaves the memory where it is.
  struct Rows {
    View view;
    std::variant<std::monostate, Matrix<T>, CsrRows<T>, std::shared_ptr<PlacedRows<T>>,
                 std::shared_ptr<MadeRows<T>>>
        owned;

    T* own_values();                     // null: not ours, or narrow
    PlacedRows<T>* placed() const;       // null: not
    MadeRows<T>* made() const;           // null: not
    std::optional<OwnCsr<T>> own_csr();  // nothing: dense, or not ours
  };
  DataMatrix(const Comm& comm, Partition partition, Rows rows, std::string name, Missing missing);
  DataMatrix part_of(const Holdout& holdout, HeldPart part, int threads) const;
  /// The sum over this rank's known entries that are held out of what each was multiplied by. @pre scales_
  double held_scales(const Holdout& holdout) const;
  /// Throws UsageError, on every rank.
  void require_no_weights(const char* asked) const;
  /// Its rows are made of ours.
  DataMatrix made_from(View view, std::shared_ptr<MadeRows<T>> rows, Missing missing) const;
  /// Returns the sum over its known entries of what each is multiplied by.
  double scale_own_values(const WeightScales& scales, Missing missing);
  void validate_and_summarise(Missing missing);
  void see_own_rows(Missing missing, LocalSummary& own);
  void order_columns();
  /// f(first, count) for all rows of this rank, in pieces: rows in a scratch folder are let go after each.
  template <class F>
  void for_pieces(F&& f) const {
    const Index at_once = piece_rows();
    for (Index first = 0; first < rows_local(); first += at_once) {
      const Index count = std::min(at_once, rows_local() - first);
      f(first, count);
      let_go(first, count);
    }
  }
  Index piece_rows() const;
  void let_go(Index first, Index count) const;
  bool in_blocks() const { return blocks_ && blocks_->layout == Layout::blocks; }
  BlockedRows<T> blocked_rows() const;
  /// Whether values are made when they are read, and not there to look at.
  bool makes_values() const;

  /// With fewer columns H stays in the second-level cache whatever their order.
  static constexpr Index least_ordered_columns = 4096;
  Comm comm_;
  Partition partition_;
  Index columns_ = 0;
  mutable Rows rows_;
  mutable std::optional<ColumnBlocks<T>> blocks_;  // of counts in memory of our own
  std::string name_;
  DataSummary summary_;
  bool is_complete_ = false;  // entries with weights, all of which are stored: they are read as dense rows
  std::vector<double> row_squares_;
  std::vector<ColumnIndex> column_order_;
  std::shared_ptr<const WeightScales> scales_;  // null: not scaled
};

extern template class DataMatrix<float>;
extern template class DataMatrix<double>;

}  // namespace mpinmf
