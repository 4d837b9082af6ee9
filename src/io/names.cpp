#include "names.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <span>

#include "file.hpp"

namespace mpinmf::io {
namespace {

/// Names on their way to a file.
class NameWriter {
 public:
  explicit NameWriter(const std::string& path) : file_(File::open_to_write(path, path)) {}

  void put(std::string_view name) {
    for (const char c : name) buffer_ += c == '\n' || c == '\r' ? ' ' : c;
    buffer_ += '\n';
    if (buffer_.size() >= buffer_bytes) flush();
  }
  void finish() {
    flush();
    file_.shorten(offset_);
    file_.sync_and_close();
  }

 private:
  static constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

  void flush() {
    file_.write_at(offset_, std::as_bytes(std::span(buffer_)));
    offset_ += static_cast<Index>(buffer_.size());
    buffer_.clear();
  }

  File file_;
  Index offset_ = 0;
  std::string buffer_;
};

}  // namespace

NameReader names_in(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  return [path](const auto& take) {
    LineReader lines(path);
    for (std::string_view line; lines.next(line);) take(line);
  };
}

void require_names(const NameReader& names, Index wanted, const std::string& matrix, const std::string& what) {
  if (!names) return;
  Index count = 0;
  names([&](std::string_view) { ++count; });
  if (count == wanted) return;
  throw BadData(fmt::format("{}: names {} {}, but has {}", matrix, count, what, wanted));
}

void write_names(const NameReader& names, const std::string& path) {
  NameWriter writer(path);
  names([&](std::string_view name) { writer.put(name); });
  writer.finish();
}

std::vector<std::string> read_names(const std::string& path, Index wanted, const std::string& what) {
  std::vector<std::string> names;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) names.emplace_back(line);
  if (static_cast<Index>(names.size()) == wanted) return names;
  throw BadData(fmt::format("{}: has {} lines, but there are {} {}", path, names.size(), wanted, what));
}

}  // namespace mpinmf::io
