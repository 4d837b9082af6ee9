// The arrays in an .npz, NumPy's zip archive of .npy files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "npy_file.hpp"
#include "zip.hpp"

namespace mpinmf::io {

/// Arrays are called as NumPy calls them: members of the archive, without .npy. All functions throw SystemError
/// and BadData, which names file and array; those that take a name also where there is no such array.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path);

  const std::string& path() const { return archive_->file().path(); }
  const std::vector<std::string>& names() const { return names_; }
  bool has(const std::string& name) const;
  /// Their names and shapes, for messages.
  std::string list() const;
  /// What follows are arrays of one sparse matrix.
  void set_sparse() { is_sparse_ = true; }

  std::vector<Index> shape(const std::string& name) const;
  /// Checked against the size of the member.
  NpyHeader header(const std::string& name) const;
  bool is_stored(const std::string& name) const { return member(name).is_stored(); }
  /// @pre is_stored(name)
  NpyFile in_place(const std::string& name) const;
  NpyReader reader(const std::string& name) const;
  /// A vector of integers, of which there are `count`.
  std::vector<Index> integers(const std::string& name, Index count) const;
  std::string word(const std::string& name) const;

 private:
  const ZipMember& member(const std::string& name) const;
  NpyOrigin origin(const std::string& name) const { return {path(), false, name, is_sparse_}; }
  std::unique_ptr<ByteSource> bytes(const std::string& name) const;

  std::shared_ptr<const ZipArchive> archive_;
  std::vector<std::string> names_;
  bool is_sparse_ = false;
};

}  // namespace mpinmf::io
