// Matrices in MATLAB's files of levels 5 to 7: where they lie plainly, all ranks read them in place.
#include <fmt/format.h>

#include "compressed.hpp"
#include "compressed_stream.hpp"
#include "entry_batch.hpp"
#include "format.hpp"
#include "in_step.hpp"
#include "mat_file.hpp"
#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

std::string list_of_matrices(const MatFile& file) {
  constexpr int most = 20;
  std::string list;
  int count = 0;
  for (const MatVariable& variable : file.variables()) {
    if (!variable.is_matrix() || ++count > most) continue;
    list += fmt::format("{}{} ({} x {})", list.empty() ? "" : ", ", variable.name, variable.shape[0],
                        variable.shape[1]);
  }
  return list.empty() ? "none" : list + (count > most ? fmt::format(" and {} more", count - most) : "");
}

/// The only matrix; of several the only one that is more than a single number.
const MatVariable& only_matrix(const MatFile& file) {
  const MatVariable* found = nullptr;
  int numbers = 0, matrices = 0;
  for (const MatVariable& variable : file.variables()) {
    if (!variable.is_matrix()) continue;
    const bool is_number = variable.shape[0] * variable.shape[1] == 1;
    ++(is_number ? numbers : matrices);
    if (found == nullptr || !is_number) found = &variable;
  }
  if (matrices == 1 || (matrices == 0 && numbers == 1)) return *found;
  if (found == nullptr) throw BadData(fmt::format("{}: holds no matrix", file.path()));
  throw UsageError(fmt::format("{0}: holds several matrices; name one, such as {0}:/{1}: {2}", file.path(),
                               found->name, list_of_matrices(file)));
}

const MatVariable& variable_at(const MatFile& file, const std::string& place) {
  if (place.empty()) return only_matrix(file);
  const std::string name = place.substr(1);
  for (const MatVariable& variable : file.variables()) {
    if (variable.name == name) return variable;
  }
  throw UsageError(fmt::format("{}:/{}: there is no such variable; matrices are {}", file.path(), name,
                               list_of_matrices(file)));
}

void check_variable(const std::string& name, const MatVariable& variable) {
  if (variable.kind == MatVariable::Kind::other) {
    throw BadData(fmt::format("{}: is a {}, where a matrix is expected; save that as a variable of its own", name,
                              variable.what));
  }
  if (variable.shape.size() != 2) {
    throw BadData(fmt::format("{}: has {} dimensions, a matrix has 2; save what reshape makes of it", name,
                              variable.shape.size()));
  }
  check_sizes(name, variable.shape[0], variable.shape[1]);
  if (variable.is_complex) throw BadData(fmt::format("{}: is complex; save real({})", name, variable.name));
}

NpyReader reader_of(const MatFile& file, const MatVariable& variable, const NpyHeader& array) {
  return {file.bytes(variable, array.data_offset), array};
}

Source open_full(const std::shared_ptr<const MatFile>& file, const MatVariable& variable, bool transpose) {
  NpyHeader array = file->arrays(variable).front();
  const Index numbers = variable.shape[0] * variable.shape[1];
  if (array.elements() != numbers) {
    throw BadData(fmt::format("{}: has {} numbers, but is {} x {}", array.origin.name(), array.elements(),
                              variable.shape[0], variable.shape[1]));
  }
  array.shape = variable.shape;
  if (variable.is_compressed) {
    return open_npy([=] { return reader_of(*file, variable, array); }, transpose);
  }
  return open_npy(NpyFile(std::move(array), File::open_to_read(file->path())), transpose);
}

/// Compressed columns: rows, where columns begin, values.
Source open_sparse(const std::shared_ptr<const MatFile>& file, const MatVariable& variable, bool transpose) {
  const std::vector<NpyHeader> arrays = file->arrays(variable);
  const NpyHeader &rows = arrays[0], &offsets = arrays[1], &values = arrays[2];
  const std::string name = rows.origin.name();
  if (offsets.elements() != variable.shape[1] + 1) {
    throw BadData(fmt::format("{}: says where {} columns begin, but is {} x {}", name, offsets.elements() - 1,
                              variable.shape[0], variable.shape[1]));
  }
  if (!variable.is_compressed) {
    const auto array = [&](const NpyHeader& header) {
      return std::make_unique<NpyVector>(NpyFile(header, File::open_to_read(file->path())));
    };
    auto vectors = std::make_unique<CompressedArrays>(
        name, CompressedVectors{array(offsets), array(rows), array(values), true});
    vectors->set_columns(variable.shape[0]);
    return open_compressed(std::move(vectors), name, !transpose);
  }
  CompressedCheck check{name, name, name, true};
  check.rows = variable.shape[1];
  check.columns = variable.shape[0];
  return stream_compressed({check},
                           {.offsets = [=] { return reader_of(*file, variable, offsets); },
                            .indices = [=] { return reader_of(*file, variable, rows); },
                            .values = [=] { return reader_of(*file, variable, values); }},
                           transpose);
}

Source open_mat(const Location& at, const LoadOptions& options) {
  const auto file = std::make_shared<const MatFile>(at.file);
  const MatVariable& variable = variable_at(*file, at.place);
  check_variable(at.file + ":/" + variable.name, variable);
  return variable.kind == MatVariable::Kind::sparse ? open_sparse(file, variable, options.transpose)
                                                    : open_full(file, variable, options.transpose);
}

}  // namespace

template <class Row>
Row format_row(FormatFile<struct MatFormat>) {
  return {.name = "MATLAB 5 to 7 (.mat)",
          .key = "matlab",
          .start = "matlab 5.0",
          .has_places = true,
          .open = open_mat};
}
template Format format_row(FormatFile<struct MatFormat>);

}  // namespace mpinmf::io
