// The elements of a plain .npy file by position, whatever their type.
#pragma once

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

  const std::string& path() const { return file_.path(); }
  const NpyHeader& header() const { return header_; }
  Index elements() const;
  bool holds_integers() const;
  /// Elements first .. first + out.size() - 1 as double or Index, through the buffer.
  template <class Out>
  void read(Index first, std::span<Out> out);

 private:
  NpyHeader header_;
  File file_;
  std::vector<std::byte> buffer_;
};

/// Turns `count` elements as they lie in a file into numbers of type Out (double or Index).
template <class Out>
void convert_elements(const NpyHeader& header, const std::byte* in, std::size_t count, Out* out);

/// The command that makes a .npy of one that cannot be read as it is; `after` follows NumPy's load of it.
std::string how_to_convert(const std::string& path, bool compressed, const std::string& after,
                           const std::string& options = "");

/// Throws BadData when a matrix is empty or too large to be counted in 64 bits. `name` stands for it.
void check_sizes(const std::string& name, Index rows, Index columns);

}  // namespace mpinmf::io
