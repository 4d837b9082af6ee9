// V with weights: the entries that count, each beside how much it does.
#include <fmt/core.h>

#include <limits>

#include "line_weights.hpp"

namespace mpinmf {
namespace {

using RowEntries = std::vector<std::pair<Index, double>>;

/// What the entries of a row of V weigh.
template <class T>
class RowWeights {
 public:
  RowWeights(const DataMatrix<T>& v, const DataMatrix<T>& weights)
      : weights_(weights), of_(weights_of(v, weights)), lines_(line_weights(weights, of_)) {
    for (Index j = 0; of_ != WeightsOf::entries && j < v.columns(); ++j) {
      row_.emplace_back(j, of_ == WeightsOf::columns ? lines_[static_cast<std::size_t>(j)] : 0);
    }
  }

  /// Of this rank's row i: columns and weights, ascending.
  const RowEntries& row(Index i) {
    if (of_ == WeightsOf::entries) weights_.read_row(weights_.rows(i, 1), 0, row_);
    for (auto& [column, weight] : row_) {
      if (of_ == WeightsOf::rows) weight = lines_[static_cast<std::size_t>(i)];
    }
    return row_;
  }

 private:
  const DataMatrix<T>& weights_;
  WeightsOf of_;
  std::vector<double> lines_;
  RowEntries row_;
};

}  // namespace

template <class T>
DataMatrix<T> DataMatrix<T>::weighted(const DataMatrix& weights, Missing missing) const {
  require_no_weights("adding weights");
  RowWeights<T> of_rows(*this, weights);
  const bool knows_stored_alone = missing == Missing::zeros && is_sparse();
  CsrRows<T> made;
  made.columns = columns_;
  comm_.meet([&] {
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
  result.summary_.summed = summary_.summed;
  return result;
}

template DataMatrix<float> DataMatrix<float>::weighted(const DataMatrix&, Missing) const;
template DataMatrix<double> DataMatrix<double>::weighted(const DataMatrix&, Missing) const;

}  // namespace mpinmf
