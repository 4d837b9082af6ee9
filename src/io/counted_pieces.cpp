#include "counted_pieces.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "file.hpp"

namespace mpinmf::io {

std::vector<Index> CountedPieces::count(int part, int parts) {
  const Counts counts = count_piece(part, parts);
  std::vector<Index> numbers(counts.begin(), counts.end());
  numbers.push_back(File::open_to_read(path_).size());
  return numbers;
}

void CountedPieces::take_counts(std::span<const std::vector<Index>> of_pieces, MatrixHeader& header) {
  std::vector<Counts> counts(of_pieces.size());
  for (std::size_t r = 0; r < of_pieces.size(); ++r) {
    const Index here = of_pieces[r].back(), first = of_pieces.front().back();
    if (here != first) {
      throw SystemError(fmt::format(
          "{}: rank {} sees another file than rank 0 ({} bytes and {}); put it on a file system that all "
          "hosts share",
          path_, r, here, first));
    }
    std::copy_n(of_pieces[r].begin(), counts[r].size(), counts[r].begin());
  }
  add_up(counts);
  use_counts(counts, header);
}

void CountedPieces::add_up(std::span<const Counts> of_pieces) {
  before_.assign(1, 0);
  for (const Counts& counts : of_pieces) before_.push_back(before_.back() + counts.front());
}

Index CountedPieces::counted_before(int part, int parts) {
  if (before_.size() != static_cast<std::size_t>(parts) + 1) {
    std::vector<Counts> counts;
    for (int p = 0; p < parts; ++p) counts.push_back(count_piece(p, parts));
    add_up(counts);
  }
  return before_[static_cast<std::size_t>(part)];
}

void count_alone(Source& source) {
  if (source.is_counted) return;
  EntryPieces& pieces = *std::get<std::unique_ptr<EntryStream>>(source.reader)->pieces();
  const std::vector<Index> counts = pieces.count(0, 1);
  pieces.take_counts(std::span(&counts, 1), source.header);
  source.is_counted = true;
}

}  // namespace mpinmf::io
