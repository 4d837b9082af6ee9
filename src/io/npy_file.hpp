// The elements of a .npy, whatever their type: by position where they lie plainly in a file, or from front to
// back.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "file.hpp"
#include "npy.hpp"

namespace mpinmf::io {

/// A file is read through a buffer of this size.
inline constexpr Index npy_buffer_bytes = Index{1} << 20;

/// Elements count from 0 in the order of the file.
class NpyFile {
 public:
  /// Throws as read_npy_header, and BadData for a gzip'd file.
  explicit NpyFile(const std::string& path);
  /// Of a header that has been read and checked, with its place in the file.
  NpyFile(NpyHeader header, File file) : header_(std::move(header)), file_(std::move(file)) {}

  std::string name() const { return header_.origin.name(); }
  const NpyHeader& header() const { return header_; }
  Index elements() const { return header_.elements(); }
  bool holds_integers() const { return header_.type.front() != 'f'; }
  /// Elements first .. first + out.size() - 1 as double or Index, through the buffer.
  template <class Out>
  void read(Index first, std::span<Out> out);

 private:
  NpyHeader header_;
  File file_;
  std::vector<std::byte> buffer_;
};

/// From the first element to the last.
class NpyReader {
 public:
  /// Reads and checks the header at the front of `bytes`.
  NpyReader(std::unique_ptr<ByteSource> bytes, const NpyOrigin& origin);
  /// Of a header that has been read and checked; `bytes` stand at the first element.
  NpyReader(std::unique_ptr<ByteSource> bytes, NpyHeader header);

  const NpyHeader& header() const { return header_; }
  /// The next elements as double or Index. Throws SystemError, BadData.
  template <class Out>
  void read(std::span<Out> out);
  /// Passes so many elements over.
  void skip(Index count);
  /// Reads what is left, so that damage there is found, too.
  void finish();

 private:
  std::unique_ptr<ByteSource> bytes_;
  NpyHeader header_;
  Index left_;
  std::vector<char> buffer_;
};

/// What a header says, before it is known whether its elements can be read.
struct NpyDictionary {
  std::string descr;  ///< the type as in the file, with its quotes
  std::vector<Index> shape;
  bool fortran_order = false;
  Index bytes = 0;  ///< of the header
};

/// Reads the header at the front of `bytes`, which then stand at the first element. Throws BadData.
NpyDictionary read_npy_dictionary(ByteSource& bytes);
/// The same, with elements that can be read.
NpyHeader read_npy_header(ByteSource& bytes, const NpyOrigin& origin);
/// A word that NumPy has saved as if it was an array, in bytes or Unicode. Throws BadData.
std::string read_npy_word(ByteSource& bytes);

/// Throws BadData unless the array is a vector (of integers).
void require_vector(const NpyHeader& header, bool integers);

/// Opens a two-dimensional array where it lies.
Source open_npy(NpyFile file, bool transpose);
/// The same of one that is read from front to back, each time from the beginning.
Source open_npy(std::function<NpyReader()> open, bool transpose);

/// The command that makes a .npy (of a sparse matrix an .npz) of an array that cannot be read as it is; `after`
/// follows the load of it.
std::string how_to_convert(const NpyOrigin& origin, const std::string& after, const std::string& options = "");

/// Throws BadData when a matrix is empty or too large to be counted in 64 bits. `name` stands for it.
void check_sizes(const std::string& name, Index rows, Index columns);

}  // namespace mpinmf::io
