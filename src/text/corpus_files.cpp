#include "corpus_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

#include "unreadable.hpp"

namespace mpinmf::text {
namespace {

namespace fs = std::filesystem;

/// The format that the end of a name tells, or none.
const DocumentFormat* format_of_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  for (const DocumentFormat& format : document_formats()) {
    for (const std::string_view ending : format.endings) {
      if (!ending.empty() && name.ends_with(ending)) return &format;
    }
  }
  return nullptr;
}

const DocumentFormat& whole_file() {
  return document_formats()[0];
}
const DocumentFormat& lines() {
  return document_formats()[1];
}

/// What a single file holds that has no telling name. `start` is read from the stream.
const DocumentFormat& format_of_content(std::string start, TextStream& stream) {
  std::string_view text = start;
  if (text.starts_with(io::byte_order_mark)) text.remove_prefix(io::byte_order_mark.size());
  std::size_t first = text.find_first_not_of(" \t\r\n");
  while (first == std::string_view::npos) {
    start.resize(telling_bytes);
    text = std::string_view(start).substr(0, stream.read(start.data(), start.size()));
    if (text.empty()) return lines();
    first = text.find_first_not_of(" \t\r\n");
  }
  for (const DocumentFormat& format : document_formats()) {
    if (!format.start.empty() && text.substr(first).starts_with(format.start)) return format;
  }
  return lines();
}

Index size_of(const std::string& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (error) throw io::file_error(path, "read it", error.value());
  return static_cast<Index>(bytes);
}

/// The bytes of a gzip'd file's text, modulo 2^32 and of its last part only: a guess.
Index gzip_text_bytes(const std::string& path, Index bytes) {
  constexpr Index trailer_bytes = 4, usual_ratio = 3;
  if (bytes < trailer_bytes) return bytes;
  std::array<unsigned char, trailer_bytes> trailer{};
  io::File::open_to_read(path).read_at(bytes - trailer_bytes, std::as_writable_bytes(std::span(trailer)));
  Index size = 0;
  for (std::size_t i = trailer.size(); i-- > 0;) size = size << 8 | trailer[i];
  return size >= bytes ? size : usual_ratio * bytes;
}

CorpusFile list_file(const std::string& path, Encoding encoding) {
  CorpusFile file{path, "", nullptr, 0, 0, false};
  TextStream stream(path, encoding);
  file.bytes = size_of(path);
  file.is_stream = !stream.can_start_anywhere();
  file.text_bytes = stream.is_compressed() ? gzip_text_bytes(path, file.bytes) : file.bytes;
  std::string start(telling_bytes, '\0');
  start.resize(stream.read(start.data(), start.size()));
  refuse_unreadable(path, start);
  file.format = format_of_name(path);
  if (file.format == nullptr) file.format = &format_of_content(std::move(start), stream);
  return file;
}

bool is_hidden(const fs::path& path) {
  return path.filename().native().starts_with('.');
}

/// A link in a folder to a folder above it would be followed without end.
void refuse_circle(const fs::path& folder, const std::vector<fs::path>& above) {
  const auto is_same = [&](const fs::path& other) {
    std::error_code ignored;
    return fs::equivalent(folder, other, ignored);
  };
  if (std::none_of(above.begin(), above.end(), is_same)) return;
  throw BadData(
      fmt::format("{}: this link leads to a folder that it lies in; remove it, or name the folders "
                  "one by one",
                  folder.native()));
}

/// Paths of the files below a folder, which lies in those `above`. Links are followed.
void collect_paths(const fs::path& folder, std::vector<fs::path>& above, std::vector<std::string>& paths) {
  refuse_circle(folder, above);
  above.push_back(folder);
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (is_hidden(entries->path())) continue;
    std::error_code broken_link;
    const fs::file_status status = entries->status(broken_link);
    if (fs::is_directory(status)) {
      collect_paths(entries->path(), above, paths);
    } else if (fs::is_regular_file(status)) {
      paths.push_back(entries->path().native());
    } else if (broken_link) {
      throw io::file_error(entries->path().native(), "read it", broken_link.value());
    }
  }
  if (error) throw io::file_error(folder.native(), "read it", error.value());
  above.pop_back();
}

void list_folder(const std::string& folder, Encoding encoding, std::vector<CorpusFile>& files) {
  std::vector<std::string> paths;
  std::vector<fs::path> above;
  collect_paths(folder, above, paths);
  if (paths.empty()) {
    throw BadData(
        fmt::format("{}: there are no files in this folder (hidden ones do not count); name a folder "
                    "with one document a file, or files",
                    folder));
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    if (format_of_name(path) != nullptr) {
      files.push_back(list_file(path, encoding));
      continue;
    }
    const Index bytes = size_of(path);
    files.push_back({path, "", &whole_file(), bytes, bytes, false});
  }
}

std::string folder_of(const std::string& path) {
  return fs::path(path).parent_path().native();
}

/// A document's label is the name of its folder, where documents lie in several folders or below the one given.
void label_documents(const std::vector<std::string>& paths, std::vector<CorpusFile>& files) {
  std::vector<std::string> given;
  for (const std::string& path : paths) given.push_back(folder_of((fs::path(path) / "name").native()));
  std::optional<std::string> first;
  bool is_labelled = false;
  for (const CorpusFile& file : files) {
    if (!file.format->is_one_document) continue;
    const std::string folder = folder_of(file.path);
    if (!first) first = folder;
    const bool is_below = std::find(given.begin(), given.end(), folder) == given.end();
    is_labelled = is_labelled || is_below || folder != *first;
  }
  if (!is_labelled) return;
  for (CorpusFile& file : files) {
    if (file.format->is_one_document) file.label = fs::path(folder_of(file.path)).filename().native();
  }
}

}  // namespace

std::vector<CorpusFile> list_files(std::vector<std::string> paths, Encoding encoding) {
  std::vector<CorpusFile> files;
  for (std::string& path : paths) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    std::error_code error;
    if (fs::is_directory(path, error)) {
      list_folder(path, encoding, files);
    } else {
      files.push_back(list_file(path, encoding));
    }
  }
  label_documents(paths, files);
  return files;
}

}  // namespace mpinmf::text
