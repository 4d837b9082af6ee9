#include "data_rows.hpp"

#include <algorithm>

#include "io/entry_check.hpp"
#include "io/source.hpp"

namespace mpinmf::report {
namespace {

using Take = std::function<void(Index, RowEntries)>;

/// Numbers that are read at once: 8 MiB.
constexpr Index piece_numbers = Index{1} << 20;

/// Rows first .. first + count - 1 of a source that has rows.
class RowReader {
 public:
  RowReader(io::Source& source, const LoadOptions& options)
      : source_(source), options_(options), row_(static_cast<std::size_t>(source.header.columns)) {}

  Index height() const { return std::max<Index>(1, piece_numbers / std::max<Index>(1, source_.header.columns)); }
  void read(Index first, Index count, const Take& take) {
    if (auto* dense = std::get_if<std::unique_ptr<io::DenseRows>>(&source_.reader)) {
      read_dense(**dense, first, count, take);
    } else {
      read_sparse(*std::get<std::unique_ptr<io::SparseRows>>(source_.reader), first, count, take);
    }
  }

 private:
  void read_dense(io::DenseRows& reader, Index first, Index count, const Take& take) {
    const std::size_t columns = row_.size();
    std::vector<double> numbers(static_cast<std::size_t>(count) * columns);
    reader.read(first, count, numbers.data());
    io::EntryCheck<double> check(source_.name, options_);
    for (Index i = 0; i < count; ++i) {
      entries_.clear();
      for (std::size_t j = 0; j < columns; ++j) {
        const double value =
            check(numbers[static_cast<std::size_t>(i) * columns + j], first + i, static_cast<Index>(j));
        if (value != 0) entries_.emplace_back(static_cast<Index>(j), value);
      }
      take(first + i, entries_);
    }
  }

  /// The sum of a place's entries is its value, as everywhere.
  void read_sparse(io::SparseRows& reader, Index first, Index count, const Take& take) {
    LoadOptions of_entries = options_;
    of_entries.add = 0;
    io::EntryCheck<double> check(source_.name, of_entries);
    Index row = first;
    const auto finish_rows_before = [&](Index end) {
      for (; row < end; ++row) finish(row, take);
    };
    reader.read(first, count, [&](std::span<const io::Entry> entries) {
      for (const io::Entry& entry : entries) {
        finish_rows_before(entry.row);
        double& sum = row_[static_cast<std::size_t>(entry.column)];
        if (sum == 0) touched_.push_back(entry.column);
        sum += check(entry.value, entry.row, entry.column);
      }
    });
    finish_rows_before(first + count);
  }
  void finish(Index row, const Take& take) {
    entries_.clear();
    if (options_.add > 0) {
      for (std::size_t j = 0; j < row_.size(); ++j) {
        entries_.emplace_back(static_cast<Index>(j), row_[j] + options_.add);
        row_[j] = 0;
      }
    } else {
      std::sort(touched_.begin(), touched_.end());
      for (const Index j : touched_) {
        double& value = row_[static_cast<std::size_t>(j)];
        if (value != 0) entries_.emplace_back(j, value);
        value = 0;
      }
    }
    touched_.clear();
    take(row, entries_);
  }

  io::Source& source_;
  LoadOptions options_;
  std::vector<double> row_;  // of a sparse source: sums of the row that is being read, else 0
  std::vector<Index> touched_;
  std::vector<std::pair<Index, double>> entries_;
};

bool is_stream(const io::Source& source) {
  return std::holds_alternative<std::unique_ptr<io::EntryStream>>(source.reader);
}

void walk_loaded(const std::string& path, const LoadOptions& options, const Take& take) {
  const auto v = load<double>(Comm::self(), path, options);
  std::vector<std::pair<Index, double>> entries;
  for (Index p = 0; p < v.panels(); ++p) {
    const RowPanel<double> panel = v.panel(p);
    const auto rows = v.panel_rows(p);
    for (Index i = 0; i < rows.count; ++i) {
      v.read_row(panel, i, entries);
      take(rows.first + i, entries);
    }
  }
}

}  // namespace

void walk_data(const std::string& path, const LoadOptions& options, const Take& take) {
  io::Source source = io::open_source(path, options);
  if (is_stream(source)) return walk_loaded(path, options, take);
  RowReader reader(source, options);
  for (Index first = 0; first < source.header.rows; first += reader.height()) {
    reader.read(first, std::min(reader.height(), source.header.rows - first), take);
  }
}

Matrix<double> rows_of_data(const std::string& path, const LoadOptions& options, std::span<const Index> rows) {
  io::Source source = io::open_source(path, options);
  Matrix<double> chosen(static_cast<Index>(rows.size()), source.header.columns);
  const auto take = [&](Index row, RowEntries entries) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (rows[r] != row) continue;
      for (const auto& [column, value] : entries) {
        if (value == value) chosen(static_cast<Index>(r), column) = value;
      }
    }
  };
  if (is_stream(source)) {
    walk_loaded(path, options, take);
  } else {
    RowReader reader(source, options);
    for (const Index row : rows) reader.read(row, 1, take);
  }
  return chosen;
}

}  // namespace mpinmf::report
