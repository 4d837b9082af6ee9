#include "npz_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mpinmf::io {
namespace {

constexpr std::string_view suffix = ".npy";

std::string shape_text(const std::vector<Index>& shape) {
  std::string text;
  for (Index size : shape) text += fmt::format("{}{}", text.empty() ? "" : " x ", size);
  return text.empty() ? "one value" : text;
}

}  // namespace

NpzFile::NpzFile(const std::string& path) : archive_(std::make_shared<const ZipArchive>(path)) {
  for (const ZipMember& found : archive_->members()) {
    if (!found.name.ends_with(suffix)) continue;
    names_.push_back(found.name.substr(0, found.name.size() - suffix.size()));
  }
}

bool NpzFile::has(const std::string& name) const {
  return archive_->find(name + std::string(suffix)) != nullptr;
}

std::string NpzFile::list() const {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names_.size()); ++i) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", names_[i], shape_text(shape(names_[i])));
  }
  if (names_.size() > most) text += fmt::format(" and {} more", names_.size() - most);
  return text.empty() ? "none" : text;
}

const ZipMember& NpzFile::member(const std::string& name) const {
  const ZipMember* found = archive_->find(name + std::string(suffix));
  if (found != nullptr) return *found;
  throw BadData(fmt::format("{}: has no array {}; its arrays are {}", path(), name, list()));
}

std::unique_ptr<ByteSource> NpzFile::bytes(const std::string& name) const {
  return std::make_unique<ZipMemberReader>(archive_, member(name), origin(name).name());
}

std::vector<Index> NpzFile::shape(const std::string& name) const {
  return read_npy_dictionary(*bytes(name)).shape;
}

NpyReader NpzFile::reader(const std::string& name) const {
  NpyReader reader(bytes(name), origin(name));
  const NpyHeader& header = reader.header();
  const Index promised = header.data_offset + header.data_bytes(), there = member(name).bytes;
  if (promised == there) return reader;
  throw BadData(fmt::format("{}: has {} bytes where its header promises {}; write it again with numpy.savez",
                            header.origin.name(), there, promised));
}

NpyHeader NpzFile::header(const std::string& name) const {
  return reader(name).header();
}

NpyFile NpzFile::in_place(const std::string& name) const {
  NpyHeader found = header(name);
  found.data_offset += archive_->data_at(member(name));
  return NpyFile(std::move(found), File::open_to_read(path()));
}

std::vector<Index> NpzFile::integers(const std::string& name, Index count) const {
  NpyReader from = reader(name);
  require_vector(from.header(), true);
  if (from.header().elements() != count) {
    throw BadData(
        fmt::format("{}: must hold {} numbers, not {}", origin(name).name(), count, from.header().elements()));
  }
  std::vector<Index> values(static_cast<std::size_t>(count));
  from.read(std::span(values));
  from.finish();
  return values;
}

std::string NpzFile::word(const std::string& name) const {
  return read_npy_word(*bytes(name));
}

}  // namespace mpinmf::io
