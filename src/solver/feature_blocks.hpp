// Work on the rows of H transposed, in blocks, by threads.
#pragma once

#include <algorithm>
#include <vector>

#include "factor_sums.hpp"
#include "machine/team.hpp"
#include "sums.hpp"

namespace mpinmf {

/// Features are worked on in blocks, so that the work space stays in cache. Blocks are cut into segments, which
/// are fixed ranges with sums of their own, and these among threads: the bits of the sums do not depend on the
/// number of threads.
class FeatureBlocks {
 public:
  static constexpr Index block_rows = 256;

  /// n features of k components.
  FeatureBlocks(Index features, Index components, int threads)
      : components_(components),
        threads_(threads),
        most_segments_(segments_for(features, components)),
        numbers_(static_cast<std::size_t>(FactorSums::numbers(components) * most_segments_)) {}

  /// Bytes that this allocates.
  static double bytes(Index features, Index components) {
    return plain_bytes<double>(segments_for(features, components), FactorSums::numbers(components));
  }

  int threads() const { return threads_; }
  /// work(rows, thread, sums) for each block of these features; `total` becomes the sums of all of them, added up
  /// in the order of segments. Throws what the first thread to fail threw.
  template <class F>
  void for_each(FeatureRange features, const FactorSums& total, F&& work) {
    const Index blocks = blocks_of(features.count), segments = std::min(most_segments_, blocks);
    Team team(segments > 1 ? threads_ : 1);
    const Index parts = team.parts();
    team.each([&](int part) {
      for (Index s = part * segments / parts; s < (part + 1) * segments / parts; ++s) {
        const FactorSums sums = segment(s);
        sums.clear();
        for (Index block = s * blocks / segments; block < (s + 1) * blocks / segments; ++block) {
          const Index first = block * block_rows;
          const FeatureRange rows{features.first + first, std::min(block_rows, features.count - first)};
          work(rows, static_cast<std::size_t>(part), sums);
        }
      }
    });
    total.clear();
    for (Index s = 0; s < segments; ++s) total.add(segment(s));
  }

 private:
  static Index blocks_of(Index rows) { return (rows + block_rows - 1) / block_rows; }
  /// The sums of segments may take half as much memory as H. Never a function of the number of threads, because
  /// the cut decides the order of sums.
  static Index segments_for(Index features, Index components) {
    constexpr Index most_threads_of_use = 64;
    return std::clamp(features / (2 * components), Index{1},
                      std::max(Index{1}, std::min(most_threads_of_use, blocks_of(features))));
  }
  FactorSums segment(Index s) {
    const auto count = static_cast<std::size_t>(FactorSums::numbers(components_));
    return {std::span<double>(numbers_).subspan(static_cast<std::size_t>(s) * count, count), components_};
  }

  Index components_;
  int threads_;
  Index most_segments_;
  std::vector<double> numbers_;  // FactorSums of each segment
};

}  // namespace mpinmf
