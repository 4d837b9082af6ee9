#include "topic_counts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/philox.hpp"

namespace mpinmf::bench {
namespace {

constexpr double topic_shares[] = {0.6, 0.3, 0.1};               // of the tokens of a row
constexpr std::uint64_t topic_streams = std::uint64_t{1} << 40;  // rows have the streams below

double uniform(pcg64& random) {
  return unit_interval(random());
}

double normal(pcg64& random) {
  return normals({random(), random(), 0, 0})[0];
}

/// Marsaglia and Tsang (2000) for a shape of at least 1; below 1, gamma(a) = gamma(a + 1) u^(1 / a).
double gamma_variate(pcg64& random, double shape) {
  const double d = shape + 1 - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal(random), root = 1 + c * x, v = root * root * root;
    const double u = 1 - uniform(random);
    if (v > 0 && std::log(u) < x * x / 2 + d - d * v + d * std::log(v)) {
      return d * v * std::pow(1 - uniform(random), 1 / shape);
    }
  }
}

}  // namespace

double TopicCounts::Topic::share(ColumnIndex column) const {
  const auto j = static_cast<std::size_t>(column);
  return cumulative[j] - (j == 0 ? 0 : cumulative[j - 1]);
}

TopicCounts::TopicCounts(Index columns, double mean_length, std::uint64_t seed, const CountLaw& law)
    : columns_(columns), seed_(seed), law_(law), counts_(static_cast<std::size_t>(columns)) {
  for (Index t = 0; t < law.topics; ++t) topics_.push_back(make_topic(t));
  fit_to_mean_length(mean_length);
}

TopicCounts::Topic TopicCounts::make_topic(Index number) const {
  pcg64 random(seed_, topic_streams + static_cast<std::uint64_t>(number));
  const auto n = static_cast<std::size_t>(columns_);
  Topic topic{std::vector<double>(n), std::vector<ColumnIndex>(n)};
  for (std::size_t j = 0; j < n; ++j) {
    const double zipf = std::pow(static_cast<double>(j) + law_.zipf_shift, -law_.zipf_exponent);
    topic.cumulative[j] = zipf * gamma_variate(random, law_.gamma_shape);
  }
  std::partial_sum(topic.cumulative.begin(), topic.cumulative.end(), topic.cumulative.begin());
  const double total = topic.cumulative.back();
  for (double& c : topic.cumulative) c /= total;
  topic.cumulative.back() = 1;
  std::size_t column = 0;
  for (std::size_t i = 0; i < n; ++i) {
    while (topic.cumulative[column] <= static_cast<double>(i) / static_cast<double>(n)) ++column;
    topic.begin[i] = static_cast<ColumnIndex>(column);
  }
  return topic;
}

ColumnIndex TopicCounts::draw(const Topic& topic, double u) const {
  auto column = static_cast<std::size_t>(topic.begin[static_cast<std::size_t>(u * static_cast<double>(columns_))]);
  while (topic.cumulative[column] <= u) ++column;
  return static_cast<ColumnIndex>(column);
}

TopicCounts::RowTopics TopicCounts::draw_tokens(Index row, pcg64& random) {
  for (ColumnIndex j : drawn_) counts_[static_cast<std::size_t>(j)] = 0;
  drawn_.clear();
  random = pcg64(seed_, static_cast<std::uint64_t>(row));
  RowTopics own;
  for (const Topic*& topic : own) topic = &topics_[random() % topics_.size()];
  // log-normal with mean 1
  const double sigma = law_.length_sigma, factor = std::exp(sigma * normal(random) - sigma * sigma / 2);
  const auto tokens = static_cast<Index>(mean_tokens_ * factor + uniform(random));
  for (Index token = 0; token < tokens; ++token) {
    const double share = uniform(random);
    const Topic& topic = *own[share < topic_shares[0] ? 0 : share < topic_shares[0] + topic_shares[1] ? 1 : 2];
    const ColumnIndex j = draw(topic, uniform(random));
    if (counts_[static_cast<std::size_t>(j)]++ == 0) drawn_.push_back(j);
  }
  return own;
}

/// 1 and the heads of four coins, which show more of them the more the row's topics prefer the column beside all.
double TopicCounts::rating(const RowTopics& topics, ColumnIndex column, pcg64& random) const {
  double own = 0, all = 0;
  for (std::size_t t = 0; t < topics.size(); ++t) own += topic_shares[t] * topics[t]->share(column);
  for (const Topic& topic : topics_) all += topic.share(column) / static_cast<double>(topics_.size());
  double heads = 0;
  for (int coin = 0; coin < 4; ++coin) heads += uniform(random) * (own + all) < own ? 1 : 0;
  return 1 + heads;
}

void TopicCounts::fit_to_mean_length(double mean_length) {
  // As many rounds of tokens as leave enough distinct columns; the first rows stand for all, fewer of them where
  // they are long. A narrow matrix may not have that many columns in its topics, and then stays a little emptier.
  const auto sample = static_cast<Index>(std::clamp(1e6 / mean_length, 256.0, 4096.0));
  constexpr int most_rounds = 8;
  pcg64 random;
  for (int rounds = 1; rounds <= most_rounds; ++rounds) {
    mean_tokens_ = rounds * mean_length;
    double distinct = 0;
    for (Index i = 0; i < sample; ++i) {
      draw_tokens(i, random);
      distinct += static_cast<double>(drawn_.size()) / static_cast<double>(sample);
    }
    kept_ = std::min(1.0, mean_length / distinct);
    if (distinct >= mean_length) return;
  }
}

void TopicCounts::make_row(Index row) {
  pcg64 random;
  const RowTopics topics = draw_tokens(row, random);
  std::sort(drawn_.begin(), drawn_.end());
  row_.clear();
  for (ColumnIndex j : drawn_) {
    if (uniform(random) >= kept_) continue;
    row_.push_back({row, j, law_.is_rating ? rating(topics, j, random) : counts_[static_cast<std::size_t>(j)]});
  }
}

void TopicCounts::lengths(Index first, std::span<Index> lengths) {
  for (Index& length : lengths) {
    make_row(first++);
    length = static_cast<Index>(row_.size());
  }
}

void TopicCounts::read(Index first, Index count, const std::function<void(std::span<const io::Entry>)>& take) {
  for (Index i = first; i < first + count; ++i) {
    make_row(i);
    take(row_);
  }
}

}  // namespace mpinmf::bench
