// An .npz that all ranks write together: NumPy's archive of arrays, stored as they are.
#pragma once

#include <string>
#include <vector>

#include "array_parts.hpp"
#include "zip_layout.hpp"

namespace mpinmf::io {

/// An array: its name without .npy, the header of a .npy, and how many bytes of numbers follow. Small ones are
/// given whole, as `numbers`.
struct NpzMember {
  std::string name, header;
  Index bytes = 0;
  std::string numbers = {};
};

class NpzArchive {
 public:
  explicit NpzArchive(std::vector<NpzMember> members);

  /// The root makes the file, with headers and small arrays. Collective.
  void make(const Comm& comm, const OutputTarget& target) const;
  /// Where the numbers of an array begin.
  ArrayPlace place(std::size_t member) const;
  /// Behind what all ranks have written of each array: sums[member], of small ones anything. Collective.
  void finish(const Comm& comm, const OutputTarget& target, const std::vector<PartSum>& sums) const;

 private:
  std::vector<NpzMember> members_;
  ZipLayout layout_;
};

}  // namespace mpinmf::io
