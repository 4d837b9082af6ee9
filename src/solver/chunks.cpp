#include "chunks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>

#include "decision.hpp"
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
constexpr Index longest_message = std::numeric_limits<int>::max();

// costs, and what ranks were asked to do: to stop, to save
constexpr Index cost_numbers = sizeof(PanelCost) / sizeof(double) + 2,
                verdict_numbers = sizeof(Verdict) / sizeof(double);

Index ceil_div(Index a, Index b) {
  return (a + b - 1) / b;
}

Index numbers_of(StatisticsSet statistics, Index n, Index k) {
  Index numbers = 0;
  statistics.for_each([&](Statistic s) { numbers += rows_of(s, n, k) * k; });
  return numbers;
}

/// The same as a formula: 2*16*16.
std::string numbers_text(StatisticsSet statistics, Index n, Index k) {
  std::vector<std::string> terms;
  for (const StatisticRows rows : {StatisticRows::of_factor, StatisticRows::components, StatisticRows::one}) {
    int count = 0;
    statistics.for_each([&](Statistic s) { count += rows_of(s) == rows ? 1 : 0; });
    if (count == 0) continue;
    std::string term = count > 1 ? fmt::format("{}*", count) : "";
    if (rows == StatisticRows::of_factor) term += fmt::format("{}*", n);
    if (rows == StatisticRows::components) term += fmt::format("{}*", k);
    terms.push_back(term + std::to_string(k));
  }
  return fmt::format("{}", fmt::join(terms, " + "));
}

/// One packed sum, one broadcast.
Communication in_one(StatisticsSet statistics, Index n, const CommunicationSizes& sizes, Index element_bytes) {
  const Index k = sizes.components;
  const Index numbers = numbers_of(statistics, n, k) + cost_numbers;
  const Index lanes = vector_bytes / element_bytes, padded = ceil_div(k, lanes) * lanes;
  const Index tail_rows = ceil_div(8 * (k * k + k + decision_numbers), padded * element_bytes);
  const Index broadcast = (n + tail_rows) * padded * element_bytes;
  Communication result;
  result.bytes_by_formula = 8 * numbers + broadcast;
  result.messages_by_formula = ceil_div(numbers, longest_message) + ceil_div(broadcast, longest_message);
  if (sizes.decides_first) {
    result.bytes_by_formula += 8 * decision_numbers;
    result.messages_by_formula += 1;
  }
  result.formula = fmt::format(
      "sum of 8*({n}*{k} + {others} + {costs}) bytes, broadcast of {s}*{padded}*({n} + {tail}) bytes: H, "
      "whose "
      "rows are padded to {padded}, and {tail} rows for H H', its sums and the decision{first}",
      fmt::arg("n", n), fmt::arg("k", k),
      fmt::arg("others", numbers_text(statistics - StatisticsSet{Statistic::numerator}, n, k)),
      fmt::arg("costs", cost_numbers), fmt::arg("s", element_bytes), fmt::arg("padded", padded),
      fmt::arg("tail", tail_rows),
      fmt::arg("first", sizes.decides_first
                            ? fmt::format(", which is told before, too, in 8*{} bytes", decision_numbers)
                            : ""));
  return result;
}

/// The head of the sum, then for each chunk its large statistics, its rows and its tail; and the decision,
/// extrapolated after the verdict.
Communication in_chunks(StatisticsSet statistics, const CommunicationSizes& sizes, Index element_bytes,
                        const Chunks& chunks) {
  const Index k = sizes.components;
  const Index n = chunks.features, count = chunks.count();
  const StatisticsSet small = statistics - large_statistics;
  const Index lanes = vector_bytes / element_bytes, padded = ceil_div(k, lanes) * lanes;
  const Index head = numbers_of(small, n, k) + cost_numbers;
  const Index sums = (statistics & large_statistics).count(), tail = tail_numbers(k),
              ends = sizes.has_cross_gram ? 2 : 1;
  const Index end_numbers = decision_numbers + (sizes.has_cross_gram ? verdict_numbers : 0);
  Communication result;
  result.bytes_by_formula =
      8 * (head + sums * n * k) + element_bytes * padded * n + 8 * (count * tail + end_numbers);
  result.messages_by_formula = 1 + count * (sums + 2) + ends;
  result.formula = fmt::format(
      "sums of 8*({head} + {sums}*{n}*{k}) bytes in 1 + {sums}*{count} messages, broadcasts of {s}*{padded}*{n} + "
      "8*({count}*{tail} + {decision}) bytes in 2*{count} + {ends} messages: H, whose rows are padded to "
      "{padded}, with each chunk its share of H H' and of its sums, and the decision",
      fmt::arg("head", small.count() == 0 ? std::to_string(cost_numbers)
                                          : fmt::format("{} + {}", numbers_text(small, n, k), cost_numbers)),
      fmt::arg("sums", sums), fmt::arg("n", n), fmt::arg("k", k), fmt::arg("count", count),
      fmt::arg("s", element_bytes), fmt::arg("padded", padded), fmt::arg("tail", tail),
      fmt::arg("decision", end_numbers), fmt::arg("ends", ends));
  return result;
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

Communication communication_of(StatisticsSet statistics, const CommunicationSizes& sizes, Index element_bytes,
                               int ranks, const Chunks& chunks) {
  if (sizes.has_cross_gram) statistics = statistics | StatisticsSet{Statistic::cross_gram};
  Communication result;
  if (ranks == 1) {
    result.formula = "0: one rank";
  } else if (chunks.pipelined()) {
    result = in_chunks(statistics, sizes, element_bytes, chunks);
  } else {
    result = in_one(statistics, chunks.features, sizes, element_bytes);
  }
  result.pipelined = ranks > 1 && chunks.pipelined();
  result.chunks = chunks.count();
  return result;
}

}  // namespace mpinmf
