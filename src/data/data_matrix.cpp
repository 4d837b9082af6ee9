#include "mpinmf/data_matrix.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>

#include "column_blocks.hpp"
#include "entry_summary.hpp"
#include "held_out_rows.hpp"
#include "perturbed_rows.hpp"
#include "placed_rows.hpp"

namespace mpinmf {
namespace {

template <class T>
Index columns_of(ConstMatrixView<T> rows) {
  return rows.columns();
}
template <class T>
Index columns_of(const CsrView<T>& rows) {
  return rows.columns;
}

template <class T>
CsrView<T> view_of(const CsrRows<T>& rows) {
  return {rows.columns, rows.offsets, rows.indices, rows.values, rows.weights};
}

/// All ranks must bring the same number of columns; a rank without rows may bring none.
Index agree_on_columns(const Comm& comm, Index rows_local, Index columns, const std::string& name) {
  const double most = comm.max(static_cast<double>(columns));
  comm.meet([&] {
    if (rows_local > 0 && static_cast<double>(columns) != most) {
      throw ShapeMismatch(fmt::format("{}: rank {} brings rows of {} columns, another rank rows of {:.0f}", name,
                                      comm.rank(), columns, most));
    }
  });
  return static_cast<Index>(most);
}

/// Panels are contiguous; a caller's matrix may be padded.
template <class T>
Matrix<T> contiguous(Matrix<T> rows) {
  if (rows.stride() == rows.columns()) return rows;
  Matrix<T> packed(rows.rows(), rows.columns());
  for (Index i = 0; i < rows.rows(); ++i) std::copy_n(rows.row(i), rows.columns(), packed.row(i));
  return packed;
}

/// Throws BadData unless the three arrays fit together.
template <class T>
void require_well_formed(const CsrView<T>& rows, const std::string& name) {
  const bool good = !rows.offsets.empty() && rows.offsets.front() == 0 &&
                    std::is_sorted(rows.offsets.begin(), rows.offsets.end()) &&
                    rows.offsets.back() <= static_cast<Index>(rows.indices.size()) &&
                    rows.indices.size() == rows.values.size() &&
                    (rows.weights.empty() || rows.weights.size() == rows.values.size());
  if (good) return;
  throw BadData(
      fmt::format("{}: row offsets must start at 0, never decrease, and end within the indices ({}) and "
                  "values ({}), which must be equally many, as must weights ({}) where there are any",
                  name, rows.indices.size(), rows.values.size(), rows.weights.size()));
}

template <class T, class View>
Partition partition_of(const Comm& comm, const View& rows) {
  const auto columns = static_cast<Index>(comm.max(static_cast<double>(columns_of(rows))));
  const std::vector<Index> sizes = comm.gather(rows.rows());
  Index total = 0;
  for (Index size : sizes) total += size;
  return Partition::from_sizes(sizes, Partition::panel_height_for(total, columns, sizeof(T)));
}

}  // namespace

template <class T>
DataMatrix<T> DataMatrix<T>::from_rows(const Comm& comm, Matrix<T> rows_local, const std::string& name,
                                       Missing missing) {
  Partition partition = partition_of<T>(comm, std::as_const(rows_local).view());
  return from_partition(comm, std::move(partition), std::move(rows_local), name, missing);
}

template <class T>
DataMatrix<T> DataMatrix<T>::from_rows(const Comm& comm, CsrRows<T> rows_local, const std::string& name,
                                       Missing missing) {
  comm.meet([&] {
    require_well_formed(view_of(rows_local), name);
    // as in SciPy, there may be room behind the last row
    rows_local.indices.resize(static_cast<std::size_t>(rows_local.offsets.back()));
    rows_local.values.resize(static_cast<std::size_t>(rows_local.offsets.back()));
    if (!rows_local.weights.empty()) rows_local.weights.resize(rows_local.values.size());
  });
  Partition partition = partition_of<T>(comm, view_of(rows_local));
  return from_partition(comm, std::move(partition), std::move(rows_local), name, missing);
}

template <class T>
DataMatrix<T> DataMatrix<T>::from_partition(const Comm& comm, Partition partition, Matrix<T> rows_local,
                                            const std::string& name, Missing missing) {
  comm.meet([&] { rows_local = contiguous(std::move(rows_local)); });
  const View view = std::as_const(rows_local).view();
  return DataMatrix(comm, std::move(partition), {view, std::move(rows_local)}, name, missing);
}

template <class T>
DataMatrix<T> DataMatrix<T>::from_partition(const Comm& comm, Partition partition, CsrRows<T> rows_local,
                                            const std::string& name, Missing missing) {
  const View view = view_of(rows_local);
  return DataMatrix(comm, std::move(partition), {view, std::move(rows_local)}, name, missing);
}

template <class T>
DataMatrix<T> DataMatrix<T>::from_partition(const Comm& comm, Partition partition,
                                            std::shared_ptr<PlacedRows<T>> rows_local, const std::string& name,
                                            Missing missing) {
  const View view =
      rows_local->is_sparse() ? View(rows_local->csr()) : View(ConstMatrixView<T>(rows_local->matrix()));
  return DataMatrix(comm, std::move(partition), {view, std::move(rows_local)}, name, missing);
}

template <class T>
DataMatrix<T> DataMatrix<T>::view_rows(const Comm& comm, ConstMatrixView<T> rows_local, const std::string& name,
                                       Missing missing) {
  return DataMatrix(comm, partition_of<T>(comm, rows_local), {rows_local, {}}, name, missing);
}

template <class T>
DataMatrix<T> DataMatrix<T>::view_rows(const Comm& comm, CsrView<T> rows_local, const std::string& name,
                                       Missing missing) {
  comm.meet([&] {
    require_well_formed(rows_local, name);
    const auto stored = static_cast<std::size_t>(rows_local.offsets.back());
    rows_local.indices = rows_local.indices.first(stored);
    rows_local.values = rows_local.values.first(stored);
    if (!rows_local.weights.empty()) rows_local.weights = rows_local.weights.first(stored);
  });
  return DataMatrix(comm, partition_of<T>(comm, rows_local), {rows_local, {}}, name, missing);
}

template <class T>
DataMatrix<T> DataMatrix<T>::made_from(View view, std::shared_ptr<MadeRows<T>> rows, Missing missing) const {
  DataMatrix made(comm_, partition_, {view, std::move(rows)}, name_, missing);
  made.column_order_ = column_order_;
  made.summary_.clipped = summary_.clipped;
  made.summary_.summed = summary_.summed;
  return made;
}

template <class T>
void DataMatrix<T>::require_no_weights(const char* asked) const {
  if (!summary_.has_weights && scales_ == nullptr) return;
  UsageError error(fmt::format("{}: it has weights, which {} does not know of", name_, asked));
  error.set_met();  // every rank knows the same summary
  throw error;
}

template <class T>
DataMatrix<T> DataMatrix<T>::perturbed(const Perturbation& noise, int threads) const {
  require_no_weights("noise");
  lay_out(Layout::rows, threads);
  return made_from(rows_.view, std::make_shared<PerturbedRows<T>>(*this, noise),
                   has_unknown() ? Missing::nan : Missing::none);
}

template <class T>
DataMatrix<T> DataMatrix<T>::without(const Holdout& holdout, Missing missing, int threads) const {
  return part_of(holdout, missing == Missing::zeros ? HeldPart::dropped : HeldPart::marked, threads);
}

template <class T>
DataMatrix<T> DataMatrix<T>::only(const Holdout& holdout, int threads) const {
  return part_of(holdout, HeldPart::held, threads);
}

template <class T>
DataMatrix<T>::DataMatrix(const Comm& comm, Partition partition, Rows rows, std::string name, Missing missing)
    : comm_(comm), partition_(std::move(partition)), rows_(std::move(rows)), name_(std::move(name)) {
  const Index columns = std::visit([](const auto& r) { return columns_of(r); }, rows_.view);
  columns_ = agree_on_columns(comm_, rows_local(), columns, name_);
  comm_.meet([&] {
    if (partition_.rows() == 0 || columns_ == 0) {
      throw BadData(
          fmt::format("{}: a matrix of {} x {} has nothing to factorize", name_, partition_.rows(), columns_));
    }
    if (columns_ > std::numeric_limits<ColumnIndex>::max()) {
      throw BadData(fmt::format("{}: {} columns are more than 2^31-1; transpose it", name_, columns_));
    }
  });
  validate_and_summarise(missing);
  is_complete_ = summary_.has_weights && !has_gaps();
  order_columns();
  const auto own = rows_.own_csr();
  bool is_blockable = own && own->narrow == nullptr && !summary_.has_weights;
  if (is_blockable) {
    const auto& sparse = std::get<CsrView<T>>(rows_.view);
    is_blockable = tiles_can_be_numbered(sparse.offsets, tile_rows_of_blocks(columns_));
    for_pieces([&](Index first, Index count) {
      const auto begin = static_cast<std::size_t>(stored_before(first)),
                 end = static_cast<std::size_t>(stored_before(first + count));
      is_blockable = is_blockable && are_counts(sparse.values.subspan(begin, end - begin));
    });
  }
  if (is_blockable) blocks_.emplace();
}

template <class T>
void DataMatrix<T>::see_own_rows(Missing missing, LocalSummary& own) {
  T* const values = rows_.own_values();
  for_pieces([&](Index first, Index count) {
    const RowNames names{name_, first_row() + first, missing == Missing::nan};
    if (makes_values()) return see_panel(this->rows(first, count), names, own);
    if (const auto* dense = std::get_if<ConstMatrixView<T>>(&rows_.view)) {
      T* const own_rows = values == nullptr ? nullptr : values + first * dense->stride();
      return see_rows(dense->middle_rows(first, count), own_rows, names, own);
    }
    CsrView<T> sparse = std::get<CsrView<T>>(rows_.view);
    sparse.offsets = sparse.offsets.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count) + 1);
    see_rows(sparse, values, names, own);
  });
}

template <class T>
void DataMatrix<T>::validate_and_summarise(Missing missing) {
  LocalSummary own;
  comm_.meet([&] {
    own.row_squares.reserve(static_cast<std::size_t>(rows_local()));
    see_own_rows(missing, own);
  });
  row_squares_ = std::move(own.row_squares);
  const Index entries = rows_local() * columns_;
  if (own.stored < entries) {
    own.minimum = std::min(own.minimum, 0.0);
    own.maximum = std::max(own.maximum, 0.0);
  }
  std::array<double, 3> sums{own.sum, own.sum_squares, own.weight};
  const auto* sparse = std::get_if<CsrView<T>>(&rows_.view);
  const bool has_weights = sparse != nullptr && !sparse->weights.empty();
  std::array<Index, 5> counts{own.nonzeros, own.stored, own.flushed, own.unknown, has_weights ? Index{1} : 0};
  comm_.sum(sums);
  comm_.sum(counts);
  summary_.sum = sums[0];
  summary_.sum_squares = sums[1];
  summary_.weight = sums[2];
  summary_.nonzeros = counts[0];
  summary_.stored = counts[1];
  summary_.flushed = counts[2];
  summary_.unknown = counts[3];
  summary_.has_weights = counts[4] > 0;
  comm_.meet([&] {
    if (!summary_.has_weights || has_weights || own.stored == 0) return;
    throw BadData(
        fmt::format("{}: rank {} brings rows without weights, others rows with them", name_, comm_.rank()));
  });
  summary_.minimum = comm_.min(own.minimum);
  summary_.maximum = comm_.max(own.maximum);
  comm_.meet([&] {  // the same numbers on every rank
    if (summary_.unknown == rows_global() * columns_) {
      throw BadData(fmt::format("{}: none of its entries is known: each is NaN, or --missing says so", name_));
    }
    const T largest = static_cast<T>(summary_.maximum), square = largest * largest;
    const bool is_seen = square >= std::numeric_limits<T>::min() || summary_.maximum == 0;
    // the solver notices factors that overflow
    if (is_seen && std::isfinite(summary_.sum_squares)) return;
    throw BadData(
        fmt::format("{}: the squares of its entries (up to {:g}) leave the range of {} precision numbers; "
                    "rescale it{}",
                    name_, summary_.maximum, sizeof(T) == 4 ? "single" : "double",
                    sizeof(T) == 4 ? ", or use --precision double" : ""));
  });
  const std::vector<Index> rows = comm_.gather(own.first_zero_row);
  const std::vector<Index> columns = comm_.gather(own.first_zero_column);
  for (std::size_t r = 0; r < rows.size() && !summary_.first_zero; ++r) {
    if (rows[r] >= 0) summary_.first_zero = Place{rows[r], columns[r]};
  }
}

template class DataMatrix<float>;
template class DataMatrix<double>;

}  // namespace mpinmf
