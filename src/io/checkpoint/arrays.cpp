#include "arrays.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "io/checksum.hpp"
#include "io/file.hpp"
#include "io/npy.hpp"
#include "io/npy_file.hpp"

namespace mpinmf::io {
namespace {

std::string file_of(const std::string& folder, const std::string& array) {
  return folder + "/" + array + ".npy";
}

template <class E>
std::string header_of(Index rows, Index columns) {
  return npy_header_bytes(sizeof(E) == 4 ? "f4" : "f8", {rows, columns});
}

/// Calls f(first row, count) for pieces of rows that fit a buffer.
template <class E, class F>
void in_buffers(Index rows, Index columns, F&& f) {
  const Index row_bytes = std::max<Index>(columns * static_cast<Index>(sizeof(E)), 1);
  const Index at_once = std::max<Index>(npy_buffer_bytes / row_bytes, 1);
  for (Index i = 0; i < rows; i += at_once) f(i, std::min(at_once, rows - i));
}

template <class E>
std::uint64_t write_block(const File& file, Index offset, const typename StateArray<E>::Block& block) {
  const Index columns = block.rows.columns(), row_bytes = columns * static_cast<Index>(sizeof(E));
  std::vector<E> buffer;
  Checksum sum;
  in_buffers<E>(block.rows.rows(), columns, [&](Index first, Index count) {
    buffer.clear();
    for (Index r = first; r < first + count; ++r) {
      buffer.insert(buffer.end(), block.rows.row(r), block.rows.row(r) + columns);
    }
    const auto bytes = std::as_bytes(std::span(buffer));
    sum.add(bytes);
    file.write_at(offset + (block.first + first) * row_bytes, bytes);
  });
  return sum.value();
}

template <class E>
void read_block(const File& file, Index offset, const typename StateArray<E>::Block& block) {
  const Index columns = block.rows.columns(), row_bytes = columns * static_cast<Index>(sizeof(E));
  std::vector<E> buffer;
  in_buffers<E>(block.rows.rows(), columns, [&](Index first, Index count) {
    buffer.resize(static_cast<std::size_t>(count * columns));
    file.read_at(offset + (block.first + first) * row_bytes, std::as_writable_bytes(std::span(buffer)));
    for (Index r = 0; r < count; ++r) {
      std::copy_n(buffer.data() + r * columns, columns, block.rows.row(first + r));
    }
  });
}

}  // namespace

template <class E>
void ArrayWriter::describe(const StateArray<E>& array) {
  const std::string header = header_of<E>(array.rows, array.columns);
  arrays_.push_back({array.name,
                     array.rows,
                     array.columns,
                     static_cast<Index>(sizeof(E)),
                     static_cast<Index>(header.size()),
                     {}});
}

template <class E>
void ArrayWriter::create(const StateArray<E>& array) const {
  const std::string path = file_of(folder_, array.name), header = header_of<E>(array.rows, array.columns);
  File file = File::open_to_write(path, path);
  file.write_at(0, std::as_bytes(std::span(header)));
  file.sync_and_close();
}

template <class E>
void ArrayWriter::write(Index number, const StateArray<E>& array) {
  if (array.blocks.empty()) return;
  const std::string path = file_of(folder_, array.name);
  File file = File::open_existing(path, path);
  for (const auto& block : array.blocks) {
    if (block.rows.rows() == 0) continue;
    const Index offset = arrays_[static_cast<std::size_t>(number)].offset;
    written_.push_back({number, {block.first, block.rows.rows(), write_block<E>(file, offset, block)}});
  }
  file.sync_and_close();
}

std::vector<Manifest::Array> ArrayWriter::gather(const Comm& comm) {
  std::string own(written_.size() * sizeof(WrittenPiece), '\0');
  if (!own.empty()) std::memcpy(own.data(), written_.data(), own.size());
  const std::vector<std::string> all = comm.gather(own);
  if (!comm.is_root()) return {};
  for (const std::string& text : all) {
    for (std::size_t at = 0; at < text.size(); at += sizeof(WrittenPiece)) {
      WrittenPiece written;
      std::memcpy(&written, text.data() + at, sizeof written);
      arrays_[static_cast<std::size_t>(written.array)].pieces.push_back(written.piece);
    }
  }
  for (Manifest::Array& array : arrays_) {
    std::sort(array.pieces.begin(), array.pieces.end(),
              [](const Manifest::Piece& a, const Manifest::Piece& b) { return a.first < b.first; });
  }
  return std::move(arrays_);
}

const Manifest::Array& array_in(const Manifest& manifest, const std::string& name) {
  for (const Manifest::Array& array : manifest.arrays) {
    if (array.name == name) return array;
  }
  throw BadData(fmt::format("{}: has no {}: it was written by another version of mpinmf", manifest.path, name));
}

template <class E>
void load_array(const Manifest& manifest, const StateArray<E>& array) {
  const Manifest::Array& stored = array_in(manifest, array.name);
  if (stored.rows != array.rows || stored.columns != array.columns ||
      stored.element_bytes != static_cast<Index>(sizeof(E))) {
    throw BadData(fmt::format("{}: {} is {} x {} ({} bytes each) where {} x {} ({}) is needed", manifest.path,
                              array.name, stored.rows, stored.columns, stored.element_bytes, array.rows,
                              array.columns, sizeof(E)));
  }
  if (array.blocks.empty()) return;
  const File file = File::open_to_read(file_of(manifest.path, array.name));
  for (const auto& block : array.blocks) read_block<E>(file, stored.offset, block);
}

std::string damage_in(const Comm& comm, const Manifest& manifest) {
  std::string damage;
  try {
    Index turn = 0;
    for (const Manifest::Array& array : manifest.arrays) {
      const Index row_bytes = array.columns * array.element_bytes;
      for (const Manifest::Piece& piece : array.pieces) {
        if (turn++ % comm.size() != comm.rank() || !damage.empty()) continue;
        const File file = File::open_to_read(file_of(manifest.path, array.name));
        Checksum sum;
        std::vector<std::byte> buffer(static_cast<std::size_t>(npy_buffer_bytes));
        const Index end = array.offset + (piece.first + piece.count) * row_bytes;
        for (Index at = array.offset + piece.first * row_bytes; at < end; at += npy_buffer_bytes) {
          const auto count = static_cast<std::size_t>(std::min(npy_buffer_bytes, end - at));
          const auto bytes = std::span(buffer).first(count);
          file.read_at(at, bytes);
          sum.add(bytes);
        }
        if (sum.value() != piece.checksum) damage = fmt::format("{}: the checksum is wrong", file.path());
      }
    }
  } catch (const Error& error) {
    damage = error.what();
  }
  for (const std::string& of_rank : comm.gather(damage)) {
    if (!of_rank.empty()) return of_rank;
  }
  return "";
}

template void ArrayWriter::describe(const StateArray<float>&);
template void ArrayWriter::create(const StateArray<float>&) const;
template void ArrayWriter::write(Index, const StateArray<float>&);
template void ArrayWriter::describe(const StateArray<double>&);
template void ArrayWriter::create(const StateArray<double>&) const;
template void ArrayWriter::write(Index, const StateArray<double>&);
template void load_array(const Manifest&, const StateArray<float>&);
template void load_array(const Manifest&, const StateArray<double>&);

}  // namespace mpinmf::io
