// Files that end too early, or get shorter once they were opened, in every format that has no such case in its own
// test (HDF5, .npz, libsvm, MATLAB, images and blocks of gzip have).
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "io/npy_file.hpp"
#include "source_entries.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

struct Kind {
  std::string file;  ///< that is cut
  std::string content;
  std::string opened;  ///< the file, or the folder it is in
  /// Whether nothing tells that what is left was cut.
  std::function<bool(const std::string& left)> is_whole;
  std::string format = "";  ///< where the beginning of a file could be that of another
};

template <class T>
std::string npy_text(const std::string& type, const std::vector<T>& values, const std::vector<Index>& shape) {
  return npy_header_bytes(type, shape) +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

bool never(const std::string& /*left*/) {
  return false;
}

/// Of a text whose last number begins at `last`: a digit less is another number.
std::function<bool(const std::string&)> from(std::size_t last) {
  return [last](const std::string& left) { return left.size() > last; };
}

/// Rows end with a line, or with one that has as many fields.
bool is_table(const std::string& left) {
  const std::size_t begin = left.empty() || left.back() != '\n' ? left.rfind('\n') + 1 : left.size();
  const std::string line = left.substr(begin);
  const bool has_rows = std::count(left.begin(), left.end(), '\n') > 1;
  if (line.empty()) return has_rows;
  return begin > 0 && std::count(line.begin(), line.end(), ',') == 3 && line.back() != ',';
}

constexpr const char* mtx = "%%MatrixMarket matrix coordinate integer general\n4 3 3\n1 1 2\n2 3 1\n4 1 75\n";
constexpr const char* barcodes = "aa\nbb\ncc\n";
constexpr const char* features = "i\taa\tX\ni\tbb\tX\ni\tcc\tY\ni\tdd\tY\n";

std::vector<Kind> kinds() {
  const std::string text = mtx;
  const std::size_t last = text.size() - 3;
  const auto offsets = std::vector<std::int64_t>{0, 1, 2, 2}, indices = std::vector<std::int64_t>{1, 0};
  return {{"v.mtx", text, "v.mtx", from(last)},
          {"v.csv", ",a,b,c\nr,1,2.5,10\ns,10,1,14\n", "v.csv", is_table},
          {"v.npy", npy_text<double>("f8", {1, 2, 3, 4, 5, 6}, {2, 3}), "v.npy", never},
          {"bag.txt", "3\n4\n3\n1 2 3\n2 4 1\n3 1 75\n", "bag.txt", from(22), "bag-of-words"},
          {"csr/indptr.npy", npy_text("i8", offsets, {4}), "csr", never},
          {"csr/indices.npy", npy_text("i8", indices, {2}), "csr", never},
          {"csr/data.npy", npy_text<double>("f8", {2, 5}, {2}), "csr", never},
          {"csr/shape.npy", npy_text("i8", std::vector<std::int64_t>{3, 2}, {2}), "csr", never},
          {"tenx/matrix.mtx", text, "tenx", from(last)},
          {"tenx/barcodes.tsv", barcodes, "tenx", from(6)},
          {"tenx/features.tsv", features, "tenx", from(21)}};
}

/// All files, whole.
void write_all(const TemporaryFolder& folder, const std::vector<Kind>& all) {
  for (const char* name : {"csr", "tenx"}) std::filesystem::create_directories(folder / name);
  for (const Kind& kind : all) write_text(folder / kind.file, kind.content);
}

std::string fault_with_names(const std::string& path, const std::string& format) {
  return fault_of([&] {
    LoadOptions options;
    options.file.format = format;
    Source source = open_source(path, options);
    entries_of(source);
    all_names(source.labels.rows);
    all_names(source.labels.columns);
  });
}

}  // namespace

TEST_CASE("a file that is cut at any byte is one message that names it, or cannot be told from a whole one",
          "[cut]") {
  TemporaryFolder folder;
  const std::vector<Kind> all = kinds();
  write_all(folder, all);
  for (const Kind& kind : all) {
    CHECK(fault_with_names(folder / kind.opened, kind.format) == "");
    for (std::size_t length = 0; length < kind.content.size(); ++length) {
      const std::string left = kind.content.substr(0, length);
      write_text(folder / kind.file, left);
      const std::string message = fault_with_names(folder / kind.opened, kind.format);
      INFO(kind.file << ", " << length << " bytes: " << message);
      CHECK(message.empty() == kind.is_whole(left));
      if (message.empty()) continue;
      CHECK_THAT(message, Contains(folder / kind.opened));
      CHECK(message.find('\n') == std::string::npos);
    }
    write_text(folder / kind.file, kind.content);
  }
}

TEST_CASE("a file that gets shorter once it was opened is refused", "[cut]") {
  TemporaryFolder folder;
  const std::vector<Kind> all = kinds();
  write_all(folder, all);
  for (const Kind& kind : all) {
    // names are read when the folder is opened, or from a file that has been read as a whole
    if (kind.file.ends_with(".tsv") || kind.file == "csr/shape.npy") continue;
    Source source = open_source(folder / kind.opened, {});
    std::filesystem::resize_file(folder / kind.file, kind.content.size() - 8);
    const std::string message = fault_of([&] { entries_of(source); });
    INFO(kind.file);
    CHECK_THAT(message, Contains(folder / kind.opened));
    write_text(folder / kind.file, kind.content);
  }
}

TEST_CASE("what is neither file nor folder is refused at once", "[cut]") {
  TemporaryFolder folder;
  const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(made >= 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder / "v.mtx";
  REQUIRE(path.size() < sizeof address.sun_path);
  std::copy(path.begin(), path.end(), address.sun_path);
  REQUIRE(::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK_THAT(fault_in(path), Contains(path));
  ::close(made);
  CHECK_THAT(fault_in("/dev/null"), Contains("/dev/null"));
}
