// NumPy's .npz: a matrix among the arrays of an archive, or the sparse matrix that all of them make up.
#include <fmt/format.h>

#include <algorithm>

#include "format.hpp"
#include "npz_sparse.hpp"
#include "strangers.hpp"

namespace mpinmf::io {
namespace {

/// Throws BadData for a zip archive without arrays, with what it is.
void require_arrays(const NpzFile& file) {
  if (!file.names().empty()) return;
  const File bytes = File::open_to_read(file.path());
  std::string start(std::min(stranger_bytes, static_cast<std::size_t>(bytes.size())), '\0');
  bytes.read_at(0, std::as_writable_bytes(std::span(start)));
  throw BadData(fmt::format("{}: {}", file.path(), about_stranger(file.path(), start)));
}

/// The only array that is a matrix, or the only array. Throws BadData, UsageError.
std::string only_matrix(const NpzFile& file) {
  std::vector<std::string> matrices;
  for (const std::string& name : file.names()) {
    if (file.shape(name).size() == 2) matrices.push_back(name);
  }
  if (matrices.size() == 1) return matrices.front();
  if (file.names().size() == 1) return file.names().front();
  if (matrices.empty()) {
    throw BadData(
        fmt::format("{}: holds no array of two dimensions, and is no sparse matrix as "
                    "scipy.sparse.save_npz writes it; its arrays are {}",
                    file.path(), file.list()));
  }
  throw UsageError(fmt::format("{0}: holds several matrices; name one, such as {0}:/{1}; its arrays are {2}",
                               file.path(), matrices.front(), file.list()));
}

/// @param place such as /name
std::string array_named(const NpzFile& file, const std::string& place) {
  const std::string name = place.substr(1);
  if (file.has(name)) return name;
  throw UsageError(
      fmt::format("{}:{}: there is no such array; those of the file are {}", file.path(), place, file.list()));
}

Source open_npz(const Location& at, const LoadOptions& options) {
  const NpzFile file(at.file);
  require_arrays(file);
  if (at.place.empty() && is_sparse_npz(file)) return open_sparse_npz(file, options.transpose);
  const std::string name = at.place.empty() ? only_matrix(file) : array_named(file, at.place);
  if (file.is_stored(name)) return open_npy(file.in_place(name), options.transpose);
  return open_npy([file, name] { return file.reader(name); }, options.transpose);
}

}  // namespace

template <class Row>
Row format_row(FormatFile<struct NpzFormat>) {
  return {.name = "NumPy archive or SciPy sparse matrix (.npz)",
          .key = "npz",
          .start = "pk\x03\x04",
          .has_places = true,
          .open = open_npz};
}
template Format format_row(FormatFile<struct NpzFormat>);

}  // namespace mpinmf::io
