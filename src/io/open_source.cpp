// Recognises formats by content.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "csr_folder.hpp"
#include "file.hpp"
#include "generate.hpp"
#include "matrix_market.hpp"
#include "npy.hpp"

namespace mpinmf::io {
namespace {

/// A format of files, known by how they start (after decompression).
struct Format {
  const char* name;
  const char* start;  ///< in lower case
  Source (*open)(const std::string& path, const LoadOptions& options);
};

constexpr Format formats[] = {
    {"NumPy array (.npy)", "\x93numpy",
     [](const std::string& path, const LoadOptions& o) { return open_npy(path, o.transpose); }},
    {"Matrix Market (.mtx)", "%%matrixmarket",
     [](const std::string& path, const LoadOptions& o) {
       return open_matrix_market(path, o.transpose, o.clip_negative);
     }},
};

/// What users bring most often instead, and the way out.
struct Stranger {
  const char* start;
  const char* advice;
};

constexpr Stranger strangers[] = {
    {"pk\x03\x04",
     "this is a zip archive, perhaps .npz: save a dense array with numpy.save; for a sparse matrix S save "
     "S.indptr, "
     "S.indices, S.data and S.shape as indptr.npy, indices.npy, data.npy and shape.npy in a folder"},
    {"\x89hdf", "this is HDF5: save the data set with numpy.save"},
    {"matlab", "this is a MATLAB file: save the matrix with scipy.io.loadmat and numpy.save"},
    {"%matrixmarket",
     "this looks like Matrix Market, whose banner begins with two %: write '%%MatrixMarket' there"},
    {"bzh",
     "this is compressed by bzip2: decompress it (bunzip2), or compress it with gzip, which is read as it is"},
    {"\xfd"
     "7zxz",
     "this is compressed by xz: decompress it (unxz), or compress it with gzip, which is read as it is"},
    {"\x28\xb5\x2f\xfd",
     "this is compressed by zstd: decompress it (unzstd), or compress it with gzip, which is read as it is"},
    {"par1", "this is Parquet: save the numbers with numpy.save(\"V.npy\", pandas.read_parquet(...).to_numpy())"},
    {"\x80", "this may be a Python pickle: save the matrix with numpy.save"},
};

std::string first_bytes(const std::string& path) {
  constexpr std::size_t enough = 32;
  ByteReader bytes(path);
  std::string start(enough, '\0');
  start.resize(bytes.read(start.data(), enough));
  if (start.starts_with(byte_order_mark)) start.erase(0, byte_order_mark.size());
  for (char& c : start) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return start;
}

/// Printable, with what separates numbers on a line.
bool is_table_of_text(const std::string& start) {
  const auto is_text = [](unsigned char c) { return c >= ' ' || c == '\t' || c == '\n' || c == '\r'; };
  return !start.empty() && std::all_of(start.begin(), start.end(), is_text) &&
         start.find_first_of(",;\t") != std::string::npos;
}

std::string supported() {
  std::string names;
  for (const Format& format : formats) names += std::string(format.name) + ", ";
  return names + "both also gzip'd, a folder with indptr.npy, indices.npy and data.npy (CSR), generate:NAME:...";
}

Source open_folder(const std::string& path, bool transpose) {
  if (std::filesystem::exists(path + "/indptr.npy")) return open_csr_folder(path, transpose);
  throw BadData(fmt::format("{}: is a folder without indptr.npy; supported are {}", path, supported()));
}

}  // namespace

Source open_source(const std::string& path, const LoadOptions& options) {
  const bool transpose = options.transpose;
  if (path.rfind("generate:", 0) == 0) return open_generator(path, transpose);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return open_folder(path, transpose);
  const std::string start = first_bytes(path);
  for (const Format& format : formats) {
    if (start.rfind(format.start, 0) == 0) return format.open(path, options);
  }
  for (const Stranger& stranger : strangers) {
    if (start.rfind(stranger.start, 0) == 0) throw BadData(fmt::format("{}: {}", path, stranger.advice));
  }
  if (is_table_of_text(start)) {
    throw BadData(fmt::format(
        "{}: this may be text with a row a line, such as CSV: save the numbers with numpy.save(\"V.npy\", "
        "numpy.loadtxt(\"{}\", delimiter=\",\")), with skiprows=1 where names stand above them",
        path, path));
  }
  throw BadData(
      fmt::format("{}: {}; supported are {}", path, start.empty() ? "is empty" : "unknown format", supported()));
}

}  // namespace mpinmf::io
