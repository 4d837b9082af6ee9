// Any bytes as a matrix of a format: every reader must load them or say in an Error what is wrong.
//
//   MPINMF_FUZZ_FORMAT=npz fuzz_readers FOLDER_OF_SEEDS...     libFuzzer's options follow: -max_total_time=20
//
// For formats that are folders, the bytes are the folder's files one after the other: the first lines say how many
// bytes of which file follow ("indptr.npy 208"), up to an empty line.
#include <fcntl.h>
#include <mpi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "mpinmf/error.hpp"
#include "mpinmf/load.hpp"

namespace {

using namespace mpinmf;
namespace fs = std::filesystem;

/// A matrix may be all but empty and yet have more rows or columns than this program has memory for here; info
/// would say so before a fit.
constexpr double most_numbers = 1e5;

struct Target {
  std::string format, folder;
  int file = -1;
};
Target target;

/// What must be said of a file of two columns of numbers alone; their type is for the first byte to say.
FileReading reading_of(std::string_view bytes) {
  FileReading reading{.format = target.format};
  if (target.format != "raw") return reading;
  constexpr std::pair<const char*, std::size_t> types[] = {{"float64", 8}, {"float32", 4}, {"float16", 2},
                                                           {"uint8", 1},   {"int16", 2},   {"int64", 8}};
  const std::size_t first = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front());
  const auto& [type, size] = types[first % std::size(types)];
  reading.element_type = type;
  reading.shape = std::to_string(bytes.size() / (2 * size)) + "x2";
  reading.layout = first < 128 ? "rows" : "columns";
  return reading;
}

void load_from(const std::string& path, const FileReading& reading) {
  for (const bool transpose : {false, true}) {
    LoadOptions options;
    options.transpose = transpose;
    options.file = reading;
    try {
      const MatrixHeader header = load_header(Comm::self(), path, options);
      const auto rows = static_cast<double>(header.rows), columns = static_cast<double>(header.columns);
      if ((header.sparse ? rows + columns + static_cast<double>(header.stored) : rows * columns) > most_numbers)
        continue;
      load<double>(Comm::self(), path, options);
    } catch (const Error&) {
    }
  }
}

void write_file(std::string_view bytes) {
  if (ftruncate(target.file, 0) != 0 || pwrite(target.file, bytes.data(), bytes.size(), 0) < 0) std::abort();
}

/// Names with a slash stay out: the bytes shall not lead out of the folder.
void write_folder(std::string_view bytes) {
  fs::remove_all(target.folder);
  fs::create_directory(target.folder);
  const std::size_t end = bytes.find("\n\n");
  std::istringstream lines(std::string(bytes.substr(0, end)));
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 2);
  std::string name;
  for (std::size_t size = 0; lines >> name >> size;) {
    const std::string_view content = bytes.substr(0, size);
    bytes.remove_prefix(content.size());
    if (name.size() > 100 || name.find('/') != std::string::npos) continue;
    std::ofstream(fs::path(target.folder) / name, std::ios::binary) << content;
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  int level = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
  const char* const format = std::getenv("MPINMF_FUZZ_FORMAT");
  if (format == nullptr) std::abort();
  target.format = format;
  const char* const is_folder = std::getenv("MPINMF_FUZZ_FOLDER");
  if (is_folder != nullptr && *is_folder != '\0') {
    target.folder = fs::temp_directory_path() / ("mpinmf-fuzz-" + std::to_string(getpid()));
  } else {
    target.file = memfd_create("matrix", 0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!target.folder.empty()) {
    write_folder(bytes);
    load_from(target.folder, reading_of(bytes));
  } else {
    write_file(bytes);
    load_from("/proc/self/fd/" + std::to_string(target.file), reading_of(bytes));
  }
  return 0;
}
