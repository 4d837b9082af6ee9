#include "checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "arrays.hpp"
#include "io/file.hpp"
#include "manifest.hpp"
#include "names.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;

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

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Manifest read_manifest(const std::string& checkpoint) {
  Manifest manifest = parse_manifest(manifest_in(checkpoint), checkpoint + "/" + manifest_name);
  manifest.path = checkpoint;
  return manifest;
}

Index components_of(const Manifest& manifest) {
  return array_in(manifest, "w").columns;
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
  comm_.meet_on_root([&] { remove_unfinished_checkpoints(path_); });
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
    complete = next_checkpoint(path_);
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
      publish_checkpoint(folder, complete);
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
