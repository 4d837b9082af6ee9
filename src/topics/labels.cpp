#include "labels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace mpinmf::topics {
namespace {

/// Those that occur.
using Sizes = std::vector<double>;

struct Margins {
  Sizes topics, labels;
  double all = 0;
};

Margins margins(const LabelTable& table) {
  Margins m;
  m.topics.resize(static_cast<std::size_t>(table.topics));
  m.labels.resize(static_cast<std::size_t>(table.labels));
  for (Index t = 0; t < table.topics; ++t) {
    for (Index l = 0; l < table.labels; ++l) {
      const auto count = static_cast<double>(table.at(t, l));
      m.topics[static_cast<std::size_t>(t)] += count;
      m.labels[static_cast<std::size_t>(l)] += count;
      m.all += count;
    }
  }
  return m;
}

Index occurring(const Sizes& sizes) {
  return std::count_if(sizes.begin(), sizes.end(), [](double size) { return size > 0; });
}

double entropy(const Sizes& sizes, double all) {
  double sum = 0;
  for (const double size : sizes) {
    if (size > 0) sum -= size / all * (std::log(size) - std::log(all));
  }
  return sum;
}

double mutual_information(const LabelTable& table, const Margins& m) {
  double sum = 0;
  for (Index t = 0; t < table.topics; ++t) {
    for (Index l = 0; l < table.labels; ++l) {
      const auto count = static_cast<double>(table.at(t, l));
      if (count == 0) continue;
      const double expected =
          m.topics[static_cast<std::size_t>(t)] * m.labels[static_cast<std::size_t>(l)] / m.all;
      const double part = count / m.all * std::log(count / expected);
      if (std::abs(part) >= std::numeric_limits<double>::epsilon()) sum += part;
    }
  }
  return std::max(sum, 0.0);
}

double normalized_mutual_information(const LabelTable& table, const Margins& m) {
  const Index topics = occurring(m.topics), labels = occurring(m.labels);
  if (topics == 1 && labels == 1) return 1;
  if (topics == 1 || labels == 1) return 0;
  const double information = mutual_information(table, m);
  if (information == 0) return 0;
  return information / (0.5 * (entropy(m.topics, m.all) + entropy(m.labels, m.all)));
}

double adjusted_rand_index(const LabelTable& table, const Margins& m) {
  const auto squares = [](const auto& sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), 0.0L, [](long double sum, auto size) {
      return sum + static_cast<long double>(size) * static_cast<long double>(size);
    });
  };
  // ordered pairs of rows: together in both, in one alone, in neither
  const long double all = m.all, both = squares(table.counts), topics = squares(m.topics),
                    labels = squares(m.labels);
  const long double tp = both - all, fp = topics - both, fn = labels - both, tn = all * all - fp - fn - both;
  if (fn == 0 && fp == 0) return 1;
  return static_cast<double>(2 * (tp * tn - fn * fp) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn)));
}

}  // namespace

Index LabelTable::rows() const {
  return std::accumulate(counts.begin(), counts.end(), Index{0});
}

LabelTable table_of_labels(const Comm& comm, std::span<const Index> topic_of, Index topics,
                           std::span<const Index> label_of, Index labels) {
  LabelTable table = {topics + 1, labels, std::vector<Index>(static_cast<std::size_t>((topics + 1) * labels))};
  for (std::size_t i = 0; i < topic_of.size(); ++i) {
    if (label_of[i] < 0) continue;
    const Index topic = topic_of[i] < 0 ? topics : topic_of[i];
    ++table.counts[static_cast<std::size_t>(topic * labels + label_of[i])];
  }
  comm.sum(std::span(table.counts));
  return table;
}

Agreement agreement(const LabelTable& table) {
  const Margins m = margins(table);
  Agreement result;
  for (Index t = 0; t < table.topics; ++t) {
    const auto row = table.counts.begin() + t * table.labels;
    result.purity += static_cast<double>(*std::max_element(row, row + table.labels)) / m.all;
  }
  result.nmi = normalized_mutual_information(table, m);
  result.ari = adjusted_rand_index(table, m);
  return result;
}

}  // namespace mpinmf::topics
