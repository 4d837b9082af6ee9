#include "zip.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "shell_word.hpp"

namespace mpinmf::io {
namespace {

constexpr Index end_bytes = 22, locator_bytes = 20, zip64_end_bytes = 56, entry_bytes = 46, header_bytes = 30;
constexpr Index longest_comment = 0xffff;            // bytes
constexpr Index largest_directory = Index{1} << 28;  // bytes; some million arrays
constexpr std::uint64_t in_zip64 = 0xffffffff;       // stands for a size that 32 bits cannot hold
constexpr std::size_t packed_buffer_bytes = 1U << 17;
constexpr unsigned stored = 0, deflated = 8;

/// The number in `count` bytes, least significant first.
std::uint64_t number(std::string_view record, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = count - 1; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(record[at + static_cast<std::size_t>(i)]);
  }
  return value;
}

/// The same as a size, which is beyond every file where it does not fit.
Index size_at(std::string_view record, std::size_t at, int count) {
  constexpr std::uint64_t largest = std::numeric_limits<Index>::max() / 2;
  return static_cast<Index>(std::min(number(record, at, count), largest));
}

/// Sizes that stand in the extra field of a member's entry, in this order, where 32 bits were too few.
void read_zip64_sizes(std::string_view extra, ZipMember& member) {
  while (extra.size() >= 4) {
    const std::size_t length = number(extra, 2, 2);
    std::string_view field = extra.substr(4, length);
    const bool is_zip64 = number(extra, 0, 2) == 1;
    extra.remove_prefix(std::min(extra.size(), 4 + length));
    if (!is_zip64) continue;
    for (Index* size : {&member.bytes, &member.packed_bytes, &member.header_at}) {
      if (*size != static_cast<Index>(in_zip64) || field.size() < 8) continue;
      *size = size_at(field, 0, 8);
      field.remove_prefix(8);
    }
    return;
  }
}

}  // namespace

ZipArchive::ZipArchive(const std::string& path) : file_(File::open_to_read(path)) {
  if (file_.size() >= 2 && bytes_at(0, 2) == "\x1f\x8b") throw refuse_gzip(path);
  read_directory(find_directory());
}

BadData ZipArchive::damaged(const std::string& what) const {
  return BadData(
      fmt::format("{}: the zip archive is damaged: {}; copy it again, or write it again", file_.path(), what));
}

std::string ZipArchive::bytes_at(Index at, Index count) const {
  std::string bytes(static_cast<std::size_t>(count), '\0');
  file_.read_at(at, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

ZipArchive::Directory ZipArchive::find_directory() const {
  const Index tail_bytes = std::min(file_.size(), end_bytes + longest_comment);
  const std::string tail = bytes_at(file_.size() - tail_bytes, tail_bytes);
  for (Index at = tail_bytes - end_bytes; at >= 0; --at) {
    const std::string_view end = std::string_view(tail).substr(static_cast<std::size_t>(at));
    if (!end.starts_with("PK\x05\x06") || size_at(end, 20, 2) != tail_bytes - at - end_bytes) continue;
    if (number(end, 4, 2) != 0 && number(end, 4, 2) != 0xffff) {
      throw BadData(
          fmt::format("{}: is one of several volumes of a zip archive; join them: zip -s 0 {} --out converted.npz",
                      file_.path(), shell_word(file_.path())));
    }
    const Directory found = {size_at(end, 16, 4), size_at(end, 12, 4), size_at(end, 10, 2)};
    return zip64_directory(file_.size() - tail_bytes + at, found);
  }
  throw BadData(file_.path() +
                ": has no directory at its end, as zip archives have: it was cut short; copy it again");
}

ZipArchive::Directory ZipArchive::zip64_directory(Index end_at, const Directory& found) const {
  Directory directory = found;
  Index limit = end_at;
  const std::string locator = end_at < locator_bytes ? "" : bytes_at(end_at - locator_bytes, locator_bytes);
  if (locator.starts_with("PK\x06\x07")) {
    limit = size_at(locator, 8, 8);
    if (limit > end_at - locator_bytes - zip64_end_bytes)
      throw damaged("its zip64 record is not where it should be");
    const std::string end = bytes_at(limit, zip64_end_bytes);
    if (!end.starts_with("PK\x06\x06")) throw damaged("its zip64 record is not where it should be");
    directory = {size_at(end, 48, 8), size_at(end, 40, 8), size_at(end, 32, 8)};
  }
  if (directory.at > limit || directory.bytes > limit - directory.at || directory.bytes > largest_directory) {
    throw damaged(fmt::format("its directory of {} bytes at byte {} does not fit into the {} bytes before its end",
                              directory.bytes, directory.at, limit));
  }
  return directory;
}

void ZipArchive::read_directory(const Directory& directory) {
  directory_at_ = directory.at;
  const std::string bytes = bytes_at(directory.at, directory.bytes);
  std::string_view rest = bytes;
  while (static_cast<Index>(rest.size()) >= entry_bytes && rest.starts_with("PK\x01\x02")) {
    const std::size_t name = number(rest, 28, 2), extra = number(rest, 30, 2), comment = number(rest, 32, 2);
    const std::size_t length = static_cast<std::size_t>(entry_bytes) + name + extra + comment;
    if (length > rest.size()) break;
    ZipMember member;
    member.name = rest.substr(static_cast<std::size_t>(entry_bytes), name);
    member.is_encrypted = (number(rest, 8, 2) & 1) != 0;
    member.method = static_cast<unsigned>(number(rest, 10, 2));
    member.checksum = static_cast<std::uint32_t>(number(rest, 16, 4));
    member.packed_bytes = size_at(rest, 20, 4);
    member.bytes = size_at(rest, 24, 4);
    member.header_at = size_at(rest, 42, 4);
    read_zip64_sizes(rest.substr(static_cast<std::size_t>(entry_bytes) + name, extra), member);
    members_.push_back(std::move(member));
    rest.remove_prefix(length);
  }
  if (!rest.empty() || static_cast<Index>(members_.size()) != directory.members) {
    throw damaged(fmt::format("its directory says {} members and lists {}", directory.members, members_.size()));
  }
  std::vector<std::string_view> names;
  for (const ZipMember& member : members_) names.emplace_back(member.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) throw damaged(fmt::format("it has two members {}", *twice));
}

const ZipMember* ZipArchive::find(std::string_view name) const {
  const auto found =
      std::find_if(members_.begin(), members_.end(), [&](const ZipMember& m) { return m.name == name; });
  return found == members_.end() ? nullptr : &*found;
}

Index ZipArchive::data_at(const ZipMember& member) const {
  const std::string& name = member.name;
  if (member.is_encrypted) {
    throw BadData(
        fmt::format("{}: {} is encrypted; unpack the archive (unzip asks for the password) and write it "
                    "again with numpy.savez",
                    file_.path(), name));
  }
  if (member.method != stored && member.method != deflated) {
    throw BadData(
        fmt::format("{}: {} is packed by method {} of zip; read are stored (0) and deflated (8), as "
                    "numpy.savez and numpy.savez_compressed write them",
                    file_.path(), name, member.method));
  }
  const Index limit = directory_at_;
  if (member.header_at > limit - header_bytes) throw damaged(name + " lies behind the end");
  const std::string header = bytes_at(member.header_at, header_bytes);
  const Index name_bytes = size_at(header, 26, 2),
              at = member.header_at + header_bytes + name_bytes + size_at(header, 28, 2);
  if (!header.starts_with("PK\x03\x04") || number(header, 8, 2) != member.method || at > limit ||
      bytes_at(member.header_at + header_bytes, name_bytes) != name) {
    throw damaged(fmt::format("{} is not at byte {}, where its directory says", name, member.header_at));
  }
  if (member.packed_bytes > limit - at) {
    throw damaged(fmt::format("{} has {} bytes, but only {} are there", name, member.packed_bytes, limit - at));
  }
  // 258 bytes from 2 bits is the most that deflate can do
  constexpr Index most_from_one = 1032;
  if (member.is_stored() ? member.bytes != member.packed_bytes
                         : member.bytes / most_from_one > member.packed_bytes) {
    throw damaged(
        fmt::format("{} cannot have {} bytes that are packed in {}", name, member.bytes, member.packed_bytes));
  }
  return at;
}

ZipMemberReader::ZipMemberReader(std::shared_ptr<const ZipArchive> archive, const ZipMember& member,
                                 const std::string& name)
    : ByteSource(name),
      archive_(std::move(archive)),
      member_(member),
      next_(archive_->data_at(member)),
      packed_left_(member.packed_bytes) {
  if (member.is_stored()) return;
  buffer_.resize(packed_buffer_bytes);
  auto stream = std::make_unique<z_stream_s>();
  constexpr int no_header = -MAX_WBITS;
  if (inflateInit2(stream.get(), no_header) != Z_OK) throw SystemError(name + ": not enough memory to unpack it");
  stream_ = std::move(stream);
}

ZipMemberReader::~ZipMemberReader() {
  if (stream_) inflateEnd(stream_.get());
}

std::size_t ZipMemberReader::copy(char* out, std::size_t limit) {
  const auto count = std::min(limit, static_cast<std::size_t>(packed_left_));
  archive_->file().read_at(next_, std::as_writable_bytes(std::span(out, count)));
  next_ += static_cast<Index>(count);
  packed_left_ -= static_cast<Index>(count);
  ended_ = packed_left_ == 0;
  return count;
}

std::size_t ZipMemberReader::inflate(char* out, std::size_t limit) {
  stream_->next_out = reinterpret_cast<unsigned char*>(out);
  stream_->avail_out = static_cast<unsigned>(limit);
  while (stream_->avail_out > 0 && !ended_) {
    if (stream_->avail_in == 0 && packed_left_ > 0) {
      const auto count = std::min(buffer_.size(), static_cast<std::size_t>(packed_left_));
      archive_->file().read_at(next_, std::as_writable_bytes(std::span(buffer_.data(), count)));
      next_ += static_cast<Index>(count);
      packed_left_ -= static_cast<Index>(count);
      stream_->next_in = buffer_.data();
      stream_->avail_in = static_cast<unsigned>(count);
    }
    const int code = ::inflate(stream_.get(), Z_NO_FLUSH);
    ended_ = code == Z_STREAM_END;
    if (code == Z_OK || ended_) continue;
    if (code == Z_MEM_ERROR) throw SystemError(name() + ": not enough memory to unpack it");
    throw BadData(fmt::format("{}: the deflated data are cut short or damaged ({}); copy or write the file again",
                              name(), stream_->msg != nullptr ? stream_->msg : "unexpected end"));
  }
  return limit - stream_->avail_out;
}

std::size_t ZipMemberReader::read(char* out, std::size_t limit) {
  constexpr std::size_t most_at_once = 1U << 30;
  limit = std::min(limit, most_at_once);
  const std::size_t count = member_.is_stored() ? copy(out, limit) : inflate(out, limit);
  unpacked_ += static_cast<Index>(count);
  if (unpacked_ > member_.bytes) {
    throw BadData(fmt::format("{}: unpacks to more than the {} bytes that the archive says; write it again",
                              name(), member_.bytes));
  }
  checksum_ = static_cast<std::uint32_t>(
      crc32(checksum_, reinterpret_cast<const unsigned char*>(out), static_cast<unsigned>(count)));
  if (count == 0 && limit > 0) check_end();
  return count;
}

void ZipMemberReader::check_end() const {
  if (unpacked_ != member_.bytes) {
    throw BadData(fmt::format("{}: unpacks to {} bytes, but the archive says {}; write it again", name(),
                              unpacked_, member_.bytes));
  }
  if (checksum_ != member_.checksum) {
    throw BadData(
        fmt::format("{}: is damaged: its checksum (CRC-32) is {:08x}, but the archive says {:08x}; copy it again",
                    name(), checksum_, member_.checksum));
  }
}

}  // namespace mpinmf::io
