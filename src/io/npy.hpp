// NumPy's .npy format, versions 1 to 3: one array a file.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// Where an array lies, for messages and the commands in them.
struct NpyOrigin {
  std::string file;
  bool gzipped = false;
  std::string member = {};        ///< of an .npz, as NumPy calls it
  bool of_sparse_matrix = false;  ///< of SciPy's, to which the member belongs

  std::string name() const { return member.empty() ? file : file + ":/" + member; }
};

/// The header of a .npy file.
struct NpyHeader {
  NpyOrigin origin;
  std::string type;      ///< without byte order: f2 .. f16, i1 .. i8, u1 .. u8, b1
  bool swapped = false;  ///< big-endian
  bool fortran_order = false;
  std::vector<Index> shape;
  Index data_offset = 0;  ///< bytes of the file before the first element
  Index element_bytes = 0;

  Index elements() const;
  Index data_bytes() const { return elements() * element_bytes; }
};

/// Reads and checks the header and, for a plain file, that the file is as long as it says.
/// Throws SystemError (missing), BadData (malformed, truncated, unsupported type: says how to convert).
NpyHeader read_npy_header(const std::string& path);

/// Opens a two-dimensional .npy (plain: DenseRows; gzip'd: EntryStream of all entries).
Source open_npy(const std::string& path, bool transpose);

/// A whole two-dimensional array without padding, for factors. Throws SystemError, BadData. Does not communicate.
template <class T>
Matrix<T> read_npy(const std::string& path);
/// Its rows first .. first + count - 1, into a padded matrix. Does not communicate.
template <class T>
Matrix<T> read_npy_rows(const std::string& path, Index first, Index count);
/// A one-dimensional array of integers.
std::vector<Index> read_npy_integers(const std::string& path);
/// A one-dimensional array of numbers.
std::vector<double> read_npy_numbers(const std::string& path);
/// Write one as 64-bit numbers. Throw SystemError. Do not communicate.
void write_npy_numbers(const std::string& path, std::span<const double> numbers);
void write_npy_integers(const std::string& path, std::span<const Index> numbers);

/// The bytes that precede the data of a C-order array, padded to a multiple of 64.
std::string npy_header_bytes(const std::string& type, const std::vector<Index>& shape);

/// All ranks write their rows into one file at `path`, synced to disk. It takes its name (and replaces a file that
/// had it) only when complete; a device is written to directly. Collective; throws SystemError on every rank (disk
/// full, unwritable, or a rank that does not see the root's file), ShapeMismatch when columns differ.
template <class T>
void write_npy(const Comm& comm, const std::string& path, ConstMatrixView<T> rows_local);

}  // namespace mpinmf::io
