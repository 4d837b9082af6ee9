#include "subset.hpp"

#include <algorithm>

namespace mpinmf::io {

Subset::Subset(Index all, std::vector<std::uint64_t> words) : all_(all), words_(std::move(words)) {
  before_.reserve(words_.size());
  for (const std::uint64_t word : words_) {
    before_.push_back(count_);
    count_ += __builtin_popcountll(word);
  }
}

Subset Subset::of(Index all, std::span<const Index> kept) {
  std::vector<std::uint64_t> words(static_cast<std::size_t>((all + 63) / 64));
  for (const Index number : kept)
    words[static_cast<std::size_t>(number / 64)] |= std::uint64_t{1} << (number % 64);
  return {all, std::move(words)};
}

Index Subset::number_at(Index place) const {
  if (words_.empty()) return first_ + place;
  const auto word = std::upper_bound(before_.begin(), before_.end(), place) - before_.begin() - 1;
  std::uint64_t rest = words_[static_cast<std::size_t>(word)];
  for (Index i = before_[static_cast<std::size_t>(word)]; i < place; ++i) rest &= rest - 1;  // the lowest bit goes
  return word * 64 + __builtin_ctzll(rest);
}

std::vector<Index> Subset::numbers() const {
  std::vector<Index> numbers;
  numbers.reserve(static_cast<std::size_t>(count_));
  for (Index i = 0; i < all_; ++i) {
    if (has(i)) numbers.push_back(i);
  }
  return numbers;
}

}  // namespace mpinmf::io
