// Zip archives of stored members whose sizes are known before they are written, so that ranks can write them
// together. Layout: PKWARE, APPNOTE.TXT 6.3.10, with the records of zip64 for 4 GiB and more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::io {

class ZipLayout {
 public:
  /// Members in their order, and of how many bytes. `is_zip64`: also where it could be without.
  struct Member {
    std::string name;
    Index bytes;
  };
  explicit ZipLayout(std::vector<Member> members, bool is_zip64 = false);

  /// The byte of the archive where the bytes of a member begin.
  Index data_at(std::size_t member) const { return header_at(member) + header_bytes(member); }
  Index header_at(std::size_t member) const { return headers_at_[member]; }
  Index directory_at() const { return directory_at_; }
  /// What stands before a member, given the CRC-32 of its bytes.
  std::string header(std::size_t member, std::uint32_t checksum) const;
  /// What stands behind the last one.
  std::string directory(const std::vector<std::uint32_t>& checksums) const;

 private:
  Index header_bytes(std::size_t member) const;
  void lay_out();

  std::vector<Member> members_;
  bool is_zip64_;
  std::vector<Index> headers_at_;
  Index directory_at_ = 0;
};

}  // namespace mpinmf::io
