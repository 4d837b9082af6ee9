// Zip archives: what is in them, where it lies, and its bytes from front to back. Layout: PKWARE,
// APPNOTE.TXT 6.3.10, with the records of zip64.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "file.hpp"

struct z_stream_s;

namespace mpinmf::io {

/// As the directory of an archive says; bytes are checked against what is there while they are read.
struct ZipMember {
  std::string name;
  Index header_at = 0;                ///< byte of the file where its own header begins
  Index packed_bytes = 0, bytes = 0;  ///< in the file, and what they become
  std::uint32_t checksum = 0;         ///< CRC-32
  unsigned method = 0;
  bool is_encrypted = false;

  /// As it is, so that any part can be read by itself. Else deflated.
  bool is_stored() const { return method == 0; }
};

/// Its directory.
class ZipArchive {
 public:
  /// Throws SystemError, BadData (cut short, damaged, in several volumes, gzip'd).
  explicit ZipArchive(const std::string& path);

  const File& file() const { return file_; }
  const std::vector<ZipMember>& members() const { return members_; }
  /// Null where there is none of this name.
  const ZipMember* find(std::string_view name) const;
  /// The byte of the file where the packed bytes of a member begin, all of which are in the file. Throws BadData:
  /// damaged, encrypted, or packed by a method that is not known here.
  Index data_at(const ZipMember& member) const;

 private:
  struct Directory {
    Index at, bytes, members;
  };
  Directory find_directory() const;
  Directory zip64_directory(Index end_at, const Directory& found) const;
  void read_directory(const Directory& directory);
  std::string bytes_at(Index at, Index count) const;
  BadData damaged(const std::string& what) const;

  File file_;
  Index directory_at_ = 0;
  std::vector<ZipMember> members_;
};

/// The bytes of a member, unpacked; at their end length and checksum have been compared with the directory's.
class ZipMemberReader final : public ByteSource {
 public:
  /// Messages call it `name`. Throws as data_at. @pre the member is the archive's
  ZipMemberReader(std::shared_ptr<const ZipArchive> archive, const ZipMember& member, const std::string& name);
  ~ZipMemberReader() override;

  std::size_t read(char* out, std::size_t limit) override;

 private:
  std::size_t copy(char* out, std::size_t limit);
  std::size_t inflate(char* out, std::size_t limit);
  void check_end() const;

  std::shared_ptr<const ZipArchive> archive_;
  const ZipMember& member_;
  Index next_, packed_left_, unpacked_ = 0;
  std::uint32_t checksum_ = 0;
  bool ended_ = false;
  std::vector<unsigned char> buffer_;
  std::unique_ptr<z_stream_s> stream_;  // of a deflated member
};

}  // namespace mpinmf::io
