// A folder of images of one size: one row an image, in the order of their names (byte by byte), one column a
// pixel, row by row, or three for red, green and blue.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "entry_batch.hpp"
#include "format.hpp"
#include "image_file.hpp"
#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;

struct ImageFolder {
  std::string path;
  std::vector<std::string> names;  ///< sorted; in the folder or below it
  ImageKind kind;

  std::string file(Index image) const { return path + "/" + names[static_cast<std::size_t>(image)]; }
};

/// What is in a folder and below; hidden files do not count.
struct Listing {
  std::vector<std::string> images;  ///< sorted
  Index others = 0;
  std::error_code error;

  bool is_of_images() const { return !images.empty() && static_cast<Index>(images.size()) >= others; }
};

/// Ends early where there is so much else that nobody would call this a folder of images.
Listing list_folder(const std::string& folder) {
  constexpr Index many = 100000;
  Listing found;
  auto next = fs::recursive_directory_iterator(folder, found.error);
  for (; !found.error && next != fs::end(next); next.increment(found.error)) {
    const std::string name = next->path().filename().string();
    if (name.starts_with('.')) {
      next.disable_recursion_pending();
    } else if (!next->is_directory(found.error)) {
      if (is_image_name(name)) {
        found.images.push_back(next->path().lexically_relative(folder).string());
      } else if (++found.others > many && !found.is_of_images()) {
        break;
      }
    }
  }
  std::sort(found.images.begin(), found.images.end());
  return found;
}

/// What fit writes has pictures, too, but is none.
bool is_image_folder(const std::string& folder) {
  return list_folder(folder).is_of_images();
}

class ImageRows final : public DenseRows {
 public:
  explicit ImageRows(ImageFolder folder) : folder_(std::move(folder)) {}
  void read(Index first, Index count, double* out) override {
    for (Index i = 0; i < count; ++i) {
      read_image(folder_.file(first + i), folder_.kind, out + i * folder_.kind.numbers());
    }
  }

 private:
  ImageFolder folder_;
};

/// With pixels as rows: a piece is some of the images.
class ImageColumns final : public EntryPieces {
 public:
  explicit ImageColumns(ImageFolder folder) : folder_(std::move(folder)) {}

  void read_all(const TakeEntries& take) override { read(0, 1, take); }
  void read(int part, int parts, const TakeEntries& take) override {
    const Index images = static_cast<Index>(folder_.names.size()), end = piece_begin(images, part + 1, parts);
    std::vector<double> values(static_cast<std::size_t>(folder_.kind.numbers()));
    EntryBatch batch(take, false, true);
    for (Index image = piece_begin(images, part, parts); image < end; ++image) {
      read_image(folder_.file(image), folder_.kind, values.data());
      for (std::size_t j = 0; j < values.size(); ++j) batch.add(image, static_cast<Index>(j), values[j]);
    }
    batch.flush();
  }
  void require_total(Index) override {}  // each image is whole, or a fault

 private:
  ImageFolder folder_;
};

Source open_image_folder(const Location& at, const LoadOptions& options) {
  Listing listing = list_folder(at.file);
  if (listing.error) throw SystemError(fmt::format("{}: cannot be listed: {}", at.file, listing.error.message()));
  ImageFolder folder{at.file, std::move(listing.images), {}};
  if (folder.names.empty()) throw BadData(at.file + ": has no images (.png, .pgm, .ppm)");
  folder.kind = image_kind(folder.file(0));
  MatrixHeader header;
  header.rows = static_cast<Index>(folder.names.size());
  header.columns = folder.kind.numbers();
  check_sizes(at.file, header.rows, header.columns);
  header.stored = header.rows * header.columns;
  header.held_as = folder.kind.largest <= 255 ? StorageType::uint8 : StorageType::uint16;
  header.reader_bytes = static_cast<double>(header.columns) * (2 + sizeof(double));
  if (options.transpose) std::swap(header.rows, header.columns);
  Labels labels;
  labels.rows = [names = folder.names](const auto& take) {
    for (const std::string& name : names) take(name);
  };
  if (options.transpose) return {at.file, header, std::make_unique<ImageColumns>(std::move(folder)), labels};
  return {at.file, header, std::make_unique<ImageRows>(std::move(folder)), labels};
}

}  // namespace

template <class Row>
Row format_row(FormatFile<struct ImageFolderFormat>) {
  return {.name = "a folder of images (.png, .pgm, .ppm)",
          .key = "images",
          .folder_with = "images",
          .recognises_folder = is_image_folder,
          .open = open_image_folder};
}
template Format format_row(FormatFile<struct ImageFolderFormat>);

}  // namespace mpinmf::io
