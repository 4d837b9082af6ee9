#include "convert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>

#include "csr_builder.hpp"
#include "csr_folder.hpp"
#include "entry_check.hpp"
#include "mapped_npy.hpp"
#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;
using Take = std::function<void(std::span<const Entry>)>;

void walk(DenseRows& rows, const MatrixHeader& header, const Take& take) {
  constexpr Index piece = Index{1} << 20;  // elements
  const Index n = header.columns, at_once = std::clamp<Index>(piece / n, 1, header.rows);
  std::vector<double> buffer(static_cast<std::size_t>(at_once * n));
  std::vector<Entry> entries;
  for (Index first = 0; first < header.rows; first += at_once) {
    const Index count = std::min(at_once, header.rows - first);
    rows.read(first, count, buffer.data());
    for (Index i = 0; i < count; ++i) {
      entries.clear();
      for (Index j = 0; j < n; ++j) {
        const double value = buffer[static_cast<std::size_t>(i * n + j)];
        if (value != 0) entries.push_back({first + i, j, value});
      }
      take(entries);
    }
  }
}

/// All stored entries, zeros perhaps among them.
void walk(Source& source, const Take& take) {
  if (auto* dense = std::get_if<std::unique_ptr<DenseRows>>(&source.reader)) walk(**dense, source.header, take);
  if (auto* sparse = std::get_if<std::unique_ptr<SparseRows>>(&source.reader)) {
    (*sparse)->read(0, source.header.rows, take);
  }
  if (auto* stream = std::get_if<std::unique_ptr<EntryStream>>(&source.reader)) (*stream)->read_all(take);
}

/// Files of a folder that takes its name when it is complete and vanishes otherwise.
class PartialFolder {
 public:
  PartialFolder(const std::string& name, bool overwrite) : name_(name), path_(partial_name(name)) {
    if (fs::exists(fs::symlink_status(name_))) require_replaceable(overwrite);
    std::error_code error;
    remember_unfinished_csr(path_);
    if (fs::create_directory(path_, error)) return;
    forget_unfinished_csr(path_);
    throw file_error(name_, "create the folder", error.value());
  }
  ~PartialFolder() {
    if (path_.empty()) return;
    remove(path_);
    forget_unfinished_csr(path_);
  }
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;

  std::string path(const char* file) const { return path_ + "/" + file; }
  std::string name(const char* file) const { return name_ + "/" + file; }

  void complete() {
    const std::string old = partial_name(name_);
    std::error_code error;
    const bool replaces = fs::exists(name_);
    if (replaces) fs::rename(name_, old, error);
    if (!error) fs::rename(path_, name_, error);
    if (error) throw file_error(name_, "create the folder", error.value());
    forget_unfinished_csr(path_);
    path_.clear();
    if (replaces) remove(old);
  }

 private:
  /// Only what is a CSR folder and nothing else may go.
  void require_replaceable(bool overwrite) const {
    if (!overwrite) throw UsageError(name_ + ": exists already; give --force to replace it, or another name");
    bool csr = fs::is_directory(fs::symlink_status(name_));
    if (csr) {
      for (const auto& entry : fs::directory_iterator(name_)) {
        csr = csr && std::find(std::begin(csr_files), std::end(csr_files), entry.path().filename().string()) !=
                         std::end(csr_files);
      }
    }
    if (!csr)
      throw UsageError(name_ + ": is something else than a CSR folder and is not replaced; choose another name");
  }

  static void remove(const std::string& folder) {
    std::error_code ignored;
    for (const char* file : csr_files) fs::remove(folder + "/" + file, ignored);
    fs::remove(folder, ignored);
  }

  std::string name_, path_;
};

/// offsets[i + 1] = stored entries of the first i + 1 rows.
template <class T>
Index count_rows(Source& source, EntryCheck<T> check, Index* offsets) {
  const Index m = source.header.rows;
  walk(source, [&](std::span<const Entry> entries) {
    for (const Entry& e : entries) {
      if (check(e.value, e.row, e.column) != 0) ++offsets[e.row + 1];
    }
  });
  for (Index i = 0; i < m; ++i) offsets[i + 1] += offsets[i];
  return offsets[m];
}

/// Puts every entry into its row. @pre offsets as count_rows leaves them; @post the same
template <class T>
void place_entries(Source& source, EntryCheck<T>& check, Index* offsets, ColumnIndex* columns, T* values) {
  const Index m = source.header.rows, stored = offsets[m];
  // offsets[i] is where the next entry of row i goes, and in the end where row i + 1 starts
  walk(source, [&](std::span<const Entry> entries) {
    for (const Entry& e : entries) {
      const T value = check(e.value, e.row, e.column);
      if (value == 0) continue;
      const Index at = offsets[e.row]++;
      if (at >= stored) throw BadData(source.name + ": changed while it was read; convert it again");
      columns[at] = static_cast<ColumnIndex>(e.column);
      values[at] = value;
    }
  });
  if (m > 0 && offsets[m - 1] != stored) {
    throw BadData(source.name + ": changed while it was read; convert it again");
  }
  for (Index i = m; i > 0; --i) offsets[i] = offsets[i - 1];
  offsets[0] = 0;
}

/// Sorts the rows and closes the gaps. Returns how many entries are left.
template <class T>
Index tidy_rows(Index m, EntryCheck<T> check, Index* offsets, ColumnIndex* columns, T* values) {
  std::vector<std::pair<ColumnIndex, T>> scratch;
  Index from = 0, to = 0;
  for (Index i = 0; i < m; ++i) {
    const Index end = offsets[i + 1];
    const Index kept = tidy_row(columns + from, values + from, end - from, columns + to, values + to, scratch);
    for (; to < offsets[i] + kept; ++to) check(values[to], i, columns[to]);  // a sum may be infinite
    offsets[i + 1] = to;
    from = end;
  }
  return to;
}

void write_labels(const Source& source, const PartialFolder& folder) {
  const auto write = [&](const NameReader& names, Index count, const char* what, const char* file) {
    require_names(names, count, source.name, what);
    if (names) write_names(names, folder.path(file));
  };
  write(source.labels.rows, source.header.rows, "rows", csr_row_names);
  write(source.labels.columns, source.header.columns, "columns", csr_column_names);
}

/// Returns how many entries were clipped.
template <class T>
Index write_folder(Source& source, const LoadOptions& options, PartialFolder& folder) {
  const Index m = source.header.rows, n = source.header.columns;
  if (n > std::numeric_limits<ColumnIndex>::max()) {
    throw BadData(fmt::format("{}: has {} columns, but a sparse matrix may have 2^31 - 1 at most; transpose it",
                              source.name, n));
  }
  MappedNpy<Index> offsets(folder.path("indptr.npy"), folder.name("indptr.npy"), m + 1);
  EntryCheck<T> check(source.name, options);
  const Index stored = count_rows(source, check, offsets.data());
  MappedNpy<ColumnIndex> columns(folder.path("indices.npy"), folder.name("indices.npy"), stored);
  MappedNpy<T> values(folder.path("data.npy"), folder.name("data.npy"), stored);
  MappedNpy<Index> shape(folder.path("shape.npy"), folder.name("shape.npy"), 2);
  place_entries(source, check, offsets.data(), columns.data(), values.data());
  const Index kept = tidy_rows(m, check, offsets.data(), columns.data(), values.data());
  shape.data()[0] = m;
  shape.data()[1] = n;
  shape.finish(2);
  write_labels(source, folder);
  offsets.finish(m + 1);
  columns.finish(kept);
  values.finish(kept);
  return check.clipped();
}

}  // namespace

Index convert_to_csr(const Comm& comm, const std::string& from, const std::string& to_folder,
                     const LoadOptions& options, bool overwrite) {
  Index clipped = 0;
  comm.meet_on_root([&] {
    Source source = open_source(from, options);
    check_sizes(source.name, source.header.rows, source.header.columns);
    std::string name = to_folder;
    while (name.size() > 1 && name.back() == '/') name.pop_back();
    PartialFolder folder(name, overwrite);
    clipped = source.header.single_precision ? write_folder<float>(source, options, folder)
                                             : write_folder<double>(source, options, folder);
    folder.complete();
  });
  comm.broadcast_value(clipped);
  return clipped;
}

}  // namespace mpinmf::io
