// MATLAB's files of level 5 (read by MATLAB, Octave and SciPy), not compressed: one variable, V, full or sparse.
// Both lie column by column. Layout: MATLAB, "MAT-File Format", R2019b, chapter 1.
#include <fmt/format.h>

#include <limits>
#include <numeric>

#include "array_parts.hpp"
#include "io/file.hpp"
#include "mpinmf/error.hpp"
#include "part_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

constexpr std::uint32_t mat_int32 = 5, mat_uint32 = 6, mat_single = 7, mat_double = 9, mat_matrix = 14;
constexpr std::uint32_t class_of_sparse = 5, class_of_double = 6, class_of_single = 7;
constexpr Index mat_start = 128, bytes_of_tag = 8;

std::string mat_words(std::initializer_list<std::uint32_t> words) {
  std::string bytes;
  for (const std::uint32_t word : words) bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  return bytes;
}

Index padded(Index bytes) {
  return (bytes + bytes_of_tag - 1) / bytes_of_tag * bytes_of_tag;
}

/// An array of a variable.
struct MatArray {
  std::uint32_t type;
  Index bytes;
};

/// Where what lies in a file of one variable.
class MatLayout {
 public:
  MatLayout(const OutputMatrix& turned, std::uint32_t kind, std::vector<MatArray> arrays)
      : name_(turned.name),
        rows_(turned.columns),
        columns_(turned.rows),
        kind_(kind),
        arrays_(std::move(arrays)) {}

  /// Where the numbers of an array begin.
  Index place(std::size_t array) const {
    return std::accumulate(arrays_.begin(), arrays_.begin() + static_cast<std::ptrdiff_t>(array),
                           mat_start + head_bytes + bytes_of_tag,
                           [](Index at, const MatArray& a) { return at + padded(a.bytes) + bytes_of_tag; });
  }
  /// All but the numbers. On the root. Throws BadData for more than such a variable may have.
  void make(const OutputTarget& target, Index stored) const {
    const Index end = place(arrays_.size()) - bytes_of_tag, bytes = end - mat_start - bytes_of_tag;
    constexpr Index most = std::numeric_limits<std::int32_t>::max();
    if (bytes > most || rows_ > most) {
      throw BadData(fmt::format(
          "{}: is too large for a MATLAB file of level 5: a variable has at most 2 GiB there; write .h5, "
          "which MATLAB reads with h5read",
          name_));
    }
    File file = File::open_to_write(target.working_path, target.path);
    const auto put = [&](Index at, const std::string& text) { file.write_at(at, std::as_bytes(std::span(text))); };
    put(0, fmt::format("{:<116}", "MATLAB 5.0 MAT-file, written by mpinmf") + std::string(8, '\0') +
               std::string("\0\1IM", 4));
    const auto size = [](Index number) { return static_cast<std::uint32_t>(number); };
    put(mat_start, mat_words({mat_matrix, size(bytes), mat_uint32, 8, kind_, size(stored), mat_int32, 8,
                              size(rows_), size(columns_), (1U << 16) | 1U, 'V'}));
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      put(place(i) - bytes_of_tag, mat_words({arrays_[i].type, size(arrays_[i].bytes)}));
    }
    const Index numbers_end = place(arrays_.size() - 1) + arrays_.back().bytes;
    put(numbers_end, std::string(static_cast<std::size_t>(end - numbers_end), '\0'));
    file.sync_and_close();
  }

 private:
  static constexpr Index head_bytes = 48;

  std::string name_;
  Index rows_, columns_;
  std::uint32_t kind_;
  std::vector<MatArray> arrays_;
};

void write_full_mat(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const bool single = matrix.single_precision;
  const MatLayout layout(matrix, single ? class_of_single : class_of_double,
                         {{single ? mat_single : mat_double, matrix.rows * matrix.columns * value_bytes(matrix)}});
  comm.meet_on_root([&] { layout.make(target, 0); });
  comm.meet([&] { write_dense_part(comm, target, matrix, {"", layout.place(0)}); });
}

/// Rows, where columns begin, and values, which are double in any case.
void write_sparse_mat(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  matrix.single_precision = false;
  const OutputFacts facts = output_facts(comm, matrix);
  const MatLayout layout(matrix, class_of_sparse,
                         {{mat_int32, facts.stored * 4},
                          {mat_int32, (matrix.rows + 1) * 4},
                          {mat_double, facts.stored * value_bytes(matrix)}});
  comm.meet_on_root([&] { layout.make(target, facts.stored); });
  comm.meet([&] {
    write_compressed_part(comm, target, matrix,
                          {.offsets = {"", layout.place(1)},
                           .indices = {"", layout.place(0)},
                           .values = {"", layout.place(2)},
                           .has_wide_offsets = false},
                          facts);
  });
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct MatlabWriter>) {
  return {.name = "matlab",
          .ending = ".mat",
          .what = "MATLAB, level 5: the matrix V, full or sparse, up to 2 GiB",
          .keeps_row_names = false,
          .keeps_column_names = false,
          .by_columns = ByColumns::all,
          .write = [](const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
            matrix.sparse ? write_sparse_mat(comm, target, matrix) : write_full_mat(comm, target, matrix);
          }};
}
template Writer writer_row(WriterFile<struct MatlabWriter>);

}  // namespace mpinmf::io
