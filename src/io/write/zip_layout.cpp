#include "zip_layout.hpp"

namespace mpinmf::io {
namespace {

constexpr Index most_without_zip64 = 0xfffffffe;
constexpr std::uint64_t told_in_zip64 = 0xffffffff;
constexpr std::uint64_t version = 20, version_of_zip64 = 45;
constexpr std::uint64_t first_day = (1U << 5) | 1;  // 1 January 1980: files do not depend on when they were made

std::string little(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> (8 * i) & 0xff);
  return text;
}

}  // namespace

ZipLayout::ZipLayout(std::vector<Member> members, bool is_zip64)
    : members_(std::move(members)), is_zip64_(is_zip64) {
  lay_out();
  constexpr Index directory_bytes = 1 << 16;  // and less for the few members of a matrix
  if (is_zip64_ || directory_at_ + directory_bytes <= most_without_zip64) return;
  is_zip64_ = true;
  lay_out();
}

void ZipLayout::lay_out() {
  headers_at_.clear();
  Index at = 0;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    headers_at_.push_back(at);
    at += header_bytes(m) + members_[m].bytes;
  }
  directory_at_ = at;
}

Index ZipLayout::header_bytes(std::size_t member) const {
  constexpr Index plain = 30, zip64 = 20;
  return plain + static_cast<Index>(members_[member].name.size()) + (is_zip64_ ? zip64 : 0);
}

std::string ZipLayout::header(std::size_t member, std::uint32_t checksum) const {
  const auto& [name, bytes] = members_[member];
  const auto size = static_cast<std::uint64_t>(bytes), shown = is_zip64_ ? told_in_zip64 : size;
  std::string text = "PK\x03\x04" + little(is_zip64_ ? version_of_zip64 : version, 2) + little(0, 2) +
                     little(0, 2) + little(0, 2) + little(first_day, 2) + little(checksum, 4) + little(shown, 4) +
                     little(shown, 4) + little(name.size(), 2) + little(is_zip64_ ? 20 : 0, 2) + name;
  if (is_zip64_) text += little(1, 2) + little(16, 2) + little(size, 8) + little(size, 8);
  return text;
}

std::string ZipLayout::directory(const std::vector<std::uint32_t>& checksums) const {
  const std::uint64_t needed = is_zip64_ ? version_of_zip64 : version, count = members_.size();
  std::string text;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const auto& [name, bytes] = members_[m];
    const auto size = static_cast<std::uint64_t>(bytes), at = static_cast<std::uint64_t>(headers_at_[m]);
    const std::uint64_t shown = is_zip64_ ? told_in_zip64 : size;
    text += "PK\x01\x02" + little(needed, 2) + little(needed, 2) + little(0, 2) + little(0, 2) + little(0, 2) +
            little(first_day, 2) + little(checksums[m], 4) + little(shown, 4) + little(shown, 4) +
            little(name.size(), 2) + little(is_zip64_ ? 28 : 0, 2) + little(0, 2) + little(0, 2) + little(0, 2) +
            little(0, 4) + little(is_zip64_ ? told_in_zip64 : at, 4) + name;
    if (is_zip64_) text += little(1, 2) + little(24, 2) + little(size, 8) + little(size, 8) + little(at, 8);
  }
  const auto begin = static_cast<std::uint64_t>(directory_at_);
  const std::uint64_t directory_bytes = text.size();
  if (is_zip64_) {
    text += "PK\x06\x06" + little(44, 8) + little(needed, 2) + little(needed, 2) + little(0, 4) + little(0, 4) +
            little(count, 8) + little(count, 8) + little(directory_bytes, 8) + little(begin, 8);
    text += "PK\x06\x07" + little(0, 4) + little(begin + directory_bytes, 8) + little(1, 4);
  }
  return text + "PK\x05\x06" + little(0, 2) + little(0, 2) + little(count, 2) + little(count, 2) +
         little(directory_bytes, 4) + little(is_zip64_ ? told_in_zip64 : begin, 4) + little(0, 2);
}

}  // namespace mpinmf::io
