// All ranks write one .npy together.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "io/unfinished.hpp"
#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

/// Where the ranks write: a new file that takes its name when it is complete, or an existing device itself.
struct Target {
  std::string final_path, working_path;

  bool is_device() const { return final_path == working_path; }
};

Target choose_target(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return {path, partial_name(path)};
  if (S_ISDIR(status.st_mode)) throw SystemError(path + ": cannot write it: a folder has this name");
  if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) {
    throw SystemError(path + ": cannot write it: ranks cannot write into one pipe; name a file");
  }
  return {path, path};
}

/// The rows, unpadded, from byte `offset` on, through a buffer of about 1 MiB.
template <class T>
void write_rows(const File& file, Index offset, ConstMatrixView<T> rows) {
  const Index row_bytes = rows.columns() * static_cast<Index>(sizeof(T));
  if (row_bytes == 0) return;
  const Index at_once = std::clamp<Index>((Index{1} << 20) / row_bytes, 1, std::max<Index>(rows.rows(), 1));
  std::vector<T> buffer(static_cast<std::size_t>(at_once * rows.columns()));
  for (Index i = 0; i < rows.rows(); i += at_once) {
    const Index count = std::min(at_once, rows.rows() - i);
    for (Index r = 0; r < count; ++r) {
      std::copy_n(rows.row(i + r), rows.columns(), buffer.data() + r * rows.columns());
    }
    const auto elements = static_cast<std::size_t>(count * rows.columns());
    file.write_at(offset + i * row_bytes, std::as_bytes(std::span<const T>(buffer.data(), elements)));
  }
}

File open_target(const Comm& comm, const Target& target) {
  if (comm.is_root()) return File::open_to_write(target.working_path, target.final_path);
  require_seen(comm, target.working_path, target.final_path);
  return File::open_existing(target.working_path, target.final_path);
}

/// "all ranks agree on the columns", the same verdict everywhere.
void require_same_columns(const Comm& comm, const std::string& path, Index columns) {
  const std::vector<Index> all = comm.gather(columns);
  const auto other = std::find_if(all.begin(), all.end(), [&](Index c) { return c != all[0]; });
  if (other == all.end()) return;
  comm.require_all(ShapeMismatch(fmt::format("{}: rank 0 writes rows of {} columns, but rank {} of {}", path,
                                             all[0], other - all.begin(), *other)));
}

}  // namespace

template <class T>
void write_npy(const Comm& comm, const std::string& path, ConstMatrixView<T> rows_local) {
  const Index rows = comm.sum(rows_local.rows()), first = comm.sum_before(rows_local.rows());
  require_same_columns(comm, path, rows_local.columns());
  const std::string header = npy_header_bytes(sizeof(T) == 4 ? "f4" : "f8", {rows, rows_local.columns()});
  const Index offset =
      static_cast<Index>(header.size()) + first * rows_local.columns() * static_cast<Index>(sizeof(T));
  Target target;
  comm.meet_on_root([&] { target = choose_target(path); });
  comm.broadcast(target.final_path);
  comm.broadcast(target.working_path);
  try {
    comm.meet_on_root([&] {
      if (!target.is_device()) remember_unfinished(target.working_path, false);
      const File file = open_target(comm, target);
      file.write_at(0, std::as_bytes(std::span(header)));
    });
    comm.meet([&] {
      File file = open_target(comm, target);
      write_rows(file, offset, rows_local);
      file.sync_and_close();
    });
    comm.meet_on_root([&] {
      if (target.is_device()) return;
      if (std::rename(target.working_path.c_str(), path.c_str()) != 0) throw file_error(path, "write it", errno);
      forget_unfinished(target.working_path);
    });
  } catch (const Error&) {
    if (comm.is_root() && !target.is_device()) {
      ::unlink(target.working_path.c_str());
      forget_unfinished(target.working_path);
    }
    throw;
  }
}

namespace {

void write_vector(const std::string& path, const std::string& type, std::span<const std::byte> elements) {
  const std::string header = npy_header_bytes(type, {static_cast<Index>(elements.size() / sizeof(double))});
  File file = File::open_to_write(path, path);
  file.write_at(0, std::as_bytes(std::span(header)));
  file.write_at(static_cast<Index>(header.size()), elements);
  file.sync_and_close();
}

}  // namespace

void write_npy_numbers(const std::string& path, std::span<const double> numbers) {
  write_vector(path, "f8", std::as_bytes(numbers));
}

void write_npy_integers(const std::string& path, std::span<const Index> numbers) {
  static_assert(sizeof(Index) == sizeof(double));
  write_vector(path, "i8", std::as_bytes(numbers));
}

template void write_npy(const Comm&, const std::string&, ConstMatrixView<float>);
template void write_npy(const Comm&, const std::string&, ConstMatrixView<double>);

}  // namespace mpinmf::io
