// V with weights: the entries that count, each beside how much it does.
#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {
namespace {

using RowEntries = std::vector<std::pair<Index, double>>;

/// What the entries of a row of V weigh.
template <class T>
class RowWeights {
 public:
  RowWeights(const DataMatrix<T>& weights, Index rows, Index columns)
      : weights_(weights), columns_(columns), is_of_columns_(weights.rows_global() < rows) {
    if (!is_of_columns_) return;
    std::vector<double> all(static_cast<std::size_t>(columns));
    weights.comm().meet([&] {
      if (weights.rows_local() == 0) return;
      weights.read_row(weights.rows(0, 1), 0, row_);
      for (const auto& [column, weight] : row_) all[static_cast<std::size_t>(column)] = weight;
    });
    weights.comm().sum(std::span(all));
    row_.clear();
    for (Index j = 0; j < columns; ++j) row_.emplace_back(j, all[static_cast<std::size_t>(j)]);
  }

  /// Of this rank's row i: columns and weights, ascending.
  const RowEntries& row(Index i) {
    if (is_of_columns_) return row_;
    weights_.read_row(weights_.rows(i, 1), 0, row_);
    if (weights_.columns() == columns_) return row_;
    const double of_all = row_.empty() ? 0 : row_.front().second;
    row_.clear();
    for (Index j = 0; j < columns_; ++j) row_.emplace_back(j, of_all);
    return row_;
  }

 private:
  const DataMatrix<T>& weights_;
  Index columns_;
  bool is_of_columns_;
  RowEntries row_;
};

}  // namespace

template <class T>
DataMatrix<T> DataMatrix<T>::weighted(const DataMatrix& weights, Missing missing) const {
  const Index m = rows_global();
  const bool fits_rows = weights.rows_global() == m, fits_columns = weights.columns() == columns_;
  comm_.meet([&] {
    if (!(fits_rows && (fits_columns || weights.columns() == 1)) &&
        !(fits_columns && weights.rows_global() == 1)) {
      throw ShapeMismatch(fmt::format(
          "{}: weights are {} x {}, but V is {} x {}: give one of each entry, a column with one of each row, or a "
          "row with one of each column",
          weights.name(), weights.rows_global(), weights.columns(), m, columns_));
    }
    if (fits_rows && (weights.rows_local() != rows_local() || weights.first_row() != first_row())) {
      throw ShapeMismatch(fmt::format("{}: weights must be cut among ranks as V is", weights.name()));
    }
  });
  RowWeights<T> of_rows(weights, m, columns_);
  const bool knows_stored_alone = missing == Missing::zeros && is_sparse();
  CsrRows<T> made;
  made.columns = columns_;
  comm_.meet([&] {
    if (weights.has_unknown()) {
      throw BadData(fmt::format(
          "{}: {} of the weights are not a number (NaN): an entry that does not count has the weight 0",
          weights.name(), weights.summary().unknown));
    }
    RowEntries entries;
    for (Index i = 0; i < rows_local(); ++i) {
      move_window(i, 1);
      read_row(rows(i, 1), 0, entries);
      auto next = entries.begin();
      for (const auto& [column, weight] : of_rows.row(i)) {
        while (next != entries.end() && next->first < column) ++next;
        const bool is_stored = next != entries.end() && next->first == column;
        const double value = is_stored ? next->second : 0;
        if (!(weight >= std::numeric_limits<T>::min()) || (!is_stored && knows_stored_alone)) continue;
        if (value != value) continue;  // not known, whatever it weighs
        made.indices.push_back(static_cast<ColumnIndex>(column));
        made.values.push_back(static_cast<T>(value));
        made.weights.push_back(static_cast<T>(weight));
      }
      made.offsets.push_back(static_cast<Index>(made.values.size()));
    }
  });
  const Index count = comm_.sum(made.offsets.back());
  comm_.meet([&] {
    if (count == 0) throw BadData(fmt::format("{}: no entry of V that is known has a weight", weights.name()));
  });
  DataMatrix result = from_partition(comm_, partition_, std::move(made), name_);
  result.summary_.clipped = summary_.clipped;
  return result;
}

template DataMatrix<float> DataMatrix<float>::weighted(const DataMatrix&, Missing) const;
template DataMatrix<double> DataMatrix<double>::weighted(const DataMatrix&, Missing) const;

}  // namespace mpinmf
