#include "source_rows.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "io/csr_builder.hpp"
#include "io/entry_check.hpp"
#include "io/open_on_all.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/partition.hpp"
#include "stream_rows.hpp"

namespace mpinmf::io {
namespace {

/// Rows that a source has at will.
class SourceRows : public OutputRows {
 public:
  SourceRows(std::shared_ptr<Source> source, const LoadOptions& options, RowRange own)
      : source_(std::move(source)), options_(options), own_(own) {}
  Index clipped() const override { return clipped_; }
  Index summed() const override { return summed_; }

 protected:
  std::shared_ptr<Source> source_;
  LoadOptions options_;
  RowRange own_;
  Index clipped_ = 0, summed_ = 0;
};

template <class T>
class DenseSourceRows final : public SourceRows {
 public:
  using SourceRows::SourceRows;

  void each(const TakeOutputRow& take) override {
    DenseRows& reader = *std::get<std::unique_ptr<DenseRows>>(source_->reader);
    const Index n = source_->header.columns, at_once = dense_rows_at_once(own_.count, n);
    EntryCheck<T> check(source_->name, options_);
    std::vector<double> buffer;
    for (Index i = 0; i < own_.count; i += at_once) {
      const Index first = own_.first + i, count = std::min(at_once, own_.count - i);
      buffer.resize(static_cast<std::size_t>(count * n));
      reader.read(first, count, buffer.data());
      double* row = buffer.data();
      for (Index r = first; r < first + count; ++r, row += n) {
        for (Index j = 0; j < n; ++j) row[j] = static_cast<double>(check(row[j], r, j));
        take({r, {}, {row, static_cast<std::size_t>(n)}});
      }
    }
    clipped_ = check.clipped();
  }
};

/// Entries of one row after the other become tidy rows.
template <class T>
class RowTidier {
 public:
  RowTidier(const Source& source, const LoadOptions& options, Index first_row, const TakeOutputRow& take)
      : name_(source.name), check_(source.name, options), next_(first_row), take_(take) {}

  void add(std::span<const Entry> entries) {
    for (const Entry& e : entries) {
      if (e.row < next_) throw BadData(name_ + ": changed while it was read; convert it again");
      finish_before(e.row);
      columns_.push_back(static_cast<ColumnIndex>(e.column));
      values_.push_back(check_(e.value, e.row, e.column));
    }
  }
  void finish_before(Index row) {
    for (; next_ < row; ++next_) {
      const auto count = static_cast<Index>(values_.size());
      const TidyRow tidied =
          tidy_row(columns_.data(), values_.data(), count, columns_.data(), values_.data(), scratch_);
      summed_ += tidied.summed;
      numbers_.resize(static_cast<std::size_t>(tidied.kept));
      for (std::size_t q = 0; q < numbers_.size(); ++q) {
        numbers_[q] = static_cast<double>(check_(values_[q], next_, columns_[q]));  // a sum may be infinite
      }
      take_({next_, {columns_.data(), numbers_.size()}, numbers_});
      columns_.clear();
      values_.clear();
    }
  }
  Index clipped() const { return check_.clipped(); }
  Index summed() const { return summed_; }

 private:
  const std::string& name_;
  EntryCheck<T> check_;
  Index next_;  // the row that is gathered
  const TakeOutputRow& take_;
  std::vector<ColumnIndex> columns_;
  std::vector<T> values_;
  std::vector<double> numbers_;
  std::vector<std::pair<ColumnIndex, T>> scratch_;
  Index summed_ = 0;
};

template <class T>
class SparseSourceRows final : public SourceRows {
 public:
  using SourceRows::SourceRows;

  void each(const TakeOutputRow& take) override {
    if (own_.count == 0) return;
    RowTidier<T> rows(*source_, options_, own_.first, take);
    SparseRows& reader = *std::get<std::unique_ptr<SparseRows>>(source_->reader);
    reader.read(own_.first, own_.count, [&](std::span<const Entry> entries) { rows.add(entries); });
    rows.finish_before(own_.first + own_.count);
    clipped_ = rows.clipped();
    summed_ = rows.summed() + reader.summed();
  }
};

class RowsMadeDense final : public OutputRows {
 public:
  RowsMadeDense(std::unique_ptr<OutputRows> rows, Index columns) : rows_(std::move(rows)), columns_(columns) {}

  void each(const TakeOutputRow& take) override {
    std::vector<double> all(static_cast<std::size_t>(columns_));
    rows_->each([&](const OutputRow& row) {
      for (std::size_t q = 0; q < row.values.size(); ++q) {
        all[static_cast<std::size_t>(row.columns[q])] = row.values[q];
      }
      take({row.number, {}, all});
      for (const ColumnIndex j : row.columns) all[static_cast<std::size_t>(j)] = 0;
    });
  }
  Index clipped() const override { return rows_->clipped(); }
  Index summed() const override { return rows_->summed(); }

 private:
  std::unique_ptr<OutputRows> rows_;
  Index columns_;
};

class RowsMadeSparse final : public OutputRows {
 public:
  explicit RowsMadeSparse(std::unique_ptr<OutputRows> rows) : rows_(std::move(rows)) {}

  void each(const TakeOutputRow& take) override {
    std::vector<ColumnIndex> columns;
    std::vector<double> values;
    rows_->each([&](const OutputRow& row) {
      columns.clear();
      values.clear();
      for (std::size_t j = 0; j < row.values.size(); ++j) {
        if (row.values[j] == 0) continue;
        columns.push_back(static_cast<ColumnIndex>(j));
        values.push_back(row.values[j]);
      }
      take({row.number, columns, values});
    });
  }
  Index clipped() const override { return rows_->clipped(); }
  Index summed() const override { return rows_->summed(); }

 private:
  std::unique_ptr<OutputRows> rows_;
};

template <class T>
std::unique_ptr<OutputRows> open_rows(const Comm& comm, std::shared_ptr<Source> source, const LoadOptions& options,
                                      const Partition& owners, const std::string& beside) {
  const RowRange own = {owners.begin(comm.rank()), owners.rows(comm.rank())};
  if (std::holds_alternative<std::unique_ptr<DenseRows>>(source->reader)) {
    return std::make_unique<DenseSourceRows<T>>(std::move(source), options, own);
  }
  if (std::holds_alternative<std::unique_ptr<SparseRows>>(source->reader)) {
    return std::make_unique<SparseSourceRows<T>>(std::move(source), options, own);
  }
  return rows_of_stream<T>(comm, *source, options, owners, beside);
}

}  // namespace

OutputMatrix rows_of_source(const Comm& comm, Source source, const LoadOptions& options, bool single_precision,
                            const std::string& beside) {
  OutputMatrix matrix;
  matrix.name = source.name;
  matrix.rows = source.header.rows;
  matrix.columns = source.header.columns;
  matrix.sparse = source.header.sparse;
  matrix.single_precision = single_precision;
  matrix.labels = source.labels;
  const Partition owners = Partition::by_rows(matrix.rows, 1, comm.size());
  matrix.first_row = owners.begin(comm.rank());
  matrix.own_rows = owners.rows(comm.rank());
  auto shared = std::make_shared<Source>(std::move(source));
  matrix.reader = single_precision ? open_rows<float>(comm, std::move(shared), options, owners, beside)
                                   : open_rows<double>(comm, std::move(shared), options, owners, beside);
  return matrix;
}

void make_dense(OutputMatrix& matrix) {
  if (!matrix.sparse) return;
  matrix.reader = std::make_unique<RowsMadeDense>(std::move(matrix.reader), matrix.columns);
  matrix.sparse = false;
}

void make_sparse(OutputMatrix& matrix) {
  if (matrix.sparse) return;
  require_sparse_columns(matrix.name, matrix.columns);
  matrix.reader = std::make_unique<RowsMadeSparse>(std::move(matrix.reader));
  matrix.sparse = true;
}

}  // namespace mpinmf::io
