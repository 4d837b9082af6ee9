// MATLAB's files of levels 5 to 7 (save -v6, -v7; SciPy's savemat; Octave's save -v7), but for what level 7.3
// keeps in HDF5: the variables in them, and where their numbers lie. Layout: MATLAB, "MAT-File Format", R2019b,
// chapter 1.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "file.hpp"
#include "npy.hpp"

namespace mpinmf::io {

/// What a file says of a variable, without its numbers.
struct MatVariable {
  enum class Kind { full, sparse, other };

  std::string name;
  Kind kind = Kind::other;
  std::string_view what = {};  ///< of other kinds, for messages
  bool is_complex = false;
  std::vector<Index> shape;
  Index element_at = 0, element_bytes = 0;  ///< of the file
  bool is_compressed = false;

  bool is_matrix() const { return kind != Kind::other && shape.size() == 2 && shape[0] > 0 && shape[1] > 0; }
};

/// The file's directory, which is found by walking over its elements.
class MatFile {
 public:
  /// Throws SystemError, BadData (cut short, damaged).
  explicit MatFile(const std::string& path);

  const std::string& path() const { return path_; }
  const std::vector<MatVariable>& variables() const { return variables_; }
  /// Where its arrays lie: of a full one its numbers; of a sparse one rows, where columns begin, and values. The
  /// header's data_offset counts from the beginning of the file or, where it is compressed, of what is in there.
  /// Nothing is promised there that the file is too short for.
  std::vector<NpyHeader> arrays(const MatVariable& variable) const;
  /// The bytes of a compressed variable from there on.
  std::unique_ptr<ByteSource> bytes(const MatVariable& variable, Index offset) const;

 private:
  std::string path_;
  bool swapped_ = false;
  std::vector<MatVariable> variables_;
};

}  // namespace mpinmf::io
