#include "chunks.hpp"

#include <algorithm>

#include "factor_sums.hpp"

namespace mpinmf {
namespace {

constexpr Index mebibyte = Index{1} << 20;

/// Sums and rows of H in a chunk. Measured with 2 and 4 ranks on one host: from half to twice of this made no
/// difference beyond noise; chunks of 8 times this lost overlap.
constexpr Index least_chunk_bytes = 2 * mebibyte;
/// Sums and rows of H in all. Measured likewise: with 4 ranks chunks took 0.5 to 0.8 of the time of one sum, the
/// rule on the root and one broadcast from here on; below, as long or longer.
constexpr Index least_pipelined_bytes = 30 * mebibyte;
/// Two ranks share the rule's work by two only, which pays for MPI's slower non-blocking sums where there is much
/// of it for each number sent. Measured: 1.6 times the time with k = 20, 0.6 times with k = 100.
constexpr Index least_components_of_two_ranks = 64;
/// The Gram matrix that travels with a chunk is then at most a sixteenth of its numerators.
constexpr Index least_features_per_component = 16;
/// Features that a rank takes over from the others where their work outweighs the messages.
constexpr Index least_shared_features = 16;

Index ceil_div(Index a, Index b) {
  return (a + b - 1) / b;
}

}  // namespace

Index tail_numbers(Index components) {
  return FactorSums::numbers(components) + 1;
}

FeatureRange Chunks::range(Index c) const {
  if (!pipelined()) return {0, features};
  const Index first = c * height;
  return {first, std::min(height, features - first)};
}

Chunks chunks_for(Index features, Index components, Index element_bytes, int ranks, bool outweighs_messages) {
  const Chunks whole{features, 0};
  const Index most_in_message = longest_message / padded_to_vector<float>(components);
  if (tail_numbers(components) > longest_message || most_in_message == 0) return whole;
  if (outweighs_messages && ranks > 1 && features >= least_shared_features * ranks) {
    return {features, std::min(ceil_div(features, ranks), most_in_message)};
  }
  const Index feature_bytes = components * (static_cast<Index>(sizeof(double)) + element_bytes);
  if (ranks == 1 || features * feature_bytes < least_pipelined_bytes) return whole;
  if (ranks == 2 && components < least_components_of_two_ranks) return whole;
  const Index least_height =
      std::max(ceil_div(least_chunk_bytes, feature_bytes), least_features_per_component * components);
  Index count = features / least_height;
  if (count > ranks) count = count / ranks * ranks;  // as many turns for each
  if (count < 2) return whole;
  return {features, std::min(ceil_div(features, count), most_in_message)};
}

}  // namespace mpinmf
