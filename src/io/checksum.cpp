#include "checksum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "file.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mpinmf::io {

struct Checksum::State {
  XXH3_state_t xxh3;
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(&state_->xxh3);
}
Checksum::~Checksum() = default;

void Checksum::add(std::span<const std::byte> bytes) {
  XXH3_64bits_update(&state_->xxh3, bytes.data(), bytes.size());
}
std::uint64_t Checksum::value() const {
  return XXH3_64bits_digest(&state_->xxh3);
}

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t checksum_of_file(const std::string& path) {
  constexpr Index most_bytes = Index{1} << 20;
  const File file = File::open_to_read(path);
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(most_bytes, file.size())));
  Checksum sum;
  for (Index at = 0; at < file.size(); at += most_bytes) {
    const std::span piece =
        std::span(bytes).first(static_cast<std::size_t>(std::min(most_bytes, file.size() - at)));
    file.read_at(at, piece);
    sum.add(piece);
  }
  return sum.value();
}

namespace {

void add_sample(const std::string& path, Checksum& sum) {
  constexpr Index pieces = 16, most_bytes = 4096;
  const File file = File::open_to_read(path);
  const Index size = file.size();
  std::array<std::byte, most_bytes> bytes;
  sum.add(std::as_bytes(std::span(&size, 1)));
  for (Index piece = 0, end = 0; piece < pieces && end < size; ++piece) {
    const Index begin = std::max(end, (size - most_bytes) * piece / (pieces - 1));
    end = std::min(begin + most_bytes, size);
    const auto part = std::span(bytes).first(static_cast<std::size_t>(end - begin));
    file.read_at(begin, part);
    sum.add(part);
  }
}

}  // namespace

std::uint64_t checksum_of_sample(const std::string& path) {
  constexpr std::size_t most_files = 16;  // of images there may be thousands
  namespace fs = std::filesystem;
  std::error_code ignored;
  Checksum sum;
  if (fs::is_regular_file(path, ignored)) {
    add_sample(path, sum);
  } else if (fs::is_directory(path, ignored)) {
    std::vector<fs::path> names;
    for (const auto& entry : fs::directory_iterator(path, ignored)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    std::size_t files = 0;
    for (const fs::path& name : names) {
      sum.add(std::as_bytes(std::span(name.native())));
      if (files == most_files || !fs::is_regular_file(path / name, ignored)) continue;
      add_sample((path / name).string(), sum);
      ++files;
    }
  } else {
    return 0;
  }
  return sum.value();
}

std::string checksum_text(std::uint64_t value) {
  return fmt::format("{:016x}", value);
}

/// Those of rows are added up, so that the order of rows and their cut do not matter: in halves of 32 bits, which
/// cannot overflow 64.
template <class T>
std::uint64_t checksum(const DataMatrix<T>& v) {
  struct Stored {
    Index column;
    double value;
  };
  std::vector<Stored> entries;
  std::array<Index, 2> halves = {};
  for (Index i = 0; i < v.rows_local(); ++i) {
    entries.clear();
    v.move_window(i, 1);
    const RowPanel<T> row = v.rows(i, 1);
    row.for_stored(0, [&](Index j, T x) { entries.push_back({j, static_cast<double>(x)}); });
    if (v.summary().has_weights)
      row.for_weights(0, [&](Index j, T weight) { entries.push_back({j, static_cast<double>(weight)}); });
    const std::uint64_t of_row =
        checksum(std::as_bytes(std::span(entries)), static_cast<std::uint64_t>(v.first_row() + i));
    halves[0] += static_cast<Index>(of_row & 0xffffffffU);
    halves[1] += static_cast<Index>(of_row >> 32);
  }
  v.comm().sum(std::span(halves));
  std::array<std::uint64_t, 5> whole = {static_cast<std::uint64_t>(halves[0]),
                                        static_cast<std::uint64_t>(halves[1]),
                                        static_cast<std::uint64_t>(v.rows_global()),
                                        static_cast<std::uint64_t>(v.columns()), v.is_sparse() ? 1U : 0U};
  return checksum(std::as_bytes(std::span(whole)));
}

template std::uint64_t checksum(const DataMatrix<float>&);
template std::uint64_t checksum(const DataMatrix<double>&);

}  // namespace mpinmf::io
