#include "coherence.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace mpinmf::topics {
namespace {

constexpr double epsilon = 1e-12;  // gensim's
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

double mean(const std::vector<double>& values) {
  if (values.empty()) return unknown;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

class Probabilities {
 public:
  Probabilities(const TermPairs& pairs, const PairCounts& counts) : pairs_(pairs), counts_(counts) {}

  double of(Index a) const { return share(counts_.terms[static_cast<std::size_t>(a)]); }
  double of(Index a, Index b) const {
    return a == b ? of(a) : share(counts_.pairs[static_cast<std::size_t>(pairs_.pair(a, b))]);
  }
  double npmi(Index a, Index b) const {
    const double both = of(a, b) + epsilon;
    return std::log(both / (of(a) * of(b))) / -std::log(both);
  }

 private:
  double share(Index count) const { return static_cast<double>(count) / static_cast<double>(counts_.units); }

  const TermPairs& pairs_;
  const PairCounts& counts_;
};

double umass_of(const std::vector<Index>& topic, const Probabilities& p) {
  std::vector<double> values;
  for (std::size_t i = 1; i < topic.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double condition = p.of(topic[j]);
      values.push_back(condition > 0 ? std::log((p.of(topic[i], topic[j]) + epsilon) / condition) : 0);
    }
  }
  return mean(values);
}

double npmi_of(const std::vector<Index>& topic, const Probabilities& p) {
  std::vector<double> values;
  for (const Index a : topic) {
    for (const Index b : topic) {
      if (a != b) values.push_back(p.npmi(a, b));
    }
  }
  return mean(values);
}

double cosine_of_vectors(const std::vector<double>& a, const std::vector<double>& b) {
  const auto dot = [](const auto& x, const auto& y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  };
  return dot(a, b) / (std::sqrt(dot(a, a)) * std::sqrt(dot(b, b)));
}

double c_v_of(const std::vector<Index>& topic, const Probabilities& p) {
  std::vector<std::vector<double>> contexts;
  std::vector<double> sum(topic.size());
  for (const Index a : topic) {
    std::vector<double>& context = contexts.emplace_back();
    for (const Index b : topic) context.push_back(p.npmi(a, b));
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += context[j];
  }
  std::vector<double> values;
  for (const std::vector<double>& context : contexts) values.push_back(cosine_of_vectors(context, sum));
  return mean(values);
}

template <class F>
std::vector<double> of_each_topic(const TermPairs& pairs, const PairCounts& counts, F&& measure) {
  const Probabilities p(pairs, counts);
  std::vector<double> values;
  for (const std::vector<Index>& topic : pairs.topics()) {
    values.push_back(counts.units > 0 ? measure(topic, p) : unknown);
  }
  return values;
}

}  // namespace

std::vector<double> umass(const TermPairs& pairs, const PairCounts& documents) {
  return of_each_topic(pairs, documents, umass_of);
}

std::vector<double> npmi(const TermPairs& pairs, const PairCounts& windows) {
  return of_each_topic(pairs, windows, npmi_of);
}

std::vector<double> c_v(const TermPairs& pairs, const PairCounts& windows) {
  return of_each_topic(pairs, windows, c_v_of);
}

double mean_coherence(const std::vector<double>& of_topics) {
  std::vector<double> finite;
  for (const double value : of_topics) {
    if (std::isfinite(value)) finite.push_back(value);
  }
  return mean(finite);
}

}  // namespace mpinmf::topics
