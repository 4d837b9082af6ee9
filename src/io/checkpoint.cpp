#include "checkpoint.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "checkpoint_manifest.hpp"
#include "checksum.hpp"
#include "file.hpp"
#include "npy.hpp"
#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "checkpoint-", unfinished = ".partial-";

/// The number in the name of a checkpoint's folder, complete or not; -1: it is none.
Index number_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with(prefix)) return -1;
  Index number = -1;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + prefix.size(), end, number);
  const std::string_view after(rest, static_cast<std::size_t>(end - rest));
  return error == std::errc() && (after.empty() || after.starts_with(unfinished)) ? number : -1;
}

bool is_complete(const fs::path& folder) {
  return number_of(folder) >= 0 && folder.filename().string().find(unfinished) == std::string::npos;
}

/// All that is a checkpoint in a folder, or was to become one, the newest first.
std::vector<fs::path> all_in(const std::string& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (number_of(entry.path()) >= 0) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(),
            [](const fs::path& a, const fs::path& b) { return number_of(a) > number_of(b); });
  return found;
}

/// A name in a folder is on disk only when the folder is.
void sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) throw file_error(path, "open it", errno);
  // some file systems cannot, and say EINVAL
  const int error = ::fsync(folder) != 0 && errno != EINVAL ? errno : 0;
  ::close(folder);
  if (error != 0) throw file_error(path, "write it", error);
}

void rename_folder(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error)
    throw SystemError(fmt::format("cannot rename {} to {}: {}", from.string(), to.string(), error.message()));
}

std::string unfinished_name(const fs::path& path) {
  return fmt::format("{}{}{}-{}", path.string(), unfinished, host_name(), ::getpid());
}

/// A complete one. Half removed it must not look complete.
void remove_checkpoint(const std::string& path) {
  std::error_code ignored;
  const std::string leaving = unfinished_name(path);
  fs::rename(path, leaving, ignored);
  fs::remove_all(leaving, ignored);
}

void remove_unfinished_in(const std::string& folder) {
  std::error_code ignored;
  for (const fs::path& path : all_in(folder)) {
    if (!is_complete(path)) fs::remove_all(path, ignored);
  }
}

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

/// A piece, as ranks tell the root of it.
struct WrittenPiece {
  Index array;
  Manifest::Piece piece;
};

/// The arrays of a state in a folder: their files, what was written into them, and their places in the manifest.
class ArrayWriter {
 public:
  explicit ArrayWriter(std::string folder) : folder_(std::move(folder)) {}

  template <class E>
  void describe(const StateArray<E>& array) {
    const std::string header = header_of<E>(array.rows, array.columns);
    arrays_.push_back({array.name,
                       array.rows,
                       array.columns,
                       static_cast<Index>(sizeof(E)),
                       static_cast<Index>(header.size()),
                       {}});
  }
  template <class E>
  void create(const StateArray<E>& array) const {
    const std::string path = file_of(folder_, array.name), header = header_of<E>(array.rows, array.columns);
    File file = File::open_to_write(path, path);
    file.write_at(0, std::as_bytes(std::span(header)));
    file.sync_and_close();
  }
  template <class E>
  void write(Index number, const StateArray<E>& array) {
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
  /// On the root, which knows all arrays: these with the pieces of all ranks. Collective.
  std::vector<Manifest::Array> gather(const Comm& comm) {
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

 private:
  std::string folder_;
  std::vector<Manifest::Array> arrays_;
  std::vector<WrittenPiece> written_;
};

/// f(array) for the factors, the sums and the numbers, in this order.
template <class T, class F>
void for_each_array(const FitState<T>& state, StateArray<double>& numbers, F&& f) {
  for (const StateArray<T>& array : state.factors) f(array);
  for (const StateArray<double>& array : state.sums) f(array);
  f(numbers);
}

/// As an array of one row, the root's.
StateArray<double> as_array(const Comm& comm, std::vector<double>& numbers) {
  const auto count = static_cast<Index>(numbers.size());
  StateArray<double> array{"numbers", 1, count, {}};
  if (comm.is_root()) array.blocks.push_back({0, {numbers.data(), 1, count, count}});
  return array;
}

void write_manifest(const std::string& folder, const Manifest& manifest) {
  const std::string path = folder + "/" + manifest_name, text = manifest_text(manifest);
  File file = File::open_to_write(path, path);
  file.write_at(0, std::as_bytes(std::span(text)));
  file.sync_and_close();
}

std::string manifest_in(const std::string& folder) {
  const std::string path = folder + "/" + manifest_name;
  const File file = File::open_to_read(path);
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text)));
  return text;
}

/// Which of its pieces, each looked at by one rank, is not what was written; or nothing. Collective.
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

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Manifest read_manifest(const std::string& checkpoint) {
  Manifest manifest = parse_manifest(manifest_in(checkpoint), checkpoint + "/" + manifest_name);
  manifest.path = checkpoint;
  return manifest;
}

double bytes_of(const Manifest& manifest) {
  double bytes = 0;
  for (const Manifest::Array& array : manifest.arrays) {
    bytes += static_cast<double>(array.offset) + static_cast<double>(array.rows) *
                                                     static_cast<double>(array.columns) *
                                                     static_cast<double>(array.element_bytes);
  }
  return bytes;
}

std::vector<std::string> checkpoints_in(const std::string& folder) {
  std::vector<std::string> complete;
  for (const fs::path& path : all_in(folder)) {
    if (is_complete(path)) complete.push_back(path.string());
  }
  return complete;
}

void remove_checkpoints(const std::string& folder) noexcept {
  try {
    for (const std::string& path : checkpoints_in(folder)) remove_checkpoint(path);
    remove_unfinished_in(folder);
  } catch (const std::exception&) {  // no memory: they stay
  }
}

CheckpointFolder::CheckpointFolder(const Comm& comm, std::string path, Facts fit, Index keep)
    : comm_(comm), path_(std::move(path)), fit_(std::move(fit)), keep_(std::max(keep, Index{1})) {
  comm_.meet_on_root([&] {
    std::error_code error;
    fs::create_directories(path_, error);
    if (!error && !fs::is_directory(path_)) error = std::make_error_code(std::errc::not_a_directory);
    if (error) throw SystemError(fmt::format("cannot make the folder {}: {}", path_, error.message()));
  });
}

void CheckpointFolder::remove_leftovers() {
  comm_.meet_on_root([&] { remove_unfinished_in(path_); });
}

void CheckpointFolder::remove_old() {
  for (const std::string& path : damaged_) remove_checkpoint(path);
  damaged_.clear();
  const std::vector<std::string> complete = checkpoints_in(path_);
  for (auto i = static_cast<std::size_t>(keep_); i < complete.size(); ++i) remove_checkpoint(complete[i]);
}

template <class T>
void CheckpointFolder::save(const FitState<T>& state) {
  std::string complete, folder;
  comm_.meet_on_root([&] {
    const std::vector<fs::path> there = all_in(path_);
    complete = fmt::format("{}/{}{}", path_, prefix, there.empty() ? 1 : number_of(there.front()) + 1);
    folder = unfinished_name(complete);
    std::error_code error;
    if (!fs::create_directory(folder, error)) {
      throw SystemError(fmt::format("cannot make the folder {}: {}", folder, error.message()));
    }
  });
  comm_.broadcast(folder);
  try {
    std::vector<double> numbers = state.numbers;
    StateArray<double> last = as_array(comm_, numbers);
    ArrayWriter writer(folder);
    for_each_array(state, last, [&](const auto& array) { writer.describe(array); });
    comm_.meet_on_root([&] { for_each_array(state, last, [&](const auto& array) { writer.create(array); }); });
    comm_.meet([&] {
      Index number = 0;
      for_each_array(state, last, [&](const auto& array) { writer.write(number++, array); });
    });
    Manifest manifest;
    manifest.arrays = writer.gather(comm_);
    comm_.meet_on_root([&] {
      manifest.fit = fit_;
      manifest.iteration = state.iteration;
      manifest.max_iterations = state.max_iterations;
      manifest.seconds = state.seconds;
      manifest.loss = state.loss;
      manifest.loss_iteration = state.loss_iteration;
      manifest.written_at = seconds_since_1970();
      manifest.ranks = comm_.size();
      manifest.host = host_name();
      write_manifest(folder, manifest);
      sync_folder(folder);
      rename_folder(folder, complete);
      sync_folder(path_);
      remove_old();
    });
  } catch (const Error&) {
    std::error_code ignored;
    if (comm_.is_root()) fs::remove_all(folder, ignored);
    throw;
  }
}

std::optional<Manifest> CheckpointFolder::find_newest(std::vector<std::string>& damaged) {
  damaged_.clear();
  std::string list;
  comm_.meet_on_root([&] {
    for (const std::string& path : checkpoints_in(path_)) list += path + "\n";
  });
  comm_.broadcast(list);
  std::size_t end = 0;
  for (std::size_t at = 0; (end = list.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string folder = list.substr(at, end - at);
    std::string text, damage;
    if (comm_.is_root()) {
      try {
        text = manifest_in(folder);
      } catch (const Error& error) {
        damage = error.what();
      }
    }
    comm_.broadcast(text);
    comm_.broadcast(damage);
    Manifest manifest;
    if (damage.empty()) {
      try {
        manifest = parse_manifest(text, folder + "/" + manifest_name);  // every rank alike
        manifest.path = folder;
      } catch (const BadData& error) {
        damage = error.what();
      }
    }
    if (damage.empty()) {
      const std::string difference = difference_of(manifest.fit, fit_);
      if (!difference.empty()) {
        UsageError error(
            fmt::format("{} is a checkpoint of another fit: {}. Give the options and data of that one, "
                        "or another --checkpoint",
                        folder, difference));
        error.set_met();
        throw error;
      }
      damage = damage_in(comm_, manifest);
    }
    if (damage.empty()) return manifest;
    damaged.push_back(damage);
    damaged_.push_back(folder);
  }
  if (damaged.empty()) return {};
  BadData error(
      fmt::format("no checkpoint in {} is whole ({}): remove them to start afresh", path_, damaged.front()));
  error.set_met();
  throw error;
}

template <class T>
void CheckpointFolder::load(const Manifest& found, FitState<T>& state) const {
  comm_.meet([&] {
    std::vector<double> numbers(static_cast<std::size_t>(array_in(found, "numbers").columns));
    StateArray<double> last = as_array(comm_, numbers);
    for_each_array(state, last, [&](const auto& array) { load_array(found, array); });
    state.numbers = std::move(numbers);
    state.iteration = found.iteration;
    state.seconds = found.seconds;
    state.loss = found.loss;
    state.loss_iteration = found.loss_iteration;
  });
  comm_.broadcast(std::span(state.numbers));
}

template void CheckpointFolder::save(const FitState<float>&);
template void CheckpointFolder::save(const FitState<double>&);
template void CheckpointFolder::load(const Manifest&, FitState<float>&) const;
template void CheckpointFolder::load(const Manifest&, FitState<double>&) const;

}  // namespace mpinmf::io
