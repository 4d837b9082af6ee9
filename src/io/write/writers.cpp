// The table of formats that are written. Names of files, help and messages read it.
#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "io/tokens.hpp"
#include "mpinmf/error.hpp"
#include "writer.hpp"

namespace mpinmf::io {

template <class... Name>
struct WriterFiles {
  static auto rows() { return std::array{writer_row<Writer>(WriterFile<Name>())...}; }
};
// One line a format.
using AllWriters = WriterFiles<  //
    struct CsrFolderWriter,      //
    struct NpyWriter,            //
    struct NpzWriter,            //
    struct MatrixMarketWriter,   //
    struct CsvWriter,            //
    struct TsvWriter,            //
    struct Hdf5Writer,           //
    struct AnnDataWriter,        //
    struct LibsvmWriter,         //
    struct LoomWriter,           //
    struct TenXHdf5Writer,       //
    struct RawWriter,            //
    struct BagOfWordsWriter,     //
    struct MatlabWriter,         //
    struct TenXFolderWriter,     //
    struct ImagesWriter          //
    >;

std::span<const Writer> writers() {
  static const auto table = AllWriters::rows();
  return table;
}

const Writer& writer_called(std::string_view name) {
  for (const Writer& writer : writers()) {
    if (writer.name == name) return writer;
  }
  throw UsageError(fmt::format("'{}' is no format to write; there are {}", name, writer_names()));
}

namespace {

const Writer* writer_by_ending(const std::string& ending) {
  for (const Writer& writer : writers()) {
    if (!ending.empty() && (ending == writer.ending || ending == writer.another)) return &writer;
  }
  return nullptr;
}

std::string ending_of(const std::string& path) {
  return in_lower_case(std::filesystem::path(path).extension().string());
}

}  // namespace

const Writer* writer_for(const std::string& path) {
  const std::string file = path.substr(0, path.find(":/"));
  if (file.size() < path.size() && writer_by_ending(ending_of(file)) != nullptr) {
    throw UsageError(fmt::format(
        "{}: a matrix is written as a file of its own, not to a place within one; write {}", path, file));
  }
  if (path.ends_with('/')) return &writer_called("csr");
  const std::string ending = ending_of(path);
  if (ending.empty()) return nullptr;
  if (const Writer* const writer = writer_by_ending(ending)) return writer;
  if (ending == ".gz") {
    throw UsageError(fmt::format(
        "{}: compressed files are not written, since ranks cannot share one; leave out .gz, and gzip the file",
        path));
  }
  throw UsageError(fmt::format("{}: no format is known by the ending {}; name one with --to: {}", path, ending,
                               writer_names()));
}

UsageError image_size_fault(const Writer& writer) {
  if (writer.takes_image_size) {
    return UsageError(fmt::format("{} need --image-size HEIGHTxWIDTH, as in --image-size 19x19", writer.name));
  }
  return UsageError(fmt::format("--image-size is for --to images, not {}: leave it out", writer.name));
}

std::string writer_names() {
  std::string names;
  for (const Writer& writer : writers()) names += (names.empty() ? "" : ", ") + std::string(writer.name);
  return names;
}

std::string names_of_writers_with_names() {
  std::string names;
  for (const Writer& writer : writers()) {
    if (writer.keeps_row_names && writer.keeps_column_names)
      names += (names.empty() ? "" : ", ") + std::string(writer.name);
  }
  return names;
}

std::string writer_help() {
  std::string help;
  for (const Writer& writer : writers()) {
    help += fmt::format("\n  {}{}: {}",
                        writer.ending.empty() ? fmt::format("--to {}", writer.name) : std::string(writer.ending),
                        writer.another.empty() ? "" : fmt::format(" {}", writer.another), writer.what);
  }
  return help;
}

}  // namespace mpinmf::io
