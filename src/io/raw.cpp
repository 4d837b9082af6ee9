// Numbers and nothing else: a file that does not say what it holds, so that users do, with --format raw, --shape,
// --element-type and --layout.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "format.hpp"
#include "npy_file.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

struct ElementType {
  std::string_view name;  ///< NumPy's
  const char* type;       ///< NpyHeader's
  Index bytes;
};
constexpr std::array<ElementType, 10> element_types = {{{"float32", "f4", 4},
                                                        {"float64", "f8", 8},
                                                        {"uint8", "u1", 1},
                                                        {"uint16", "u2", 2},
                                                        {"uint32", "u4", 4},
                                                        {"uint64", "u8", 8},
                                                        {"int8", "i1", 1},
                                                        {"int16", "i2", 2},
                                                        {"int32", "i4", 4},
                                                        {"int64", "i8", 8}}};

std::string names_of_types(Index bytes = 0) {
  std::string names;
  for (const ElementType& type : element_types) {
    if (bytes == 0 || type.bytes == bytes) names += (names.empty() ? "" : ", ") + std::string(type.name);
  }
  return names;
}

/// Rows and columns of "MxN".
std::array<Index, 2> raw_shape(const std::string& path, const std::string& text) {
  const std::size_t by = text.find_first_of("xX");
  std::array<Index, 2> shape{};
  const bool is_shape = by != std::string::npos && parse(std::string_view(text).substr(0, by), shape[0]) &&
                        parse(std::string_view(text).substr(by + 1), shape[1]) && shape[0] > 0 && shape[1] > 0;
  if (!is_shape) {
    throw UsageError(fmt::format("{}: a raw file needs --shape ROWSxCOLUMNS, as in --shape 20000x300{}", path,
                                 text.empty() ? "" : ", not " + quote(text)));
  }
  check_sizes(path, shape[0], shape[1]);
  return shape;
}

ElementType raw_type(const std::string& path, const std::string& name, std::array<Index, 2> shape, Index size) {
  const auto* const type = std::find_if(element_types.begin(), element_types.end(),
                                        [&](const ElementType& known) { return known.name == name; });
  if (type != element_types.end()) return *type;
  if (!name.empty()) {
    throw UsageError(
        fmt::format("--element-type {} is unknown; known are {} (little-endian)", quote(name), names_of_types()));
  }
  const Index numbers = shape[0] * shape[1];
  const std::string fitting = size % numbers == 0 ? names_of_types(size / numbers) : "";
  throw UsageError(fmt::format(
      "{}: a raw file needs --element-type; {}", path,
      fitting.empty()
          ? fmt::format("but of none are {} x {} numbers as long as the file, {} bytes", shape[0], shape[1], size)
          : "its size fits " + fitting));
}

bool lies_in_columns(const std::string& layout) {
  if (layout.empty() || layout == "rows") return false;
  if (layout == "columns") return true;
  throw UsageError(fmt::format("--layout is rows or columns, not {}", quote(layout)));
}

Source open_raw(const Location& at, const LoadOptions& options) {
  File file = File::open_to_read(at.file);
  const Index size = file.size();
  const std::array<Index, 2> shape = raw_shape(at.file, options.file.shape);
  const ElementType type = raw_type(at.file, options.file.element_type, shape, size);
  NpyHeader header;
  header.origin.file = at.file;
  header.type = type.type;
  header.fortran_order = lies_in_columns(options.file.layout);
  header.shape = {shape[0], shape[1]};
  header.element_bytes = type.bytes;
  const double wanted =
      static_cast<double>(shape[0]) * static_cast<double>(shape[1]) * static_cast<double>(type.bytes);
  if (wanted != static_cast<double>(size)) {
    throw BadData(
        fmt::format("{}: has {} bytes, but {} x {} numbers of {} are {:.0f}; correct --shape or --element-type",
                    at.file, size, shape[0], shape[1], type.name, wanted));
  }
  return open_npy(NpyFile(std::move(header), std::move(file)), options.transpose);
}

}  // namespace

template <class Row>
Row format_row(FormatFile<struct RawFormat>) {
  return {.name = "raw numbers (with --format raw and --shape)",
          .key = "raw",
          .takes = "shape element-type layout",
          .open = open_raw};
}
template Format format_row(FormatFile<struct RawFormat>);

}  // namespace mpinmf::io
