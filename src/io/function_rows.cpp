// Rows that a program's function makes.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "load_source.hpp"
#include "masked_source.hpp"
#include "npy_file.hpp"
#include "open_on_all.hpp"

namespace mpinmf {
namespace {

class FunctionDenseRows final : public io::DenseRows {
 public:
  explicit FunctionDenseRows(DenseRowFunction rows) : rows_(std::move(rows)) {}

  void read(Index first, Index count, double* out) override {
    const auto n = static_cast<std::size_t>(rows_.columns);
    std::fill_n(out, count * rows_.columns, 0.0);
    for (Index i = first; i < first + count; ++i, out += n) rows_.row(i, {out, n});
  }

 private:
  DenseRowFunction rows_;
};

class FunctionSparseRows final : public io::SparseRows {
 public:
  explicit FunctionSparseRows(SparseRowFunction rows) : rows_(std::move(rows)) {}

  void lengths(Index first, std::span<Index> lengths) override {
    for (Index& length : lengths) {
      make(first++);
      length = static_cast<Index>(made_.size());
    }
  }
  void read(Index first, Index count, const io::TakeEntries& take) override {
    std::vector<io::Entry> entries;
    for (Index i = first; i < first + count; ++i) {
      make(i);
      entries.clear();
      for (const auto& [column, value] : made_) entries.push_back({i, column, value});
      take(entries);
    }
  }

 private:
  void make(Index row) {
    made_.clear();
    rows_.row(row, made_);
    for (const auto& entry : made_) {
      if (entry.first >= 0 && entry.first < rows_.columns) continue;
      throw BadData(
          fmt::format("{}: row {} has an entry in column {} (both counted from 0), but there are {} columns",
                      rows_.name, row, entry.first, rows_.columns));
    }
  }

  SparseRowFunction rows_;
  std::vector<std::pair<Index, double>> made_;
};

/// "all ranks agree on the size", the same verdict everywhere.
void require_same(const Comm& comm, const std::string& name, const char* what, Index number) {
  const std::vector<Index> all = comm.gather(number);
  const auto other = std::find_if(all.begin(), all.end(), [&](Index n) { return n != all[0]; });
  if (other == all.end()) return;
  comm.require_all(ShapeMismatch(fmt::format("{}: rank 0 gives {} {}, but rank {} gives {}", name, all[0], what,
                                             other - all.begin(), *other)));
}

template <class T, class Rows, class Reader>
DataMatrix<T> load_rows(const Comm& comm, const Rows& rows, std::unique_ptr<Reader> reader,
                        const LoadOptions& options) {
  require_same(comm, rows.name, "rows", rows.rows);
  require_same(comm, rows.name, "columns", rows.columns);
  io::Source source;
  source.name = rows.name;
  source.header.rows = rows.rows;
  source.header.columns = rows.columns;
  source.header.sparse = std::is_same_v<Reader, io::SparseRows>;
  source.reader = std::move(reader);
  comm.meet([&] {
    if (options.transpose) throw UsageError(rows.name + ": rows of a function cannot be transposed on the way");
    io::check_header(source);
  });
  if (!options.mask.empty()) source = io::with_mask(comm, std::move(source), options);
  return io::load_source<T>(comm, std::move(source), options);
}

}  // namespace

template <class T>
DataMatrix<T> load(const Comm& comm, const DenseRowFunction& rows, const LoadOptions& options) {
  return load_rows<T, DenseRowFunction, io::DenseRows>(comm, rows, std::make_unique<FunctionDenseRows>(rows),
                                                       options);
}

template <class T>
DataMatrix<T> load(const Comm& comm, const SparseRowFunction& rows, const LoadOptions& options) {
  return load_rows<T, SparseRowFunction, io::SparseRows>(comm, rows, std::make_unique<FunctionSparseRows>(rows),
                                                         options);
}

template DataMatrix<float> load(const Comm&, const DenseRowFunction&, const LoadOptions&);
template DataMatrix<double> load(const Comm&, const DenseRowFunction&, const LoadOptions&);
template DataMatrix<float> load(const Comm&, const SparseRowFunction&, const LoadOptions&);
template DataMatrix<double> load(const Comm&, const SparseRowFunction&, const LoadOptions&);

}  // namespace mpinmf
