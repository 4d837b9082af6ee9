// The header of a .npy file: a Python dictionary such as {'descr': '<f8', 'fortran_order': False, 'shape': (3,
// 4)}.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>

#include "npy_file.hpp"
#include "shell_word.hpp"

namespace mpinmf::io {
namespace {

constexpr Index largest_size = Index{1} << 48;      // rows or columns
constexpr Index largest_elements = Index{1} << 58;  // 8 bytes each stay below 2^63
constexpr std::size_t largest_header = 1U << 20;    // bytes; NumPy itself refuses 10,000

BadData malformed(const std::string& path, const std::string& why) {
  return BadData(fmt::format("{}: malformed .npy header: {}; write it again with numpy.save", path, why));
}

/// Reads the one kind of dictionary that a header may hold.
class HeaderText {
 public:
  HeaderText(const std::string& path, const std::string& text) : path_(path), text_(text) {}

  /// The text of a key's value up to the comma (or bracket) that ends it.
  std::string value(const std::string& key) const {
    std::size_t at = text_.find("'" + key + "'");
    if (at == std::string::npos) at = text_.find("\"" + key + "\"");
    if (at == std::string::npos) throw malformed(path_, "it has no '" + key + "'");
    const std::size_t first = text_.find_first_not_of(" ", text_.find(':', at + key.size() + 2) + 1);
    if (first == std::string::npos) throw malformed(path_, "'" + key + "' has no value");
    const char open = text_[first];
    const char* ends = open == '(' ? ")" : open == '[' ? "]" : open == '\'' ? "'" : open == '"' ? "\"" : ",}";
    const std::size_t last = text_.find_first_of(ends, first + 1);
    if (last == std::string::npos) throw malformed(path_, "'" + key + "' does not end");
    const bool bracketed = std::string_view("([\'\"").find(open) != std::string_view::npos;
    return text_.substr(first, last - first + (bracketed ? 1 : 0));
  }

  std::vector<Index> shape() const {
    const std::string tuple = value("shape");
    if (tuple.empty() || tuple.front() != '(') throw malformed(path_, "the shape is not a tuple");
    std::vector<Index> sizes;
    const char* at = tuple.data() + 1;
    const char* const end = tuple.data() + tuple.size() - 1;
    while (true) {
      while (at != end && (*at == ' ' || *at == ',')) ++at;
      if (at == end) return sizes;
      Index size = -1;
      const auto [next, error] = std::from_chars(at, end, size);
      if (error != std::errc() || size < 0) throw malformed(path_, "the shape is " + tuple);
      sizes.push_back(size);
      at = next != end && *next == 'L' ? next + 1 : next;
    }
  }

 private:
  const std::string& path_;
  const std::string& text_;
};

/// Sets type, swapped and element_bytes. `descr` is as in the file, with its quotes. @pre header has its origin
/// and shape
void read_type(const std::string& descr, NpyHeader& header) {
  const std::string path = header.origin.name();
  const auto how = [&](const std::string& after, const std::string& options = "") {
    return how_to_convert(header.origin, after, options);
  };
  if (descr.empty() || descr.front() == '[') {
    throw BadData(fmt::format("{}: structured arrays are not supported; {}", path, how("['FIELD'].astype('f8')")));
  }
  if (descr.size() < 4) throw malformed(path, "the element type is " + descr);
  const char order = descr[1];
  header.type = descr.substr(2, descr.size() - 3);
  if (header.type.front() == 'O') {
    if (header.shape.empty() && header.origin.member.empty()) {  // numpy.save of a sparse matrix makes one
      throw BadData(
          fmt::format("{}: is one Python object, perhaps a sparse matrix; convert it: python3 -c \"import "
                      "sys, numpy as np, scipy.io; scipy.io.mmwrite('converted.mtx', np.load(sys.argv[1], "
                      "allow_pickle=True).item())\" {}",
                      path, shell_word(path)));
    }
    throw BadData(fmt::format("{}: Python objects are not supported; {}", path,
                              how(".astype('f8')", ", allow_pickle=True")));
  }
  if (header.type.front() == 'c') {
    throw BadData(fmt::format("{}: complex numbers are not supported; {}", path, how(".real")));
  }
  static const std::vector<std::string> known = {"f2", "f4", "f8", "f16", "i1", "i2", "i4",
                                                 "i8", "u1", "u2", "u4",  "u8", "b1"};
  const bool is_long_double_here = header.type != "f16" || sizeof(long double) == 16;
  if (std::find(known.begin(), known.end(), header.type) == known.end() || !is_long_double_here) {
    throw BadData(
        fmt::format("{}: element type {} is not supported (known: 16- to 64-bit floating point, long "
                    "double, all integers, bool); {}",
                    path, descr, how(".astype('f8')")));
  }
  std::from_chars(header.type.data() + 1, header.type.data() + header.type.size(), header.element_bytes);
  const bool big = order == '>' || (order == '=' && std::endian::native == std::endian::big);
  header.swapped = header.element_bytes > 1 && big != (std::endian::native == std::endian::big);
}

std::uint32_t little_endian(const unsigned char* bytes, int count) {
  std::uint32_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

std::string how_to_convert(const NpyOrigin& origin, const std::string& after, const std::string& options) {
  if (origin.of_sparse_matrix) {
    return fmt::format(
        "convert it: python3 -c \"import sys, scipy.sparse as s; s.save_npz('converted.npz', "
        "s.load_npz(sys.argv[1]){})\" {}",
        after, shell_word(origin.file));
  }
  const char* opened = origin.gzipped ? "gzip.open(sys.argv[1])" : "sys.argv[1]";
  const std::string member = origin.member.empty() ? "" : "[sys.argv[2]]";
  return fmt::format(
      "convert it: python3 -c \"import sys, gzip, numpy as np; np.save('converted.npy', np.load({}{}){}{})\" {}{}",
      opened, options, member, after, shell_word(origin.file),
      origin.member.empty() ? "" : fmt::format(" {}", shell_word(origin.member)));
}

void check_sizes(const std::string& name, Index rows, Index columns) {
  if (rows == 0 || columns == 0) {
    throw BadData(fmt::format("{}: the matrix is empty ({} x {}); at least one row and one column are needed",
                              name, rows, columns));
  }
  Index elements = 0;
  if (rows > largest_size || columns > largest_size || __builtin_mul_overflow(rows, columns, &elements)) {
    throw BadData(fmt::format("{}: {} x {} is larger than any machine's memory; is the header damaged?", name,
                              rows, columns));
  }
}

NpyDictionary read_npy_dictionary(ByteSource& bytes) {
  const std::string& path = bytes.name();
  unsigned char head[12] = {};
  bytes.read_exactly(reinterpret_cast<char*>(head), 10, "the .npy header");
  if (std::memcmp(head, "\x93NUMPY", 6) != 0) throw BadData(path + ": is not a .npy file");
  if (head[6] < 1 || head[6] > 3) throw malformed(path, fmt::format("version {} is unknown", head[6]));
  const int length_bytes = head[6] == 1 ? 2 : 4;
  if (length_bytes == 4) bytes.read_exactly(reinterpret_cast<char*>(head) + 10, 2, "the .npy header");
  const std::size_t length = little_endian(head + 8, length_bytes);
  if (length > largest_header) throw malformed(path, fmt::format("its length is {} bytes", length));
  std::string text(length, ' ');
  bytes.read_exactly(text.data(), length, "the .npy header");

  NpyDictionary found;
  found.bytes = static_cast<Index>(length) + 8 + length_bytes;
  const HeaderText dictionary(path, text);
  found.descr = dictionary.value("descr");
  found.shape = dictionary.shape();
  found.fortran_order = dictionary.value("fortran_order").rfind("True", 0) == 0;
  Index elements = 1;
  for (Index size : found.shape) {
    if (__builtin_mul_overflow(elements, size, &elements) || elements > largest_elements) {
      throw malformed(path, "the shape is larger than any memory");
    }
  }
  return found;
}

NpyHeader read_npy_header(ByteSource& bytes, const NpyOrigin& origin) {
  const NpyDictionary found = read_npy_dictionary(bytes);
  NpyHeader header;
  header.origin = origin;
  header.shape = found.shape;
  header.fortran_order = found.fortran_order;
  header.data_offset = found.bytes;
  read_type(found.descr, header);
  return header;
}

NpyHeader read_npy_header(const std::string& path) {
  ByteReader bytes(path);
  NpyHeader header = read_npy_header(bytes, {path, bytes.is_compressed()});
  if (header.origin.gzipped) return header;
  const Index needed = header.data_offset + header.data_bytes();
  const Index there = File::open_to_read(path).size();
  if (there < needed) {
    throw BadData(fmt::format("{}: has {} bytes where its header promises {}: it was cut short; copy it again",
                              path, there, needed));
  }
  return header;
}

std::string read_npy_word(ByteSource& bytes) {
  constexpr std::size_t longest = 64;  // letters
  const NpyDictionary found = read_npy_dictionary(bytes);
  const std::string& descr = found.descr;  // such as '|S3' or '<U3'
  const bool is_unicode = descr.size() > 4 && descr[2] == 'U';
  std::size_t letters = 0;
  if (is_unicode || (descr.size() > 4 && descr[2] == 'S')) {
    std::from_chars(descr.data() + 3, descr.data() + descr.size() - 1, letters);
  }
  if (letters == 0 || letters > longest || !found.shape.empty()) {
    throw BadData(fmt::format("{}: must be a word, such as 'csr', not an array of {}", bytes.name(), descr));
  }
  std::string text(is_unicode ? letters * 4 : letters, '\0');
  bytes.read_exactly(text.data(), text.size(), "a word");
  std::erase(text, '\0');  // what is left of ASCII letters of 4 bytes, in either byte order
  return text;
}

std::string npy_header_bytes(const std::string& type, const std::vector<Index>& shape) {
  const char native = std::endian::native == std::endian::little ? '<' : '>';
  const char order = type.back() == '1' ? '|' : native;
  std::string sizes;
  for (Index size : shape) sizes += fmt::format("{}{},", sizes.empty() ? "" : " ", size);
  if (shape.size() > 1) sizes.pop_back();
  std::string text =
      fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}", order, type, sizes);
  constexpr std::size_t prefix = 10, alignment = 64;  // bytes
  const std::size_t total = (prefix + text.size() + 1 + alignment - 1) / alignment * alignment;
  text.resize(total - prefix - 1, ' ');
  text += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += {'\x01', '\0', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return bytes + text;
}

}  // namespace mpinmf::io
