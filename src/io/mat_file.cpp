#include "mat_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "tokens.hpp"

namespace mpinmf::io {
namespace {

constexpr Index mat_header_bytes = 128, mat_tag_bytes = 8;
constexpr std::uint32_t type_int32 = 5, type_uint32 = 6, type_matrix = 14, type_compressed = 15;

/// A part of a file.
class MatPlainBytes final : public ByteSource {
 public:
  MatPlainBytes(const std::string& path, Index begin, Index bytes)
      : ByteSource(path), file_(File::open_to_read(path)), next_(begin), end_(begin + bytes) {}

  std::size_t read(char* out, std::size_t limit) override {
    const std::size_t count = std::min(limit, static_cast<std::size_t>(end_ - next_));
    file_.read_at(next_, std::as_writable_bytes(std::span(out, count)));
    next_ += static_cast<Index>(count);
    return count;
  }

 private:
  File file_;
  Index next_, end_;
};

/// What zlib has packed in a part of a file.
class MatInflatedBytes final : public ByteSource {
 public:
  MatInflatedBytes(const std::string& path, Index begin, Index bytes)
      : ByteSource(path), packed_(path, begin, bytes), buffer_(std::size_t{1} << 16) {
    if (inflateInit(&stream_) != Z_OK) throw SystemError(path + ": not enough memory to unpack it");
  }
  ~MatInflatedBytes() override { inflateEnd(&stream_); }

  std::size_t read(char* out, std::size_t limit) override {
    constexpr std::size_t largest = std::size_t{1} << 30;
    const auto wanted = static_cast<unsigned>(std::min(limit, largest));
    stream_.next_out = reinterpret_cast<unsigned char*>(out);
    stream_.avail_out = wanted;
    while (!ended_ && stream_.avail_out > 0) {
      if (stream_.avail_in == 0) refill();
      const int code = inflate(&stream_, Z_NO_FLUSH);
      ended_ = code == Z_STREAM_END;
      if (!ended_ && code != Z_OK) throw damaged();
    }
    return wanted - stream_.avail_out;
  }

 private:
  void refill() {
    const std::size_t got = packed_.read(reinterpret_cast<char*>(buffer_.data()), buffer_.size());
    if (got == 0) throw damaged();
    stream_.next_in = buffer_.data();
    stream_.avail_in = static_cast<unsigned>(got);
  }
  BadData damaged() const {
    return BadData(
        fmt::format("{}: what zlib has packed in there is cut short or damaged; copy the file again", name()));
  }

  MatPlainBytes packed_;
  std::vector<unsigned char> buffer_;
  z_stream stream_ = {};
  bool ended_ = false;
};

/// Elements one after the other: a tag, and what it stands for.
class MatBytes {
 public:
  MatBytes(std::unique_ptr<ByteSource> bytes, bool swapped) : bytes_(std::move(bytes)), swapped_(swapped) {}

  struct Tag {
    std::uint32_t type = 0;
    Index bytes = 0;
    Index at = 0;    ///< where its data begin
    Index next = 0;  ///< where the next element begins
  };

  Index position() const { return position_; }
  Tag tag() {
    std::array<char, mat_tag_bytes> raw{};
    take(raw.data(), raw.size());
    const std::uint32_t first = number(raw.data());
    constexpr unsigned half = 16;
    if (first >> half != 0) {  // up to 4 bytes lie in the tag itself
      const Index bytes = first >> half;
      if (bytes > 4) throw fault(fmt::format("an element that says it is small has {} bytes", bytes));
      std::copy(raw.begin() + 4, raw.end(), small_.begin());
      return {first & 0xffffU, bytes, position_ - 4, position_};
    }
    const Index bytes = number(raw.data() + 4);
    return {first, bytes, position_, position_ + (bytes + mat_tag_bytes - 1) / mat_tag_bytes * mat_tag_bytes};
  }
  /// What a tag stands for. @pre it was read last
  std::string data(const Tag& tag, Index most) {
    if (tag.bytes > most)
      throw fault(fmt::format("an element has {} bytes, where there may be {}", tag.bytes, most));
    std::string found(static_cast<std::size_t>(tag.bytes), '\0');
    if (tag.at < position_) {
      std::copy_n(small_.begin(), found.size(), found.begin());
    } else {
      take(found.data(), found.size());
      skip_to(tag.next);
    }
    return found;
  }
  void skip_to(Index place) {
    std::array<char, 1 << 14> passed{};
    while (position_ < place) {
      take(passed.data(), std::min(passed.size(), static_cast<std::size_t>(place - position_)));
    }
  }
  std::uint32_t number(const char* bytes) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  BadData fault(const std::string& what) const {
    return BadData(fmt::format("{}: is damaged, or no MATLAB file of level 5: {}", bytes_->name(), what));
  }

 private:
  void take(char* out, std::size_t count) {
    bytes_->read_exactly(out, count, "a variable");
    position_ += static_cast<Index>(count);
  }

  std::unique_ptr<ByteSource> bytes_;
  bool swapped_;
  Index position_ = 0;
  std::array<char, 4> small_{};
};

/// By class, counted from 1.
constexpr std::string_view class_names[] = {"cell array", "struct", "object", "text"};
constexpr std::uint32_t sparse_class = 5, first_number_class = 6, last_number_class = 15;

/// Flags, shape and name, with which a variable begins.
MatVariable read_head(MatBytes& in) {
  const MatBytes::Tag whole = in.tag();
  if (whole.type != type_matrix)
    throw in.fault(fmt::format("a variable has the type {}, not {}", whole.type, type_matrix));
  MatVariable variable;
  MatBytes::Tag tag = in.tag();
  if (tag.type != type_uint32 || tag.bytes != 8) throw in.fault("a variable does not begin with its flags");
  const std::uint32_t flags = in.number(in.data(tag, 8).data()), kind = flags & 0xffU;
  constexpr std::uint32_t complex_flag = 0x800;
  variable.is_complex = (flags & complex_flag) != 0;
  if (kind == sparse_class) variable.kind = MatVariable::Kind::sparse;
  if (kind >= first_number_class && kind <= last_number_class) variable.kind = MatVariable::Kind::full;
  variable.what = kind >= 1 && kind < sparse_class ? class_names[kind - 1] : "function or object";
  constexpr Index most_dimensions = 64, most_letters = 4096;
  tag = in.tag();
  if (tag.type != type_int32 || tag.bytes % 4 != 0) throw in.fault("a variable does not say its shape");
  const std::string sizes = in.data(tag, 4 * most_dimensions);
  for (std::size_t i = 0; i < sizes.size(); i += 4) {
    variable.shape.push_back(std::bit_cast<std::int32_t>(in.number(sizes.data() + i)));
    if (variable.shape.back() < 0)
      throw in.fault(fmt::format("a variable has a size of {}", variable.shape.back()));
  }
  variable.name = in.data(in.tag(), most_letters);
  return variable;
}

/// As NumPy calls it; empty where it is none of numbers.
std::string npy_type(std::uint32_t type) {
  constexpr std::array<const char*, 14> types = {"",   "i1", "u1", "i2", "u2", "i4", "u4",
                                                 "f4", "",   "f8", "",   "",   "i8", "u8"};
  return type < types.size() ? types[type] : "";
}

}  // namespace

MatFile::MatFile(const std::string& path) : path_(path) {
  const File file = File::open_to_read(path);
  const Index size = file.size();
  if (size < mat_header_bytes) throw BadData(path + ": ends within its header: it was cut short; copy it again");
  std::array<char, 4> version{};
  file.read_at(mat_header_bytes - 4, std::as_writable_bytes(std::span(version)));
  const std::string_view order(version.data() + 2, 2);
  if (order != "IM" && order != "MI")
    throw BadData(path + ": is damaged, or no MATLAB file of level 5: it has no mark of its byte order");
  swapped_ = (order == "MI") != (std::endian::native == std::endian::big);
  for (Index at = mat_header_bytes; at < size;) {
    MatBytes outside(std::make_unique<MatPlainBytes>(path, at, size - at), swapped_);
    const MatBytes::Tag tag = outside.tag();
    const bool is_small = tag.at < mat_tag_bytes;
    const Index end = at + (is_small ? mat_tag_bytes : tag.at + tag.bytes);
    if (end > size) {
      throw BadData(
          fmt::format("{}: has {} bytes, but a variable goes on to byte {}: it was cut short; copy it again", path,
                      size, end));
    }
    if (tag.type == type_compressed || tag.type == type_matrix) {
      const bool packed = tag.type == type_compressed;
      MatVariable element;
      element.element_at = packed ? at + tag.at : at;
      element.element_bytes = end - element.element_at;
      element.is_compressed = packed;
      MatBytes inside(bytes(element, 0), swapped_);
      MatVariable found = read_head(inside);
      found.element_at = element.element_at;
      found.element_bytes = element.element_bytes;
      found.is_compressed = packed;
      variables_.push_back(std::move(found));
    }
    at = end;
  }
}

std::unique_ptr<ByteSource> MatFile::bytes(const MatVariable& variable, Index offset) const {
  if (!variable.is_compressed) {
    return std::make_unique<MatPlainBytes>(path_, variable.element_at + offset, variable.element_bytes - offset);
  }
  auto unpacked = std::make_unique<MatInflatedBytes>(path_, variable.element_at, variable.element_bytes);
  std::array<char, 1 << 14> passed{};
  while (offset > 0) {
    const auto count = std::min(passed.size(), static_cast<std::size_t>(offset));
    unpacked->read_exactly(passed.data(), count, "a variable");
    offset -= static_cast<Index>(count);
  }
  return unpacked;
}

std::vector<NpyHeader> MatFile::arrays(const MatVariable& variable) const {
  MatBytes in(bytes(variable, 0), swapped_);
  read_head(in);
  constexpr double best_compression = 1040;  // of zlib
  const double most =
      static_cast<double>(variable.element_bytes) * (variable.is_compressed ? best_compression : 1);
  std::vector<NpyHeader> found;
  const std::size_t wanted = variable.kind == MatVariable::Kind::sparse ? 3 : 1;
  while (found.size() < wanted) {
    const MatBytes::Tag tag = in.tag();
    NpyHeader array;
    array.origin = {.file = path_, .member = variable.name};
    array.type = npy_type(tag.type);
    if (array.type.empty())
      throw in.fault(fmt::format("numbers of {} are of the unknown type {}", variable.name, tag.type));
    array.element_bytes = array.type.back() - '0';
    array.swapped = swapped_ && array.element_bytes > 1;
    array.fortran_order = true;
    array.shape = {tag.bytes / array.element_bytes};
    array.data_offset = tag.at + (variable.is_compressed ? 0 : variable.element_at);
    if (static_cast<double>(tag.at + tag.bytes) > most) {
      throw in.fault(fmt::format("{} promises {} bytes, more than are there", variable.name, tag.bytes));
    }
    found.push_back(std::move(array));
    if (found.size() < wanted) in.skip_to(tag.next);
  }
  return found;
}

}  // namespace mpinmf::io
