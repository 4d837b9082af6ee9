#include "netpbm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>

#include "file.hpp"

namespace mpinmf::io {
namespace {

constexpr bool is_netpbm_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// A file in memory, from front to back.
class NetpbmText {
 public:
  explicit NetpbmText(const std::string& path, Index most) : path_(path) {
    const File file = File::open_to_read(path);
    size_ = file.size();
    bytes_.resize(static_cast<std::size_t>(std::min(size_, most)));
    file.read_at(0, std::as_writable_bytes(std::span(bytes_)));
  }

  Index size() const { return size_; }  ///< of the file
  /// What has not been taken yet.
  std::string_view rest() const { return std::string_view(bytes_).substr(at_); }
  void skip(std::size_t count) { at_ += count; }
  /// The next whole number, behind blanks and comments.
  Index number(const char* what) {
    while (at_ < bytes_.size() && (is_netpbm_space(bytes_[at_]) || bytes_[at_] == '#')) {
      if (bytes_[at_] == '#') {
        at_ = std::min(bytes_.find('\n', at_), bytes_.size());
      } else {
        ++at_;
      }
    }
    Index value = 0;
    const char* const end = bytes_.data() + bytes_.size();
    const auto [behind, error] = std::from_chars(bytes_.data() + at_, end, value);
    const bool ends_well = behind == end || is_netpbm_space(*behind) || *behind == '#';
    if (error != std::errc() || value < 0 || !ends_well)
      throw fault(fmt::format("byte {} should begin {}", at_, what));
    at_ = static_cast<std::size_t>(behind - bytes_.data());
    return value;
  }
  BadData fault(const std::string& what) const {
    return BadData(fmt::format("{}: is cut short, damaged, or no PGM or PPM: {}", path_, what));
  }

 private:
  std::string path_, bytes_;
  Index size_ = 0;
  std::size_t at_ = 0;
};

struct NetpbmHeader {
  ImageKind kind;
  bool is_raw = false;
};

/// Up to the first value.
NetpbmHeader read_netpbm_header(NetpbmText& text) {
  const std::string_view magic = text.rest().substr(0, 2);
  if (magic != "P2" && magic != "P3" && magic != "P5" && magic != "P6") {
    throw text.fault("it does not begin with P2, P3, P5 or P6");
  }
  NetpbmHeader header;
  header.is_raw = magic[1] >= '5';
  header.kind.channels = magic[1] == '3' || magic[1] == '6' ? 3 : 1;
  text.skip(2);
  header.kind.width = text.number("the width");
  header.kind.height = text.number("the height");
  header.kind.largest = text.number("the largest value");
  constexpr Index most_pixels = Index{1} << 30, most_value = 65535;
  const auto [width, height, channels, largest] = header.kind;
  if (width < 1 || height < 1 || width > most_pixels / height || largest < 1 || largest > most_value) {
    throw text.fault(fmt::format("it says {} x {} pixels with values up to {}", width, height, largest));
  }
  if (text.rest().empty()) throw text.fault("it ends within its header");
  text.skip(1);
  const Index least = header.kind.numbers() * (header.is_raw && largest <= 255 ? 1 : 2) - (header.is_raw ? 0 : 1);
  if (text.size() < least) {
    throw text.fault(fmt::format("it says {} x {} pixels, but has {} bytes", width, height, text.size()));
  }
  return header;
}

void read_raw_values(NetpbmText& text, const ImageKind& kind, double* out) {
  const Index each = kind.largest > 255 ? 2 : 1, numbers = kind.numbers();
  const std::string_view bytes = text.rest();
  if (static_cast<Index>(bytes.size()) < numbers * each) {
    throw text.fault(fmt::format("it has {} bytes of values, not {}", bytes.size(), numbers * each));
  }
  const auto* next = reinterpret_cast<const unsigned char*>(bytes.data());
  for (Index i = 0; i < numbers; ++i, next += each) out[i] = each == 1 ? next[0] : 256 * next[0] + next[1];
}

}  // namespace

ImageKind netpbm_kind(const std::string& path) {
  constexpr Index enough = Index{1} << 16;  // for a header with comments
  NetpbmText text(path, enough);
  return read_netpbm_header(text).kind;
}

void read_netpbm(const std::string& path, const ImageKind& kind, double* out) {
  constexpr Index header_and_comments = Index{1} << 16, letters_a_value = 16;
  NetpbmText text(path, header_and_comments + kind.numbers() * letters_a_value);
  const NetpbmHeader header = read_netpbm_header(text);
  require_kind(path, header.kind, kind);
  if (header.is_raw) {
    read_raw_values(text, kind, out);
  } else {
    for (Index i = 0; i < kind.numbers(); ++i) out[i] = static_cast<double>(text.number("a value"));
  }
  for (Index i = 0; i < kind.numbers(); ++i) {
    if (out[i] > static_cast<double>(kind.largest)) {
      throw text.fault(
          fmt::format("value {} (counted from 0) is {}, but the largest is {}", i, out[i], kind.largest));
    }
  }
}

}  // namespace mpinmf::io
