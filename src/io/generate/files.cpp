#include "files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "generate.hpp"
#include "io/entry_check.hpp"
#include "io/file.hpp"
#include "io/npy.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/partition.hpp"
#include "target.hpp"

namespace mpinmf::io {
namespace {

constexpr Index buffer_elements = Index{1} << 17;  // 1 MiB of doubles

template <class T>
std::string value_type() {
  return sizeof(T) == 4 ? "f4" : "f8";
}

/// Consecutive rows first .. first + count - 1, the same share for every rank.
struct OwnRows {
  Index first, count;

  OwnRows(const Comm& comm, Index rows) {
    const Partition partition = Partition::by_rows(rows, 1, comm.size());
    first = partition.begin(comm.rank());
    count = partition.rows(comm.rank());
  }
};

/// One .npy of the target: the target itself (file = "") or one in it (file = "/NAME"). The root makes it first.
File open_made(const Comm& comm, const GeneratedTarget& target, const std::string& file) {
  require_seen(comm, target.working_path + file, target.path);
  return File::open_existing(target.working_path + file, target.path + file);
}

void make_npy(const GeneratedTarget& target, const std::string& file, const std::string& header) {
  File made = File::open_to_write(target.working_path + file, target.path + file);
  made.write_at(0, std::as_bytes(std::span(header)));
  made.sync_and_close();
}

/// Elements of a .npy from element `first` on, one after the other, through a buffer.
template <class T>
class ElementWriter {
 public:
  ElementWriter(File file, Index header_bytes, Index first)
      : file_(std::move(file)), offset_(header_bytes + first * static_cast<Index>(sizeof(T))) {
    buffer_.reserve(static_cast<std::size_t>(buffer_elements));
  }
  void put(T element) {
    buffer_.push_back(element);
    if (static_cast<Index>(buffer_.size()) == buffer_elements) flush();
  }
  void finish() {
    flush();
    file_.sync_and_close();
  }

 private:
  void flush() {
    const auto bytes = std::as_bytes(std::span<const T>(buffer_));
    file_.write_at(offset_, bytes);
    offset_ += static_cast<Index>(bytes.size());
    buffer_.clear();
  }

  File file_;
  Index offset_;
  std::vector<T> buffer_;
};

template <class T>
void write_dense(const Comm& comm, Source& source, const GeneratedTarget& target) {
  const Index rows = source.header.rows, columns = source.header.columns;
  const std::string header = npy_header_bytes(value_type<T>(), {rows, columns});
  comm.meet_on_root([&] { make_npy(target, "", header); });
  EntryCheck<T> check(source.name);
  comm.meet([&] {
    const OwnRows own(comm, rows);
    ElementWriter<T> out(open_made(comm, target, ""), static_cast<Index>(header.size()), own.first * columns);
    const Index at_once = std::clamp<Index>(buffer_elements / columns, 1, rows);
    std::vector<double> buffer(static_cast<std::size_t>(at_once * columns));
    for (Index i = 0; i < own.count; i += at_once) {
      const Index count = std::min(at_once, own.count - i);
      std::get<std::unique_ptr<DenseRows>>(source.reader)->read(own.first + i, count, buffer.data());
      const double* next = buffer.data();
      for (Index r = own.first + i; r < own.first + i + count; ++r) {
        for (Index j = 0; j < columns; ++j) out.put(check(*next++, r, j));
      }
    }
    out.finish();
  });
}

/// The number of stored entries of some rows.
Index count_entries(SparseRows& reader, const OwnRows& rows) {
  constexpr Index at_once = 4096;
  std::vector<Index> lengths;
  Index total = 0;
  for (Index i = 0; i < rows.count; i += at_once) {
    lengths.resize(static_cast<std::size_t>(std::min(at_once, rows.count - i)));
    reader.lengths(rows.first + i, lengths);
    for (Index length : lengths) total += length;
  }
  return total;
}

/// The headers of a CSR folder.
struct CsrHeaders {
  std::string indptr, indices, data, shape;

  CsrHeaders(Index rows, Index stored, const std::string& type)
      : indptr(npy_header_bytes("i8", {rows + 1})),
        indices(npy_header_bytes("i4", {stored})),
        data(npy_header_bytes(type, {stored})),
        shape(npy_header_bytes("i8", {2})) {}

  /// All files with their headers, and what no rank's rows hold: indptr[0] and the shape.
  void make_files(const GeneratedTarget& target, Index rows, Index columns) const {
    auto with = [](const std::string& header, std::initializer_list<Index> elements) {
      return header +
             std::string(reinterpret_cast<const char*>(elements.begin()), elements.size() * sizeof(Index));
    };
    make_npy(target, "/indptr.npy", with(indptr, {0}));
    make_npy(target, "/indices.npy", indices);
    make_npy(target, "/data.npy", data);
    make_npy(target, "/shape.npy", with(shape, {rows, columns}));
  }
};

/// Two walks over the rows: the first counts, so that each rank knows where its entries go, the second writes.
template <class T>
void write_sparse(const Comm& comm, Source& source, const GeneratedTarget& target) {
  const Index rows = source.header.rows;
  SparseRows& reader = *std::get<std::unique_ptr<SparseRows>>(source.reader);
  const OwnRows own(comm, rows);
  Index own_stored = 0;
  comm.meet([&] { own_stored = count_entries(reader, own); });
  const Index stored = comm.sum(own_stored), stored_before = comm.sum_before(own_stored);
  const CsrHeaders headers(rows, stored, value_type<T>());
  EntryCheck<T> check(source.name);
  comm.meet_on_root([&] { headers.make_files(target, rows, source.header.columns); });
  comm.meet([&] {
    auto open = [&](const char* file) { return open_made(comm, target, file); };
    auto bytes = [](const std::string& header) { return static_cast<Index>(header.size()); };
    ElementWriter<Index> indptr(open("/indptr.npy"), bytes(headers.indptr), own.first + 1);
    ElementWriter<ColumnIndex> indices(open("/indices.npy"), bytes(headers.indices), stored_before);
    ElementWriter<T> data(open("/data.npy"), bytes(headers.data), stored_before);
    Index row = own.first, position = stored_before;
    // indptr[row + 1] is where the rows up to `row` end
    auto end_rows_before = [&](Index next) {
      for (; row < next; ++row) indptr.put(position);
    };
    reader.read(own.first, own.count, [&](std::span<const Entry> entries) {
      for (const Entry& entry : entries) {
        end_rows_before(entry.row);
        indices.put(static_cast<ColumnIndex>(entry.column));
        data.put(check(entry.value, entry.row, entry.column));
        ++position;
      }
    });
    end_rows_before(own.first + own.count);
    indptr.finish();
    indices.finish();
    data.finish();
  });
}

template <class T>
void write(const Comm& comm, Source& source, const GeneratedTarget& target) {
  if (source.header.sparse) {
    write_sparse<T>(comm, source, target);
  } else {
    write_dense<T>(comm, source, target);
  }
}

}  // namespace

void generate_file(const Comm& comm, const std::string& text, const std::string& path, bool single_precision,
                   bool overwrite) {
  std::optional<Source> source;
  comm.meet([&] { source = open_generator(text, false); });
  GeneratedTarget target;
  comm.meet_on_root([&] { target = GeneratedTarget::prepare(path, source->header.sparse, overwrite); });
  target.broadcast(comm);
  try {
    if (single_precision) {
      write<float>(comm, *source, target);
    } else {
      write<double>(comm, *source, target);
    }
    comm.meet_on_root([&] { target.complete(); });
  } catch (const Error&) {
    if (comm.is_root()) target.discard();
    throw;
  }
}

}  // namespace mpinmf::io
