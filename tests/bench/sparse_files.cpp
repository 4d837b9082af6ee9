#include "sparse_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "io/npy_file.hpp"

namespace mpinmf::bench {
namespace {

using Take = std::function<void(std::span<const io::Entry>)>;

std::vector<Index> read_integers(const std::string& path) {
  io::NpyFile file(path);
  if (!file.holds_integers()) throw BadData(path + ": must hold integers");
  std::vector<Index> values(static_cast<std::size_t>(file.elements()));
  file.read(0, std::span(values));
  return values;
}

class CsrFiles final : public io::SparseRows {
 public:
  CsrFiles(const std::string& prefix, Index columns)
      : prefix_(prefix),
        offsets_(read_integers(prefix + "_indptr.npy")),
        indices_(prefix + "_indices.npy"),
        values_(prefix + "_data.npy"),
        columns_(columns) {
    if (offsets_.size() < 2 || offsets_.front() != 0 || !std::is_sorted(offsets_.begin(), offsets_.end()) ||
        offsets_.back() != indices_.elements() || indices_.elements() != values_.elements()) {
      throw BadData(prefix + "_indptr.npy, _indices.npy and _data.npy do not belong together");
    }
  }
  Index rows() const { return static_cast<Index>(offsets_.size()) - 1; }
  Index stored() const { return offsets_.back(); }

  void lengths(Index first, std::span<Index> lengths) override {
    for (Index& length : lengths) {
      length = end_of(first) - begin_of(first);
      ++first;
    }
  }

  void read(Index first, Index count, const Take& take) override {
    constexpr Index at_once = 1024;  // rows
    std::vector<Index> columns;
    std::vector<double> values;
    std::vector<io::Entry> entries;
    for (Index i = first; i < first + count; i += at_once) {
      const Index last = std::min(i + at_once, first + count);
      const Index begin = begin_of(i), stored = end_of(last - 1) - begin;
      columns.resize(static_cast<std::size_t>(stored));
      values.resize(columns.size());
      indices_.read(begin, std::span(columns));
      values_.read(begin, std::span(values));
      entries.clear();
      for (Index row = i; row < last; ++row) {
        for (Index q = begin_of(row); q < end_of(row); ++q) {
          const auto at = static_cast<std::size_t>(q - begin);
          if (columns[at] < 0 || columns[at] >= columns_) refuse_column(row, columns[at]);
          entries.push_back({row, columns[at], values[at]});
        }
      }
      take(entries);
    }
  }

 private:
  Index begin_of(Index row) const { return offsets_[static_cast<std::size_t>(row)]; }
  Index end_of(Index row) const { return offsets_[static_cast<std::size_t>(row) + 1]; }
  [[noreturn]] void refuse_column(Index row, Index column) const {
    throw BadData(fmt::format("{}_indices.npy: row {} has an entry in column {} (both counted from 0) of {}",
                              prefix_, row, column, columns_));
  }

  std::string prefix_;
  std::vector<Index> offsets_;
  io::NpyFile indices_, values_;
  Index columns_;
};

class HeldEntries final : public io::SparseRows {
 public:
  explicit HeldEntries(std::vector<io::Entry> entries) : entries_(std::move(entries)) {
    std::sort(entries_.begin(), entries_.end(), [](const io::Entry& a, const io::Entry& b) {
      return std::tie(a.row, a.column) < std::tie(b.row, b.column);
    });
  }

  void lengths(Index first, std::span<Index> lengths) override {
    for (Index& length : lengths) {
      length = static_cast<Index>(rows(first, 1).size());
      ++first;
    }
  }
  void read(Index first, Index count, const Take& take) override { take(rows(first, count)); }

 private:
  std::span<const io::Entry> rows(Index first, Index count) const {
    const auto begin_of = [&](Index row) {
      return std::lower_bound(entries_.begin(), entries_.end(), row,
                              [](const io::Entry& entry, Index wanted) { return entry.row < wanted; });
    };
    return {begin_of(first), begin_of(first + count)};
  }

  std::vector<io::Entry> entries_;
};

}  // namespace

SparseSource open_csr_files(const std::string& prefix, Index columns) {
  auto files = std::make_unique<CsrFiles>(prefix, columns);
  MatrixHeader header;
  header.rows = files->rows();
  header.columns = columns;
  header.stored = files->stored();
  header.sparse = true;
  return {std::move(files), header};
}

SparseSource open_held(const std::string& path) {
  const io::Source source = io::open_source(path, {});
  const auto* stream = std::get_if<std::unique_ptr<io::EntryStream>>(&source.reader);
  if (stream == nullptr || !source.header.sparse) throw BadData(path + ": is not a sparse Matrix Market file");
  std::vector<io::Entry> entries;
  (*stream)->read_all(
      [&](std::span<const io::Entry> batch) { entries.insert(entries.end(), batch.begin(), batch.end()); });
  return {std::make_unique<HeldEntries>(std::move(entries)), source.header};
}

}  // namespace mpinmf::bench
